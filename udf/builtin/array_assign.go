package builtin

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// registerArrayAssign adds what SET a[i] = x makes of a as "[]=", of the array, the value and
// the subscripts, and SET a[lo:hi] = x as "[:]=", whose bounds are pairs: the smallest
// integer stands for a lower one that is left out, the largest for an upper one.
func registerArrayAssign(b *registrar) {
	b.scalar(udf.Scalar{
		Name: "[]=", Params: types(udf.AnyArray, tAny, tInt4), Variadic: true, NullCall: true, ReturnFor: firstType, Doc: "a with another a[i]",
		Batch: func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
			return assignArray(args, n, args[1].Array, (*arrayAssign).element)
		},
	})
	b.scalar(udf.Scalar{
		Name: "[:]=", Params: types(udf.AnyArray, udf.AnyArray, tInt4), Variadic: true, NullCall: true, ReturnFor: firstType, Doc: "a with another a[lo:hi]",
		Batch: func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
			values := args[1].Array
			for values.DataType().ID() == arrow.LIST {
				values = vector.NewList(values).Values
			}
			return assignArray(args, n, values, (*arrayAssign).slice)
		},
	})
}

// extent is the shape of an array, and where its elements are, one after the other.
type extent struct {
	shape
	start int
}

func (s *extent) elements() int {
	if s.n == 0 {
		return 0
	}
	out := 1
	for _, d := range s.size[:s.n] {
		out *= d
	}
	return out
}

// arrayExtents gives the extents of arrays.
type arrayExtents struct {
	arg    udf.Arg
	levels []vector.List
}

func newArrayExtents(a udf.Arg) *arrayExtents {
	s := &arrayExtents{arg: a}
	for list := a.Array; list.DataType().ID() == arrow.LIST; {
		l := vector.NewList(list)
		s.levels, list = append(s.levels, l), l.Values
	}
	return s
}

// at is the extent of the array in row i, without dimensions for NULL.
func (s *arrayExtents) at(i int) (out extent) {
	if isNullAt(s.arg, i) {
		return out
	}
	row := rowOf(s.arg, i)
	for k, l := range s.levels {
		lo, hi := l.Row(row)
		if lo == hi {
			return extent{}
		}
		out.size[k], out.start, row = hi-lo, lo, lo
	}
	out.n = len(s.levels)
	return out
}

// arrayAssign makes arrays of others by putting values into them.
type arrayAssign struct {
	args    []udf.Arg
	subs    []vector.Column[int32]
	from    *arrayExtents // the arrays
	with    *arrayExtents // the slices that are put in; not for elements
	values  int           // number of the first value among what items are taken of
	g       *gatherer
	offsets [][]int32 // by dimension, but the last
}

// assignArray computes all rows; one makes those of a row.
func assignArray(args []udf.Arg, n int, values arrow.Array, one func(*arrayAssign, int) error) (arrow.Array, error) {
	a := &arrayAssign{args: args, from: newArrayExtents(args[0]), g: newGatherer(n)}
	for _, arg := range args[2:] {
		a.subs = append(a.subs, load[int32](arg))
	}
	if args[1].Array.DataType().ID() == arrow.LIST {
		a.with = newArrayExtents(args[1])
	}
	dims := len(a.from.levels)
	a.offsets = make([][]int32, dims-1)
	for k := range a.offsets {
		a.offsets[k] = make([]int32, 1, n+1)
	}
	a.g.source(a.from.levels[dims-1].Values)
	a.values = a.g.source(values)
	for i := range n {
		for _, s := range args[2:] {
			if isNullAt(s, i) {
				return nil, &udf.RowError{Row: i, Err: sqlerr.New(sqlerr.NullNotAllowed, "array subscript in assignment must not be null")}
			}
		}
		if err := one(a, i); err != nil {
			return nil, &udf.RowError{Row: i, Err: err}
		}
	}
	t := args[0].Array.DataType()
	out, err := a.g.array(elemAt(t, dims-1), vector.Validity{})
	if err != nil {
		return nil, err
	}
	for k := dims - 2; k >= 0; k-- {
		out = vector.FromList(elemAt(t, k), a.offsets[k], out, vector.Validity{})
	}
	return out, nil
}

// end ends an array whose elements have been added.
func (a *arrayAssign) end(s *extent) {
	lists, last := 1, len(a.offsets)
	for k := 0; k <= last; k++ {
		if k > 0 && s.n == 0 {
			return
		}
		offsets := &a.g.offsets
		if k < last {
			offsets = &a.offsets[k]
		}
		for range lists {
			*offsets = append(*offsets, (*offsets)[len(*offsets)-1]+int32(s.size[k]))
		}
		lists *= s.size[k]
	}
}

// element puts a value in the place of an element.
func (a *arrayAssign) element(i int) error {
	s, value := a.from.at(i), a.values+rowOf(a.args[1], i)
	if len(a.subs) != len(a.from.levels) {
		return wrongSubscriptCount(&s, len(a.subs), len(a.from.levels))
	}
	if s.n == 0 {
		for k, sub := range a.subs {
			if sub.At(i) != 1 {
				return sqltype.LowerBoundError()
			}
			s.size[k] = 1
		}
		s.n = len(a.subs)
		a.g.add(value)
		a.end(&s)
		return nil
	}
	at := 0
	for k, sub := range a.subs {
		n := int(sub.At(i))
		switch {
		case s.n == 1 && n < 1:
			return sqltype.LowerBoundError()
		case s.n > 1 && (n < 1 || n > s.size[k]):
			return sqlerr.New(sqlerr.ArraySubscript, "array subscript out of range")
		}
		at = at*s.size[k] + n - 1
	}
	size := s.elements()
	if len(a.g.items)+at >= maxArrayElements {
		return arrayTooLarge()
	}
	a.g.addRange(s.start, s.start+min(at, size))
	a.gap(at - size)
	a.g.add(value)
	a.g.addRange(s.start+at+1, s.start+size)
	if at >= size {
		s.size[0] = at + 1
	}
	a.end(&s)
	return nil
}

