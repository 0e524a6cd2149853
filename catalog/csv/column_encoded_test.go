package csv

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
)

// TestEncodedColumn compares text that may be dictionary-encoded with plain text,
// over batches taken in pieces, with more and more values, NULLs and long ones.
func TestEncodedColumn(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	encoded, gaveUp := 0, 0
	for range 300 {
		o := &options{nulls: []string{""}}
		switch r.IntN(4) {
		case 0:
			o.nulls = nil
		case 1:
			o.nulls = []string{"9"}
		}
		rows := 1 + r.IntN(300)
		n := newNulls(o, rows)
		n.quoted = r.IntN(2) == 0
		want := &textColumn{nulls: n, typ: arrow.BinaryTypes.String}
		got := newEncodedColumn(textColumn{nulls: n, typ: arrow.BinaryTypes.String})
		values, odd := 1+r.IntN(1+r.IntN(400)), r.IntN(3) == 0
		for range 1 + r.IntN(4) { // batches
			have, dict := 0, got.dict
			for have < rows && r.IntN(10) > 0 {
				var text strings.Builder
				var fields []span
				for range r.IntN(rows - have + 1) {
					beg := text.Len()
					v := r.IntN(values)
					fmt.Fprintf(&text, "%.*s", 1+v%maxShortText, fmt.Sprint(v*v, "äb", v, "cdefghij"))
					if odd && r.IntN(200) == 0 {
						text.WriteString([]string{"0123456789abcdef", "\x00", "\xff", "ä"}[r.IntN(4)])
					}
					end := text.Len()
					if odd && r.IntN(200) == 0 {
						end = beg
					}
					fields = append(fields, span{uint32(beg), uint32(end)})
					if r.IntN(5) == 0 {
						fields[len(fields)-1].beg |= quotedBit
					}
				}
				buf := append([]byte(text.String()), make([]byte, pad)...)
				wantBad, wantErr := want.append(buf, fields)
				gotBad, gotErr := got.append(buf, fields)
				if gotBad != wantBad || fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
					t.Fatalf("field %d is bad (%v), want %d (%v)", gotBad, gotErr, wantBad, wantErr)
				}
				if wantErr != nil {
					break
				}
				have += len(fields)
			}
			if want.n != have { // it ended with an error
				break
			}
			a, b := got.finish(have), want.finish(have)
			if a.DataType().ID() == arrow.DICTIONARY {
				encoded++
				if dict != nil && a.Data().Dictionary() != dict && a.Data().Dictionary().Len() == dict.Len() {
					t.Fatal("the same values are another dictionary")
				}
			} else {
				gaveUp++
			}
			if p := plainTexts(a); fmt.Sprint(p) != fmt.Sprint(plainTexts(b)) {
				t.Fatalf("%q, want %q", p, plainTexts(b))
			}
		}
	}
	if encoded == 0 || gaveUp == 0 {
		t.Errorf("%d batches were encoded, %d not", encoded, gaveUp)
	}
}

func plainTexts(a arrow.Array) (out []string) {
	a = plain(a)
	for i := range a.Len() {
		if a.IsNull(i) {
			out = append(out, "NULL")
		} else {
			out = append(out, fmt.Sprintf("%q", a.ValueStr(i)))
		}
	}
	return out
}
