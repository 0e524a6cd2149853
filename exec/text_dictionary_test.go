package exec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"pgregory.net/rapid"

	"volley/exec/kernel"
	"volley/sqltype"
)

// texts is n texts of so many bytes, of which so many are distinct.
func texts(n, distinct, width int) *array.String {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for i := range n {
		b.Append(strings.Repeat("x", width-6) + fmt.Sprintf("%06d", i*7919%distinct))
	}
	return b.NewStringArray()
}

// encodedTexts is texts with a dictionary of its own.
func encodedTexts(n, distinct, width int) arrow.Array {
	indices := make([]uint32, n)
	for i := range indices {
		indices[i] = uint32(i * 7919 % distinct)
	}
	return kernel.Indexed(kernel.Indices(indices, nil), texts(distinct, distinct, width))
}

func TestWhichTextIsEncoded(t *testing.T) {
	for name, c := range map[string]struct {
		col  arrow.Array
		only bool // what comes encoded
		want bool
	}{
		"few long texts":         {texts(1000, 8, 30), false, true},
		"of a process alone":     {texts(1000, 8, 30), true, false},
		"many texts":             {texts(1000, 900, 30), false, false},
		"short texts":            {texts(1000, 8, 6), false, false},
		"few rows":               {texts(10, 2, 30), false, false},
		"encoded":                {encodedTexts(1000, 8, 6), true, true},
		"encoded, few rows":      {encodedTexts(3, 2, 6), true, true},
		"encoded, half distinct": {encodedTexts(1000, 500, 6), true, true},
		"encoded, many texts":    {encodedTexts(1000, 900, 6), true, false},
		"encoded, very long":     {encodedTexts(1000, 2, maxTextLength+1), true, false},
		"encoded, long together": {encodedTexts(5000, 1100, 1000), true, false},
	} {
		got, err := newTextDictionary(sqltype.Text, c.only).encode(c.col)
		if err != nil || (got != nil) != c.want {
			t.Errorf("%s: it is encoded: %v, %v", name, got != nil, err)
		}
	}
}

// drawHeld is a record of text of some number of distinct values, encoded or not, and
// of their numbers.
func drawHeld(t *rapid.T, schema *arrow.Schema) arrow.Record {
	n := rapid.SampledFrom([]int{1, 30, 500}).Draw(t, "rows")
	distinct := rapid.SampledFrom([]int{1, 20, 70, 400}).Draw(t, "distinct")
	var text arrow.Array = texts(n, distinct, rapid.SampledFrom([]int{6, 30}).Draw(t, "width"))
	if rapid.IntRange(0, 3).Draw(t, "encoded") > 0 {
		text = encodedTexts(n, distinct, 10)
	}
	if rapid.Bool().Draw(t, "nulls") {
		rows := make([]int32, n)
		for i := range rows {
			rows[i] = int32(i)
			if i%5 == 2 {
				rows[i] = -1
			}
		}
		var err error
		if text, err = kernel.Take(text, rows); err != nil {
			t.Fatalf("%v", err)
		}
	}
	numbers := make([]int64, n)
	for i := range numbers {
		numbers[i] = int64(i)
	}
	return kernel.Record(schema, []arrow.Array{kernel.FromValues(sqltype.Int64, numbers, nil), text}, n)
}

// Records keep their rows while they are held, whether their text stays encoded, never
// was, or is given up in between.
func TestHeldRecordsKeepTheirRows(t *testing.T) {
	schema := schemaOf(sqltype.Int64, sqltype.Text)
	kept, changed := 0, 0
	check := func(t *rapid.T) {
		h := newHeldRecords(schema)
		var want []arrow.Record
		for range rapid.IntRange(0, 8).Draw(t, "records") {
			rec := drawHeld(t, schema)
			bytes, err := h.offer(rec)
			if err != nil {
				t.Fatalf("%v", err)
			}
			if h.changed {
				changed++
			}
			if err := h.take(); err != nil {
				t.Fatalf("%v", err)
			}
			want = append(want, rec)
			if slack := int64(200 * len(want)); h.bytes+h.text.bytes() > bytes+slack {
				t.Fatalf("%d bytes are held, %d were told", h.bytes+h.text.bytes(), bytes)
			}
		}
		equalRows(t, textRows(h.records()), textRows(want))
		rec, err := h.together()
		if err != nil {
			t.Fatalf("%v", err)
		}
		equalRows(t, textRows([]arrow.Record{rec}), textRows(want))
		if kernel.Encoded(rec.Column(1).DataType()) {
			kept++
		}
	}
	for range 20 { // until either has been seen: a short run makes few cases
		if rapid.Check(t, check); kept > 0 && changed > 0 {
			return
		}
	}
	t.Errorf("text stayed encoded %d times, and was given up %d times", kept, changed)
}

func BenchmarkTextDictionary(b *testing.B) {
	for _, c := range []struct{ distinct, width int }{{8, 12}, {8, 230}, {1000, 30}} {
		b.Run(fmt.Sprintf("%d values of %d bytes", c.distinct, c.width), func(b *testing.B) {
			col := texts(8192, c.distinct, c.width)
			d := newTextDictionary(sqltype.Text, false)
			for range b.N {
				if _, err := d.encode(col); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
