// Package builtin is Volley's own operators, functions and aggregates, with
// PostgreSQL's names, overloads, results and errors. Register puts them into a
// registry; nothing else of the package is for others.
//
//	register.go      how a kernel becomes an overload: strictness, constants
//	load.go          arguments as Go slices, results as arrays
//	rowwise.go       kernels from functions of one row, for what is not cheap
//	arith_*.go       + - * / % and their overflow
//	compare_*.go     = <> < <= > >= and IS DISTINCT FROM
//	logic.go …       the other families of scalar functions
//	array_*.go       arrays: operators and functions; rows compare there too
//	set_*.go         table functions
//	agg_*.go         aggregates
//
// Kernels are loops over slices. Where an operation can fail (overflow, zero
// divisors) the loop only notes that it did, and a second pass finds the first
// row that is not NULL and failed.
package builtin

import (
	"errors"

	"volley/udf"
)

// families are all groups of functions.
var families = []func(*registrar){
	registerArithmetic,
	registerComparison,
	registerLogic,
	registerLike,
	registerRegexp,
	registerText,
	registerConcat,
	registerQuoting,
	registerBytes,
	registerByteChange,
	registerEncodings,
	registerBitStrings,
	registerBitAggregates,
	registerUnicode,
	registerIdentifiers,
	registerSizes,
	registerNullCounts,
	registerModifiers,
	registerOverlaps,
	registerTimeTZ,
	registerFloatMath,
	registerNumericMath,
	registerIntegerMath,
	registerConditional,
	registerSystem,
	registerDatetime,
	registerToChar,
	registerFromChar,
	registerNumberFormat,
	registerCountSum,
	registerMinMax,
	registerFolds,
	registerVariance,
	registerRegression,
	registerStringAgg,
	registerRowAggregates,
	registerSingleRow,
	registerRowLimit,
	registerSampled,
	registerApproximate,
	registerArrayConstruction,
	registerArrayComparison,
	registerArraySubscript,
	registerArrayAssign,
	registerArrayShape,
	registerArrayModification,
	registerArraySearch,
	registerArrayText,
	registerArrayExtremes,
	registerJSONAccess,
	registerJSONChange,
	registerJSONAssign,
	registerJSONCompare,
	registerJSONBuild,
	registerJSONPath,
	registerJSONAgg,
	registerJSONSets,
	registerJSONRecords,
	registerWindows,
	registerRow,
	registerUnnest,
	registerSeries,
	registerTextSets,
	registerRegexpArrays,
	registerOrderedSets,
	registerOperatorFunctions,
	registerSend,
	registerFloatStates,
}

// Register adds every function to r. The error names those that r has already.
func Register(r *udf.Registry) error {
	b := &registrar{registry: r}
	for _, f := range families {
		f(b)
	}
	nameParams(r)
	return errors.Join(b.errs...)
}
