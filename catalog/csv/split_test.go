package csv

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/sqltype"
)

// textTable is a table of n text columns over one file, nothing sniffed.
func textTable(t testing.TB, content string, n int, options map[string]string) (def *catalog.TableDef, read func(splits []catalog.Split) ([]string, int, error)) {
	t.Helper()
	store, files := put(t, "f.csv", content)
	fields := make([]arrow.Field, n)
	for i := range fields {
		fields[i] = arrow.Field{Name: fmt.Sprintf("c%d", i), Type: sqltype.Text, Nullable: true}
	}
	def = &catalog.TableDef{Format: "csv", Options: options, Schema: arrow.NewSchema(fields, nil), Files: files}
	if options[optDeclared] == "" {
		options[optDeclared] = "true"
	}
	return def, func(splits []catalog.Split) ([]string, int, error) { return readChain(store, specOf(def), splits) }
}

// cutAt makes splits of a file that begin at 0 and at the positions given.
func cutAt(f catalog.FileInfo, at ...int64) []catalog.Split {
	at = append([]int64{0}, at...)
	var splits []catalog.Split
	for i, start := range at {
		end := f.Size
		if i+1 < len(at) {
			end = at[i+1]
		}
		splits = append(splits, catalog.Split{Index: i, File: f, Start: start, End: end, Exact: start == 0})
	}
	return splits
}

// checkSplits compares reads in splits with the serial read: each single cut,
// and some with many.
func checkSplits(t *testing.T, content string, columns int, options map[string]string) {
	t.Helper()
	def, read := textTable(t, content, columns, options)
	f := def.Files[0]
	want, _, serialErr := read(cutAt(f))
	check := func(at ...int64) {
		t.Helper()
		got, _, err := read(cutAt(f, at...))
		if (err == nil) != (serialErr == nil) || err != nil && err.Error() != serialErr.Error() {
			t.Fatalf("%q cut at %v: error %v, serially %v", content, at, err, serialErr)
		}
		if err == nil && !slices.Equal(got, want) {
			t.Fatalf("%q cut at %v:\n got %q\nwant %q", content, at, got, want)
		}
	}
	for at := int64(1); at < f.Size; at++ {
		check(at)
	}
	for _, step := range []int64{1, 2, 3, 7} {
		var at []int64
		for p := step; p < f.Size; p += step {
			at = append(at, p)
		}
		if len(at) < 200 {
			check(at...)
		}
	}
}

func TestSplitsEqualSerialRead(t *testing.T) {
	for _, content := range []string{
		"a,b\n1,2\n3,4\n",
		"a,b\n1,2\n3,4",
		"a,b\r\n1,2\r\n\r\n3,4\r\n",
		"a,b\n\"x\ny\",\"z\n,\n\"\n\"\",\"\"\"\"\n\"\n\"\"\n\",q\n",
		"a,b\n1,\"2\n2\"\n\n\n\n3,\"4,5\n6,7\n8,9\"\n10,11\n",
		"a,b\n\"\"\"\",\"\n\"\"\n\"\"\n\"\n1,2\n",
		"a,b\n1 , \"2\n3\" \n \"4\",5\n",
		"a,b\nx\"y,z\"\nx\"\"y,\"z\n\"\n",
		"\ufeffa,b\n1,2\n",
		"a,b\n" + strings.Repeat("\"q\nq\",\"r,\nr\"\n", 20),
		"a,b\n1,\"unclosed\n2,3\n4,5\n",
		"a,b\n1,2\n3\n4,5\n\"6\n7\",8,9\n",
		"\"a\nb\",\"c\nd\ne\"\n1,2\n",
	} {
		checkSplits(t, content, 2, opts("header", "true"))
		checkSplits(t, content, 2, opts("header", "false"))
		checkSplits(t, content, 2, opts("header", "true", "skip", "1", "batch_rows", "1"))
		checkSplits(t, content, 2, opts("header", "true", "escape", "\\", "null_padding", "true"))
		checkSplits(t, content, 2, opts("header", "true", "quote", ""))
		checkSplits(t, content, 1, opts("header", "false", "delim", ";"))
	}
	checkSplits(t, "a,b\r1,2\r\"3\r\n\",4\r", 2, opts("header", "true", "new_line", `\r`))
	for _, content := range []string{
		"a,b\r1,2\r\n3,4\n\r\n5,\"x\r\ny\rz\"\r\r6,\"7\"\r\n\"8\",9\r",
		"a\r\rb\n\nc\r\n\r\nd",
	} {
		checkSplits(t, content, 2, opts("header", "true", "new_line", "mixed"))
		checkSplits(t, content, 1, opts("header", "false", "new_line", "mixed", "delim", ";"))
	}
	for _, content := range []string{
		"a||b\n1|||2\n\"x||\ny\"||\"|\"\n3||4||\n||\n|\n",
		"a||b\r\n\"1\"|\"2\"\r\n3||4\r\n",
	} {
		checkSplits(t, content, 2, opts("header", "true", "delim", "||", "null_padding", "true"))
		checkSplits(t, content, 2, opts("header", "false", "delim", "||"))
	}
	checkSplits(t, "a,b\n#\"\n1,2\n#3,4,5\n\"#6\n#\",7\n", 2, opts("header", "true", "comment", "#"))
	for _, inline := range []string{"true", "false"} {
		for _, content := range []string{
			"a,b\n1,2#x,\"\n \n # c\n3,\"4#5\" # \"y\n\"6\n#7\",8\n#\n",
			"a,b#,c\r\n1,2#\r\n3,\"4\"#\n5,6",
		} {
			checkSplits(t, content, 2, opts("header", "true", "comment", "#", "inline_comments", inline))
		}
	}
}

