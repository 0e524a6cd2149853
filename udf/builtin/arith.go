package builtin

// registerArithmetic adds + - * / % abs and the signs for every number type.
func registerArithmetic(b *registrar) {
	registerIntegers(b, tInt2, mulNarrow[int16])
	registerIntegers(b, tInt4, mulNarrow[int32])
	registerIntegers(b, tInt8, mulInt8)
	registerFloats[float32](b, tFloat4)
	registerFloats[float64](b, tFloat8)
	registerDecimals(b)
	registerNumerics(b)
	for _, op := range []string{"+", "-", "*", "/"} {
		b.resolveAs(op, types(tFloat4, tFloat8), types(tFloat8, tFloat8), tFloat8)
		b.resolveAs(op, types(tFloat8, tFloat4), types(tFloat8, tFloat8), tFloat8)
	}
}
