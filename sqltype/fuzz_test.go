package sqltype

import (
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// seed adds the inputs of the golden table to a fuzz target.
func seed(f *testing.F) {
	for _, row := range golden(f, "input.txt", 3) {
		f.Add([]byte(row[1]))
	}
}

// known fails on an error without a SQLSTATE of its own.
func known(t *testing.T, err error) {
	if err != nil && sqlerr.Code(err) == sqlerr.InternalError {
		t.Fatal(err)
	}
}

func FuzzNumeric(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if d := DecodeNum(b); d.Cmp(DecodeNum(AppendNum(nil, d))) != 0 {
			t.Fatalf("%x does not survive", b)
		}
		n, err := ParseNum(b)
		if known(t, err); err != nil || n.numDigits() > 2000 {
			return
		}
		if back, err := ParseNum(n.AppendText(nil)); err != nil || back.String() != n.String() {
			t.Fatalf("%s read back as %s, %v", n, back, err)
		}
	})
}

func FuzzNumber(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := ParseInt(b, 64)
		known(t, err)
		if err == nil {
			if n, err := ParseNum(b); err != nil || n.Cmp(NumFromInt64(v)) != 0 {
				t.Fatalf("%q is %d and %s, %v", b, v, n, err)
			}
		}
		_, err = ParseFloat(b, 64)
		known(t, err)
		_, err = ParseFloat(b, 32)
		known(t, err)
		_, err = ParseDecimal(b, 20, 5)
		known(t, err)
		_, err = ParseBool(b)
		known(t, err)
	})
}

func FuzzDateTime(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		now = func() time.Time { return time.Unix(1e9, 0) }
		d, err := ParseDate(b)
		if known(t, err); err == nil {
			if back, err := ParseDate(AppendDate(nil, d)); err != nil || back != d {
				t.Fatalf("%q: %s read back as %d, %v", b, AppendDate(nil, d), back, err)
			}
		}
		v, err := ParseTimestamp(b)
		if known(t, err); err == nil {
			if back, err := ParseTimestamp(AppendTimestamp(nil, v)); err != nil || back != v {
				t.Fatalf("%q: %s read back as %d, %v", b, AppendTimestamp(nil, v), back, err)
			}
		}
		_, err = ParseTimestampTZ(b, nil)
		known(t, err)
		v, err = ParseTime(b)
		if known(t, err); err == nil && (v < 0 || v > MicrosPerDay) {
			t.Fatalf("%q is %d", b, v)
		}
	})
}

func FuzzInterval(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := ParseInterval(b)
		if known(t, err); err != nil {
			return
		}
		if back, err := ParseInterval(AppendInterval(nil, v)); err != nil || back != v {
			t.Fatalf("%q: %s read back as %v, %v", b, AppendInterval(nil, v), back, err)
		}
	})
}

func FuzzText(f *testing.F) {
	seed(f)
	all := append([]arrow.DataType(nil), arrow.ListOf(Text), arrow.ListOf(arrow.ListOf(Int32)), UUID, JSON, JSONB, Bytea,
		arrow.StructOf(arrow.Field{Name: "a", Type: Text, Nullable: true}, arrow.Field{Name: "b", Type: Int32, Nullable: true}))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, typ := range all {
			a, err := Scalar(typ, string(b))
			if known(t, err); err != nil {
				continue
			}
			text := NewTextEncoder(typ, TextOptions{})(nil, a, 0)
			back, err := Scalar(typ, string(text))
			if err != nil {
				t.Fatalf("%s %q: %s does not read back: %v", Name(typ), b, text, err)
			}
			if again := NewTextEncoder(typ, TextOptions{})(nil, back, 0); string(again) != string(text) {
				t.Fatalf("%s %q: %s read back as %s", Name(typ), b, text, again)
			}
		}
	})
}
