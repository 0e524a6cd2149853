package builtin

import (
	"math"
	"math/big"
	"math/rand"
	"testing"
)

// Powers with whole exponents are compared with exact ones.
func TestPowerIsCorrectlyRounded(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 20_000 {
		x := math.Exp(r.NormFloat64() * 3)
		if r.Intn(3) == 0 {
			x = float64(r.Intn(1000) + 1)
		}
		if r.Intn(2) == 0 {
			x = -x
		}
		n := r.Intn(60)
		exact := new(big.Float).SetPrec(4000).SetInt64(1)
		for range n {
			exact.Mul(exact, big.NewFloat(x))
		}
		y := float64(n)
		if r.Intn(2) == 0 {
			exact.Quo(new(big.Float).SetPrec(4000).SetInt64(1), exact)
			y = -y
		}
		want, _ := exact.Float64()
		if math.IsInf(want, 0) || math.Abs(want) < 0x1p-1000 {
			continue
		}
		got := correctPow(x, y)
		if got == want {
			continue
		}
		// in the middle between two numbers either is right
		middle := new(big.Float).SetPrec(4000).Add(big.NewFloat(got), big.NewFloat(want))
		middle.Quo(middle, big.NewFloat(2))
		off, _ := middle.Sub(middle, exact).Quo(middle, exact).Float64()
		if math.Abs(off) > 0x1p-85 {
			t.Fatalf("%v ^ %v = %v, want %v (%g off the middle)", x, y, got, want, off)
		}
	}
	for _, c := range [][3]float64{
		{2, 0.5, math.Sqrt2},
		{10, 308, 1e308},
		{1 + 0x1p-52, 0x1p52, math.E},
		{0.5, 1074, 0x1p-1074},
		{10, 309, math.Inf(1)},
		{0, 3, 0},
		{-8, 1.0 / 3, math.NaN()},
		{math.Inf(-1), 3, math.Inf(-1)},
		{1, math.Inf(1), 1},
		{7, 0, 1},
	} {
		if got := correctPow(c[0], c[1]); got != c[2] && !(math.IsNaN(got) && math.IsNaN(c[2])) {
			t.Errorf("%v ^ %v = %v, want %v", c[0], c[1], got, c[2])
		}
	}
}

func BenchmarkPower(b *testing.B) {
	s := 0.0
	for i := range b.N {
		s += correctPow(float64(i%1000)+0.5, 1.7)
	}
	_ = s
}
