package kernel

import (
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// run is rows lo to hi−1.
type run struct{ lo, hi int32 }

// rowsPerRun is how long runs must be on average for copying them to be less
// work than taking their rows one by one.
const rowsPerRun = 8

// SelectRecord gives the rows of rec whose bits are set, in their order. Where
// most are, they are copied run by run.
func SelectRecord(rec arrow.Record, w Words) (arrow.Record, error) {
	n := w.Count()
	runs := w.runs(n / rowsPerRun)
	var rows []int32
	cols := make([]arrow.Array, rec.NumCols())
	for i := range cols {
		if runs != nil {
			if d := copyRuns(rec.Column(i), runs, n); d != nil {
				cols[i] = array.MakeFromData(d)
				continue
			}
		}
		if rows == nil {
			rows = w.Rows()
		}
		var err error
		if cols[i], err = Take(rec.Column(i), rows); err != nil {
			return nil, err
		}
	}
	return Record(rec.Schema(), cols, n), nil
}

// runs are the runs of set bits; nil if they are more than most.
func (w Words) runs(most int) []run {
	out := make([]run, 0, min(most, 64))
	open := int32(-1) // where the run at hand began
	for i, x := range w {
		base := int32(i * 64)
		for at := int32(0); at < 64; {
			if open < 0 {
				rest := x >> at
				if rest == 0 {
					break
				}
				at += int32(bits.TrailingZeros64(rest))
				open = base + at
			}
			rest := ^x >> at
			if rest == 0 { // it goes on in the next word
				break
			}
			at += int32(bits.TrailingZeros64(rest))
			if len(out) == most {
				return nil
			}
			out = append(out, run{open, base + at})
			open = -1
		}
	}
	if open >= 0 {
		if len(out) == most {
			return nil
		}
		out = append(out, run{open, int32(len(w) * 64)})
	}
	return out
}

// copyRuns copies runs of n rows together; nil for an array that has NULLs, or
// values of no fixed number of bytes.
func copyRuns(a arrow.Array, runs []run, n int) *array.Data {
	d := a.Data()
	t := storage(d.DataType())
	if dict, ok := t.(*arrow.DictionaryType); ok {
		t = dict.IndexType
	}
	fixed, ok := t.(arrow.FixedWidthDataType)
	if !ok || arrow.IsNested(t.ID()) || fixed.BitWidth()%8 != 0 || fixed.BitWidth() == 0 || a.NullN() > 0 {
		return nil
	}
	width := fixed.BitWidth() / 8
	src := view[byte](d.Buffers()[1], d.Offset()*width, d.Len()*width)
	dst := Raw[byte](n * width)
	to := dst
	for _, r := range runs {
		to = to[copy(to, src[int(r.lo)*width:int(r.hi)*width]):]
	}
	out := newData(d.DataType(), n, nil, []*memory.Buffer{memory.NewBufferBytes(dst)}, nil)
	if dict := d.Dictionary(); dict != nil {
		out.SetDictionary(dict)
	}
	return out
}

// Nth is the number of the nth set bit, from 0; −1 if there are not so many.
func (w Words) Nth(n int) int {
	for i, x := range w {
		if here := bits.OnesCount64(x); n >= here {
			n -= here
			continue
		}
		for ; n > 0; n-- {
			x &= x - 1
		}
		return i*64 + bits.TrailingZeros64(x)
	}
	return -1
}
