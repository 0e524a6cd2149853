package builtin

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/axiomhq/hyperloglog"
	"github.com/caio/go-tdigest/v4"
	"github.com/zeebo/xxh3"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

func registerApproximate(b *registrar) {
	b.aggregate(udf.Aggregate{
		Name: "approx_count_distinct", Params: types(tAny), Returns: tInt8, State: states(tBytea),
		New: func(_ *udf.Context, args []arrow.DataType) (udf.Accumulator, error) {
			return &distinctAcc{hash: hasherOf(args[0])}, nil
		},
	})
	b.aggregate(udf.Aggregate{
		Name: "approx_quantile", Params: types(tFloat8, tFloat8), Returns: tFloat8, State: states(tBytea, tFloat8),
		New: newAcc[quantileAcc](),
	})
}

// distinctAcc estimates the number of different values by HyperLogLog.
type distinctAcc struct {
	hash     func(a arrow.Array, row int) uint64
	sketches []*hyperloglog.Sketch
}

// hasherOf hashes values of a type so that equal ones have equal hashes.
func hasherOf(t arrow.DataType) func(a arrow.Array, row int) uint64 {
	var scratch []byte
	switch {
	case sqltype.Equal(t, tNumeric):
		return func(a arrow.Array, row int) uint64 {
			scratch = a.(*sqltype.NumericArray).Value(row).AppendKey(scratch[:0])
			return xxh3.Hash(scratch)
		}
	case t.ID() == arrow.FLOAT64, t.ID() == arrow.FLOAT32:
		return func(a arrow.Array, row int) uint64 {
			var f float64
			if t.ID() == arrow.FLOAT64 {
				f = vector.Fixed[float64](a)[row]
			} else {
				f = float64(vector.Fixed[float32](a)[row])
			}
			switch {
			case f == 0:
				f = 0 // −0 too
			case f != f:
				f = math.NaN()
			}
			scratch = binary.LittleEndian.AppendUint64(scratch[:0], math.Float64bits(f))
			return xxh3.Hash(scratch)
		}
	case t.ID() == arrow.STRING, t.ID() == arrow.BINARY:
		return func(a arrow.Array, row int) uint64 { return xxh3.Hash(vector.NewBinary(a).At(row)) }
	}
	enc := sqltype.NewTextEncoder(t, sqltype.TextOptions{})
	return func(a arrow.Array, row int) uint64 {
		scratch = enc(scratch[:0], a, row)
		return xxh3.Hash(scratch)
	}
}

func (d *distinctAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	d.sketches = grow(d.sketches, n)
	v := validityOf(args[0], len(groups))
	for i, g := range groups {
		if !v.Valid(i) {
			continue
		}
		row := i
		if args[0].Const {
			row = 0
		}
		d.sketch(g).InsertHash(d.hash(args[0].Array, row))
	}
	return nil
}

func (d *distinctAcc) sketch(g uint32) *hyperloglog.Sketch {
	if d.sketches[g] == nil {
		d.sketches[g] = hyperloglog.New14()
	}
	return d.sketches[g]
}

func (d *distinctAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
	d.sketches = grow(d.sketches, n)
	v, b := vector.ValidityOf(states[0]), vector.NewBinary(states[0])
	for i, g := range groups {
		if !v.Valid(i) {
			continue
		}
		var s hyperloglog.Sketch
		if err := s.UnmarshalBinary(b.At(i)); err != nil {
			return sqlerr.Wrap(err, sqlerr.DataCorrupted, "state of approx_count_distinct")
		}
		if err := d.sketch(g).Merge(&s); err != nil {
			return sqlerr.Wrap(err, sqlerr.DataCorrupted, "state of approx_count_distinct")
		}
	}
	return nil
}

func (d *distinctAcc) State(lo, hi int) ([]arrow.Array, error) {
	d.sketches = grow(d.sketches, hi)
	var v vector.Validity
	for i, s := range d.sketches[lo:hi] {
		if s == nil {
			v.SetNull(i, hi-lo)
		}
	}
	return one(writeText(nil, tBytea, v, hi-lo, func(dst []byte, i int) ([]byte, error) {
		return d.sketches[lo+i].AppendBinary(dst)
	}))
}