// odd makes files of the bytes that matter.
func odd(r *rand.Rand, n int) string {
	alphabet := []string{"\n", "\"", ",", "a", "\r\n", "\"\"", " ", "\\", "\",\"", "\"\n", "1,2\n", "\"x\ny\",z\n"}
	var sb strings.Builder
	for sb.Len() < n {
		sb.WriteString(alphabet[r.IntN(len(alphabet))])
	}
	return sb.String()
}

func TestSplitsOfOddFiles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 120 {
		content := odd(r, 1+r.IntN(60))
		options := opts("header", fmt.Sprint(r.IntN(2) == 0), "null_padding", fmt.Sprint(r.IntN(2) == 0))
		switch r.IntN(6) {
		case 0:
			options["escape"] = "\\"
		case 1:
			options["new_line"] = "mixed"
			content = strings.ReplaceAll(content, "a", "\r")
		case 2:
			options["delim"] = ",\""
			options["quote"] = "a"
		}
		checkSplits(t, content, 1+r.IntN(3), options)
	}
}

func FuzzSplits(f *testing.F) {
	f.Add("a,b\n\"x\ny\",1\n", uint8(2), true)
	f.Add("a\r\n\"\"\"\n\",\n", uint8(1), false)
	f.Add("a,b#\"\n # c\n\"x#\ny\"#,1\n", uint8(0x42), true)
	f.Add("a,b\r#\"\r\n\"x\ry\",1", uint8(0x82), true)
	f.Fuzz(func(t *testing.T, content string, columns uint8, padding bool) {
		if len(content) == 0 || len(content) > 200 {
			t.Skip()
		}
		options := opts("header", "false", "null_padding", fmt.Sprint(padding))
		if columns&0x40 != 0 {
			options[optComment] = "#"
		}
		if columns&0x80 != 0 {
			options[optNewLine] = "mixed"
		}
		checkSplits(t, content, 1+int(columns%3), options)
	})
}

// Well-formed files must seldom be read twice: a split a megabyte apart is not
// worth much when each one's start is guessed wrong.
func TestSpeculationIsMostlyRight(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var sb strings.Builder
	sb.WriteString("id,text,n\n")
	for i := range 2000 {
		text := strings.Repeat("lorem, \"\"ipsum\"\"\ndolor\n", r.IntN(6))
		fmt.Fprintf(&sb, "%d,\"%s\",%d\n", i, text, r.IntN(100))
	}
	def, read := textTable(t, sb.String(), 3, opts("header", "true"))
	f := def.Files[0]
	var at []int64
	for p := int64(1000); p < f.Size; p += 997 {
		at = append(at, p)
	}
	rows, again, err := read(cutAt(f, at...))
	if err != nil || len(rows) != 2000 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if again > len(at)/100 {
		t.Errorf("%d of %d splits read again", again, len(at))
	}
}

func TestSplitSizes(t *testing.T) {
	tests := []struct {
		size   int64
		target catalog.SplitTarget
		want   int
	}{
		{60_000, catalog.SplitTarget{Slots: 2}, 1},
		{60_000, catalog.SplitTarget{Slots: 2, Costly: true}, 8},
		{60_000, catalog.SplitTarget{Slots: 4, Costly: true}, 15},
		{60_000, catalog.SplitTarget{Slots: 4, Costly: true, Bytes: 10_000}, 15},
		{100, catalog.SplitTarget{Slots: 4, Costly: true}, 1},
		{256 << 20, catalog.SplitTarget{Slots: 2}, 8},
		{256 << 20, catalog.SplitTarget{Slots: 2, Bytes: 16 << 20}, 16},
		{0, catalog.SplitTarget{Slots: 2}, 0},
	}
	for _, tt := range tests {
		def := &catalog.TableDef{Schema: arrow.NewSchema(nil, nil), Files: []catalog.FileInfo{{Path: "/f.csv", Size: tt.size}}}
		splits, err := New().Splits(context.Background(), nil, def, specOf(def), tt.target)
		if err != nil || len(splits) != tt.want {
			t.Errorf("%d bytes, %+v: %d splits, %v; want %d", tt.size, tt.target, len(splits), err, tt.want)
		}
		end := int64(0)
		for i, s := range splits {
			if s.Start != end || s.Index != i || s.Exact != (i == 0) {
				t.Errorf("split %d is %+v after %d", i, s, end)
			}
			end = s.End
		}
		if end != tt.size {
			t.Errorf("splits end at %d of %d", end, tt.size)
		}
	}
}
