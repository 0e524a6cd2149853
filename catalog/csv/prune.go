package csv

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
)

// pruneFiles leaves out the files whose partition values or name cannot match.
func pruneFiles(files []catalog.FileInfo, spec *catalog.ScanSpec, o *options) ([]catalog.FileInfo, error) {
	inFiles := fieldColumns(spec, o)
	var preds []catalog.Predicate
	for _, p := range spec.Pruning {
		if p.Column >= inFiles && p.Column < spec.Schema.NumFields() {
			preds = append(preds, p)
		}
	}
	if len(preds) == 0 {
		return files, nil
	}
	var kept []catalog.FileInfo
	for _, f := range files {
		keep := true
		for _, p := range preds {
			k, err := fileConstant(spec, f.Path, p.Column)
			if err != nil {
				return nil, err
			}
			keep = keep && canMatch(p, k.value)
		}
		if keep {
			kept = append(kept, f)
		}
	}
	return kept, nil
}

// canMatch tells whether a row whose column is value (length 1) can satisfy p;
// true whenever that is not certain.
func canMatch(p catalog.Predicate, value arrow.Array) bool {
	null := value.IsNull(0)
	switch p.Op {
	case "is null":
		return null
	case "is not null":
		return !null
	}
	if null {
		return false
	}
	for _, v := range p.Values {
		for i := range v.Len() {
			c, ok := compare(value, 0, v, i)
			if !ok || holds(p.Op, c) {
				return true
			}
			if p.Op != "in" && p.Op != "=" {
				return false
			}
		}
	}
	return false
}

func holds(op string, c int) bool {
	switch op {
	case "=", "in":
		return c == 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	case ">=":
		return c >= 0
	case "<>":
		return c != 0
	}
	return true
}

// compare orders two values of the same type; !ok for types it does not know
// and for NULL.
func compare(a arrow.Array, i int, b arrow.Array, j int) (c int, ok bool) {
	if b.IsNull(j) || !arrow.TypeEqual(a.DataType(), b.DataType()) {
		return 0, false
	}
	switch a := a.(type) {
	case *array.Int16:
		return ordered(a.Value(i), b.(*array.Int16).Value(j))
	case *array.Int32:
		return ordered(a.Value(i), b.(*array.Int32).Value(j))
	case *array.Int64:
		return ordered(a.Value(i), b.(*array.Int64).Value(j))
	case *array.Float64:
		return ordered(a.Value(i), b.(*array.Float64).Value(j))
	case *array.String:
		return ordered(a.Value(i), b.(*array.String).Value(j))
	case *array.Date32:
		return ordered(a.Value(i), b.(*array.Date32).Value(j))
	case *array.Timestamp:
		return ordered(a.Value(i), b.(*array.Timestamp).Value(j))
	}
	return 0, false
}

func ordered[T int16 | int32 | int64 | float64 | string | arrow.Date32 | arrow.Timestamp](a, b T) (int, bool) {
	switch {
	case a < b:
		return -1, true
	case a > b:
		return 1, true
	}
	return 0, a == b // NaN is not equal to itself: not known
}
