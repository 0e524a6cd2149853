//go:build !goexperiment.simd || !amd64

package csv

// simdKernels are none in builds without vector instructions.
func simdKernels() []kernel { return nil }