// gap adds NULLs.
func (a *arrayAssign) gap(n int) {
	for range n {
		a.g.add(-1)
	}
}

// slice puts the elements of an array in the place of a slice of another.
func (a *arrayAssign) slice(i int) error {
	s := a.from.at(i)
	if isNullAt(a.args[1], i) {
		a.g.addRange(s.start, s.start+s.elements())
		a.end(&s)
		return nil
	}
	with := a.with.at(i)
	var lo, hi [maxDimensions]int
	given := len(a.subs) / 2
	for k := range given {
		lo[k], hi[k] = int(a.subs[2*k].At(i)), int(a.subs[2*k+1].At(i))
	}
	if s.n == 0 {
		return a.newSlice(given, &lo, &hi, &with)
	}
	if given > s.n {
		return wrongSubscriptCount(&s, given, s.n)
	}
	span := 1
	for k := range s.n {
		if k >= given || lo[k] == math.MinInt32 {
			lo[k] = 1
		}
		if k >= given || hi[k] == math.MaxInt32 {
			hi[k] = s.size[k]
		}
		switch {
		case lo[k] > hi[k]:
			return sqlerr.New(sqlerr.ArraySubscript, "upper bound cannot be less than lower bound")
		case s.n == 1 && lo[k] < 1:
			return sqltype.LowerBoundError()
		case s.n > 1 && (lo[k] < 1 || hi[k] > s.size[k]):
			return sqlerr.New(sqlerr.ArraySubscript, "array subscript out of range")
		}
		if span *= hi[k] - lo[k] + 1; span > maxArrayElements {
			return arrayTooLarge()
		}
	}
	if len(a.g.items)+hi[0] > maxArrayElements {
		return arrayTooLarge()
	}
	if with.elements() < span {
		return sourceTooSmall()
	}
	if s.n == 1 {
		size := s.size[0]
		a.g.addRange(s.start, s.start+min(lo[0]-1, size))
		a.gap(lo[0] - 1 - size)
		a.g.addRange(a.values+with.start, a.values+with.start+span)
		a.g.addRange(s.start+hi[0], s.start+size)
		s.size[0] = max(size, hi[0])
	} else {
		a.box(&s, 0, s.start, a.values+with.start, &lo, &hi)
	}
	a.end(&s)
	return nil
}

// newSlice makes an array of a slice of an empty one.
func (a *arrayAssign) newSlice(given int, lo, hi *[maxDimensions]int, with *extent) error {
	s := extent{shape: shape{n: given}}
	for k := range given {
		if lo[k] == math.MinInt32 || hi[k] == math.MaxInt32 {
			return sqlerr.New(sqlerr.ArraySubscript, "array slice subscript must provide both boundaries").
				WithDetail("When assigning to a slice of an empty array value, slice boundaries must be fully specified.")
		}
		if s.size[k] = hi[k] - lo[k] + 1; s.size[k] < 0 || s.size[k] > maxArrayElements {
			return arrayTooLarge()
		}
	}
	size := s.elements()
	switch {
	case len(a.g.items)+size > maxArrayElements:
		return arrayTooLarge()
	case with.elements() < size:
		return sourceTooSmall()
	case size == 0:
		s = extent{}
	case given != len(a.from.levels):
		return wrongSubscriptCount(&extent{}, given, len(a.from.levels))
	}
	for k := range s.n {
		if lo[k] != 1 {
			return sqltype.LowerBoundError()
		}
	}
	a.g.addRange(a.values+with.start, a.values+with.start+size)
	a.end(&s)
	return nil
}

// box adds the elements of a dimension of an array, from at on, of which those within the
// bounds come from elsewhere, and gives the place of the next of these.
func (a *arrayAssign) box(s *extent, k, at, value int, lo, hi *[maxDimensions]int) int {
	below := 1
	for _, d := range s.size[k+1 : s.n] {
		below *= d
	}
	for j := 1; j <= s.size[k]; j++ {
		switch {
		case j < lo[k] || j > hi[k]:
			a.g.addRange(at, at+below)
		case k == s.n-1:
			a.g.add(value)
			value++
		default:
			value = a.box(s, k+1, at, value, lo, hi)
		}
		at += below
	}
	return value
}

// wrongSubscriptCount is the error of an assignment with as many subscripts as the array
// does not have dimensions. An empty one may have any, but not in its column.
func wrongSubscriptCount(s *extent, given, dims int) error {
	if s.n == 0 {
		return sqlerr.New(sqlerr.FeatureNotSupported, "arrays of %d and %d dimensions in one column are not supported", dims, given)
	}
	return sqlerr.New(sqlerr.ArraySubscript, "wrong number of array subscripts")
}

func sourceTooSmall() error { return sqlerr.New(sqlerr.ArraySubscript, "source array too small") }

func arrayTooLarge() error {
	return sqlerr.New(sqlerr.ProgramLimitExceeded, "array size exceeds the maximum allowed (%d)", maxArrayElements)
}
