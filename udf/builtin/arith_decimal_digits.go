package builtin

import (
	"math/bits"

	"volley/udf"
)

// The kernels of udf.Scalar.Short. They compute all rows without a look at
// overflow, and find afterwards, from the bits that the arguments had, whether
// there may have been one.

// lengthOf is how many bits the magnitudes have that were or-ed: of x^x>>63.
func lengthOf(magnitudes int64) int { return bits.Len64(uint64(magnitudes)) }

// maxProductBits is how long two factors may be together.
const maxProductBits = 62

func mulDigits(dst []int64, args []udf.Digits) bool {
	a, b := args[0], args[1]
	if a.Const {
		a, b = b, a
	}
	x := a.Values[:len(dst)]
	var inX, inY int64
	if b.Const {
		k := b.Values[0]
		inY = k ^ k>>63
		for i, v := range x {
			inX |= v ^ v>>63
			dst[i] = v * k
		}
	} else {
		y := b.Values[:len(dst)]
		for i, v := range x {
			w := y[i]
			inX |= v ^ v>>63
			inY |= w ^ w>>63
			dst[i] = v * w
		}
	}
	return lengthOf(inX)+lengthOf(inY) <= maxProductBits
}

func addDigits(dst []int64, args []udf.Digits) bool { return sumDigits(dst, args[0], args[1], 1) }

func subDigits(dst []int64, args []udf.Digits) bool { return sumDigits(dst, args[0], args[1], -1) }

// sumDigits is a+sign·b, both brought to the larger scale.
func sumDigits(dst []int64, a, b udf.Digits, sign int64) bool {
	scale := max(a.Scale, b.Scale)
	if scale-a.Scale > 18 || scale-b.Scale > 18 {
		return false
	}
	f, g := tenTo(scale-a.Scale), sign*tenTo(scale-b.Scale)
	if a.Const {
		a, b, f, g = b, a, g, f
	}
	x := a.Values[:len(dst)]
	var inX, inY int64
	if b.Const {
		k := b.Values[0]
		inY = k ^ k>>63
		k *= g
		for i, v := range x {
			inX |= v ^ v>>63
			dst[i] = v*f + k
		}
	} else {
		y := b.Values[:len(dst)]
		for i, v := range x {
			w := y[i]
			inX |= v ^ v>>63
			inY |= w ^ w>>63
			dst[i] = v*f + w*g
		}
	}
	const most = maxProductBits - 1 // of each summand
	return lengthOf(inX)+lengthOf(f^f>>63) <= most && lengthOf(inY)+lengthOf(g^g>>63) <= most
}

func tenTo(n int32) int64 {
	v := int64(1)
	for range n {
		v *= 10
	}
	return v
}
