package builtin

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

// regression is the sums over pairs (y, x): n, Σx, Sxx, Σy, Syy, Sxy, of which
// the S are about the means (PostgreSQL's float8_regr_accum).
type regression struct {
	n                     int64
	sx, sxx, sy, syy, sxy float64
}

func (r *regression) add(y, x float64) {
	r.n++
	n := float64(r.n)
	r.sx += x
	r.sy += y
	if r.n > 1 {
		dx, dy, scale := x*n-r.sx, y*n-r.sy, 1/(n*(n-1))
		r.sxx += dx * dx * scale
		r.syy += dy * dy * scale
		r.sxy += dx * dy * scale
		return
	}
	if x-x != 0 { // infinite or NaN: so is every spread with it
		r.sxx, r.sxy = math.NaN(), math.NaN()
	}
	if y-y != 0 {
		r.syy, r.sxy = math.NaN(), math.NaN()
	}
}

func (r *regression) merge(o regression) {
	switch {
	case o.n == 0:
		return
	case r.n == 0:
		*r = o
		return
	}
	n1, n2 := float64(r.n), float64(o.n)
	dx, dy, scale := r.sx/n1-o.sx/n2, r.sy/n1-o.sy/n2, n1*n2/(n1+n2)
	r.n += o.n
	r.sx += o.sx
	r.sy += o.sy
	r.sxx += o.sxx + scale*dx*dx
	r.syy += o.syy + scale*dy*dy
	r.sxy += o.sxy + scale*dx*dy
}

// regressions are the functions; NaN with ok false is NULL.
var regressions = map[string]func(r regression) (v float64, ok bool){
	"covar_pop":  func(r regression) (float64, bool) { return r.sxy / float64(r.n), r.n > 0 },
	"covar_samp": func(r regression) (float64, bool) { return r.sxy / float64(r.n-1), r.n > 1 },
	"corr": func(r regression) (float64, bool) {
		return r.sxy / math.Sqrt(r.sxx*r.syy), r.n > 0 && r.sxx != 0 && r.syy != 0
	},
	"regr_avgx":  func(r regression) (float64, bool) { return r.sx / float64(r.n), r.n > 0 },
	"regr_avgy":  func(r regression) (float64, bool) { return r.sy / float64(r.n), r.n > 0 },
	"regr_sxx":   func(r regression) (float64, bool) { return r.sxx, r.n > 0 },
	"regr_syy":   func(r regression) (float64, bool) { return r.syy, r.n > 0 },
	"regr_sxy":   func(r regression) (float64, bool) { return r.sxy, r.n > 0 },
	"regr_slope": func(r regression) (float64, bool) { return r.sxy / r.sxx, r.n > 0 && r.sxx != 0 },
	"regr_intercept": func(r regression) (float64, bool) {
		return (r.sy - r.sx*r.sxy/r.sxx) / float64(r.n), r.n > 0 && r.sxx != 0
	},
	"regr_r2": func(r regression) (float64, bool) {
		if r.syy == 0 {
			return 1, r.n > 0 && r.sxx != 0
		}
		return r.sxy * r.sxy / (r.sxx * r.syy), r.n > 0 && r.sxx != 0
	},
}

func registerRegression(b *registrar) {
	state := states(tInt8, tFloat8, tFloat8, tFloat8, tFloat8, tFloat8)
	for name, f := range regressions {
		b.aggregate(udf.Aggregate{
			Name: name, Params: types(tFloat8, tFloat8), Returns: tFloat8, State: state,
			New: func(*udf.Context, []arrow.DataType) (udf.Accumulator, error) { return &regressionAcc{final: f}, nil },
		})
	}
	b.aggregate(udf.Aggregate{
		Name: "regr_count", Params: types(tFloat8, tFloat8), Returns: tInt8, State: state,
		New: newAcc[regressionAcc](),
	})
}

// regressionAcc is a function of a regression; without final, its count.
type regressionAcc struct {
	final func(regression) (float64, bool)
	all   []regression
	from  *regressionAcc // nil: they are computed here
}

// Share implements udf.Sharing.
func (a *regressionAcc) Share(from udf.Accumulator) bool {
	o, ok := from.(*regressionAcc)
	if ok {
		a.from = o
	}
	return ok
}

func (a *regressionAcc) grow(n int) {
	if a.from != nil {
		a.from.grow(n)
		a.all = a.from.all
		return
	}
	a.all = grow(a.all, n)
}

func (a *regressionAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	a.grow(n)
	ys, xs, groups := dense2[float64, float64](args[0], args[1], groups)
	for i, g := range groups {
		a.all[g].add(ys[i], xs[i])
	}
	return nil
}

func (a *regressionAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
	a.grow(n)
	counts := vector.Fixed[int64](states[0])
	var f [5][]float64
	for k := range f {
		f[k] = vector.Fixed[float64](states[k+1])
	}
	for i, g := range groups {
		a.all[g].merge(regression{counts[i], f[0][i], f[1][i], f[2][i], f[3][i], f[4][i]})
	}
	return nil
}

func (a *regressionAcc) State(lo, hi int) ([]arrow.Array, error) {
	a.grow(hi)
	counts := make([]int64, hi-lo)
	var f [5][]float64
	for k := range f {
		f[k] = make([]float64, hi-lo)
	}
	for i, r := range a.all[lo:hi] {
		counts[i] = r.n
		f[0][i], f[1][i], f[2][i], f[3][i], f[4][i] = r.sx, r.sxx, r.sy, r.syy, r.sxy
	}
	out := []arrow.Array{vector.FromFixed(tInt8, counts, vector.Validity{})}
	for _, column := range f {
		out = append(out, vector.FromFixed(tFloat8, column, vector.Validity{}))
	}
	return out, nil
}

func (a *regressionAcc) Result(lo, hi int) (arrow.Array, error) {
	a.grow(hi)
	if a.final == nil {
		counts := make([]int64, hi-lo)
		for i, r := range a.all[lo:hi] {
			counts[i] = r.n
		}
		return vector.FromFixed(tInt8, counts, vector.Validity{}), nil
	}
	out := make([]float64, hi-lo)
	var v vector.Validity
	for i, r := range a.all[lo:hi] {
		f, ok := a.final(r)
		if !ok {
			v.SetNull(i, len(out))
			continue
		}
		out[i] = f
	}
	return vector.FromFixed(tFloat8, out, v), nil
}

func (a *regressionAcc) Bytes() int64 { return int64(cap(a.all)) * 48 }