func (d *distinctAcc) Result(lo, hi int) (arrow.Array, error) {
	d.sketches = grow(d.sketches, hi)
	out := make([]int64, hi-lo)
	for i, s := range d.sketches[lo:hi] {
		if s != nil {
			out[i] = int64(s.Estimate())
		}
	}
	return vector.FromFixed(tInt8, out, vector.Validity{}), nil
}

// sketchBytes is the size of a full sketch, which few groups reach.
const sketchBytes = 4096

func (d *distinctAcc) Bytes() int64 { return int64(cap(d.sketches)) * sketchBytes }

// quantileAcc estimates a quantile by a t-digest; the second argument is the
// fraction.
type quantileAcc struct {
	digests   []*tdigest.TDigest
	fractions []float64
}

func (q *quantileAcc) digest(g uint32) (*tdigest.TDigest, error) {
	if q.digests[g] == nil {
		d, err := tdigest.New(tdigest.LocalRandomNumberGenerator(1))
		if err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.InternalError, "t-digest")
		}
		q.digests[g] = d
	}
	return q.digests[g], nil
}

func (q *quantileAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	q.digests, q.fractions = grow(q.digests, n), grow(q.fractions, n)
	xs, fs, groups := dense2[float64, float64](args[0], args[1], groups)
	for i, g := range groups {
		if !(fs[i] >= 0 && fs[i] <= 1) {
			return sqlerr.New(sqlerr.NumericOutOfRange, "percentile value %g is not between 0 and 1", fs[i])
		}
		d, err := q.digest(g)
		if err != nil {
			return err
		}
		if xs[i] != xs[i] || isInf(xs[i]) {
			continue // a t-digest has finite values only
		}
		q.fractions[g] = fs[i]
		if err := d.Add(xs[i]); err != nil {
			return sqlerr.Wrap(err, sqlerr.InternalError, "t-digest")
		}
	}
	return nil
}

func (q *quantileAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
	q.digests, q.fractions = grow(q.digests, n), grow(q.fractions, n)
	v, b, fs := vector.ValidityOf(states[0]), vector.NewBinary(states[0]), vector.Fixed[float64](states[1])
	for i, g := range groups {
		if !v.Valid(i) {
			continue
		}
		other, err := tdigest.FromBytes(bytes.NewReader(b.At(i)), tdigest.LocalRandomNumberGenerator(1))
		if err != nil {
			return sqlerr.Wrap(err, sqlerr.DataCorrupted, "state of approx_quantile")
		}
		d, err := q.digest(g)
		if err == nil {
			err = d.Merge(other)
		}
		if err != nil {
			return sqlerr.Wrap(err, sqlerr.InternalError, "t-digest")
		}
		q.fractions[g] = fs[i]
	}
	return nil
}

func (q *quantileAcc) State(lo, hi int) ([]arrow.Array, error) {
	v := q.validity(lo, hi)
	b, err := writeText(nil, tBytea, v, hi-lo, func(dst []byte, i int) ([]byte, error) {
		enc, err := q.digests[lo+i].AsBytes()
		return append(dst, enc...), err
	})
	if err != nil {
		return nil, err
	}
	return []arrow.Array{b, vector.FromFixed(tFloat8, clone(q.fractions[lo:hi]), vector.Validity{})}, nil
}

func (q *quantileAcc) validity(lo, hi int) vector.Validity {
	q.digests, q.fractions = grow(q.digests, hi), grow(q.fractions, hi)
	var v vector.Validity
	for i, d := range q.digests[lo:hi] {
		if d == nil || d.Count() == 0 {
			v.SetNull(i, hi-lo)
		}
	}
	return v
}

func (q *quantileAcc) Result(lo, hi int) (arrow.Array, error) {
	v, out := q.validity(lo, hi), make([]float64, hi-lo)
	for i := range out {
		if v.Valid(i) {
			out[i] = q.digests[lo+i].Quantile(q.fractions[lo+i])
		}
	}
	return vector.FromFixed(tFloat8, out, v), nil
}

// digestBytes is the size of a digest of many values.
const digestBytes = 8192

func (q *quantileAcc) Bytes() int64 { return int64(cap(q.digests)) * digestBytes }
