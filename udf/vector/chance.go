package vector

import "math/bits"

// Chance mixes a number and a seed into 64 bits, by which TABLESAMPLE chooses.
func Chance(n, seed uint64) uint64 {
	hi, lo := bits.Mul64(n^0x9e3779b97f4a7c15, seed^0xd1b54a32d192ed03)
	hi, lo = bits.Mul64(hi^lo^n, 0xbf58476d1ce4e5b9)
	return hi ^ lo
}
