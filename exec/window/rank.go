package window

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// Input is what a function computes a column from.
type Input struct {
	Layout *Layout
	Frames *Frames
	Args   []udf.Arg // plain, not dictionary-encoded
	Type   arrow.DataType
	// Reserve takes n bytes of memory more (less, when negative) for as long as the
	// chunk is being computed and given; it may refuse. nil: nothing is reserved.
	Reserve func(n int64) error
}

// Function is a window function that is no aggregate.
type Function struct {
	// compute gives its column; nil for those that take a value of another row:
	// places fills in which one, see take.
	compute func(in *Input) (arrow.Array, error)
	places  func(in *Input, at []int32) error
	paged   pagedKind
}

// pagedKind is what a function needs of a paged partition.
type pagedKind int

const (
	layoutAlone pagedKind = iota
	pagedBuckets
	pagedValues
)

// functions are the window functions that are no aggregates, by name.
var functions = map[string]*Function{
	"row_number":   {compute: rowNumber},
	"rank":         {compute: rank},
	"dense_rank":   {compute: denseRank},
	"percent_rank": {compute: percentRank},
	"cume_dist":    {compute: cumeDist},
	"ntile":        {compute: ntile, paged: pagedBuckets},
	"lag":          {places: func(in *Input, at []int32) error { return neighbour(in, -1, at) }, paged: pagedValues},
	"lead":         {places: func(in *Input, at []int32) error { return neighbour(in, 1, at) }, paged: pagedValues},
	"first_value":  {places: firstValue, paged: pagedValues},
	"last_value":   {places: lastValue, paged: pagedValues},
	"nth_value":    {places: nthValue, paged: pagedValues},
}

// Find gives a window function by name, nil when there is none.
func Find(name string) *Function { return functions[name] }

// Compute gives the function's column of a chunk.
func (f *Function) Compute(in *Input) (arrow.Array, error) {
	if f.places == nil {
		return f.compute(in)
	}
	at := make([]int32, in.Layout.Rows())
	if err := f.places(in, at); err != nil {
		return nil, err
	}
	return take(in, at)
}

// integersOf is a bigint column computed by row.
func integersOf(in *Input, f func(i int) int64) (arrow.Array, error) {
	out := make([]int64, in.Layout.Rows())
	for i := range out {
		out[i] = f(i)
	}
	return kernel.FromValues(sqltype.Int64, out, nil), nil
}

func rowNumber(in *Input) (arrow.Array, error) {
	return integersOf(in, func(i int) int64 {
		lo, _ := in.Layout.part(i)
		return in.Layout.earlier(i).Rows + int64(in.Layout.row(i)-lo) + 1
	})
}

func (l *Layout) rank(i int) int64 {
	lo, _ := l.part(i)
	first, _ := l.peersOf(i)
	return l.earlier(i).Rows + int64(first-lo) + 1
}

func rank(in *Input) (arrow.Array, error) { return integersOf(in, in.Layout.rank) }

func denseRank(in *Input) (arrow.Array, error) {
	l := in.Layout
	return integersOf(in, func(i int) int64 {
		return l.earlier(i).Peers + l.groupsBefore(i) + 1
	})
}

// sharesOf is a double precision column computed by row.
func sharesOf(in *Input, f func(i int) float64) (arrow.Array, error) {
	out := make([]float64, in.Layout.Rows())
	for i := range out {
		out[i] = f(i)
	}
	return kernel.FromValues(sqltype.Float64, out, nil), nil
}

func percentRank(in *Input) (arrow.Array, error) {
	return sharesOf(in, func(i int) float64 {
		lo, hi := in.Layout.part(i)
		if hi-lo <= 1 {
			return 0
		}
		return float64(in.Layout.rank(i)-1) / float64(hi-lo-1)
	})
}

func cumeDist(in *Input) (arrow.Array, error) {
	return sharesOf(in, func(i int) float64 {
		lo, hi := in.Layout.part(i)
		_, end := in.Layout.peersOf(i)
		return float64(end-lo) / float64(hi-lo)
	})
}

// ntile numbers buckets of rows as equal as can be, the larger ones first. As in
// PostgreSQL the argument counts in the first row where it is not NULL, and rows
// before that one are NULL.
func ntile(in *Input) (arrow.Array, error) {
	l := in.Layout
	out, valid := make([]int32, l.Rows()), kernel.Ones(l.Rows())
	arg := in.Args[0]
	for p := range l.Partitions() {
		lo, hi := l.parts[p], l.parts[p+1]
		at := lo
		for ; at < hi && arg.Array.IsNull(rowOf(arg, at)); at++ {
			valid.Clear(int(at))
		}
		if at == hi {
			continue
		}
		buckets := arg.Array.(*array.Int32).Value(rowOf(arg, at))
		if buckets <= 0 {
			return nil, errBuckets()
		}
		fillBuckets(out[at:hi], 0, hi-lo, buckets)
	}
	return kernel.FromValues(sqltype.Int32, out, valid), nil
}

func errBuckets() error {
	return sqlerr.New(sqlerr.InvalidArgForNtile, "argument of ntile must be greater than zero")
}

// fillBuckets numbers rows of a partition of total rows, from the row on that is
// the one of that number among those that have a bucket.
func fillBuckets(out []int32, row, total, buckets int32) {
	size, larger := total/buckets, total%buckets
	bucket, used := row/(size+1)+1, row%(size+1)
	if row >= larger*(size+1) { // all larger ones are before it, so size is not 0
		rest := row - larger*(size+1)
		bucket, used = larger+rest/size+1, rest%size
	}
	for i := range out {
		room := size
		if bucket <= larger {
			room++
		}
		if used == room {
			bucket, used = bucket+1, 0
		}
		out[i] = bucket
		used++
	}
}

// rowOf is the row of an argument that stands for row i.
func rowOf(a udf.Arg, i int32) int {
	if a.Const {
		return 0
	}
	return int(i)
}
