package csv

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/hive"
	"volley/sqlerr"
)

// layout says where each projected column of a scan comes from in one file: a
// field of its records, or a constant of the file.
type layout struct {
	schema     *arrow.Schema
	inFiles    int         // how many columns of schema, from the first on, are fields of records
	columns    int         // fields in a record of this file
	ordinals   []int       // for each of the inFiles columns its field in this file, −1 for none
	projection []projected // in output order
	whole      bool        // the file is one split and its Bounds are exact
}

type projected struct {
	column   int // ordinal of the schema
	parser   int // index among the needed fields; unused for constants
	constant *constant
}

func newLayout(spec *catalog.ScanSpec, o *options, path string) (*layout, error) {
	l := &layout{schema: spec.Schema, inFiles: fieldColumns(spec, o), whole: !splittable(o, path)}
	if l.inFiles < 0 {
		return nil, sqlerr.New(sqlerr.InternalError, "schema of %s has fewer columns than partition columns", spec.Table)
	}
	l.columns = l.inFiles
	l.ordinals = make([]int, l.inFiles)
	for i := range l.ordinals {
		l.ordinals[i] = i
	}
	l.projection = make([]projected, len(spec.Projection))
	for i, c := range spec.Projection {
		l.projection[i].column = c
		if c < l.inFiles {
			continue
		}
		k, err := fileConstant(spec, path, c)
		if err != nil {
			return nil, err
		}
		l.projection[i].constant = k
	}
	return l, nil
}

// fieldColumns is how many columns of a table are fields of its files' records.
func fieldColumns(spec *catalog.ScanSpec, o *options) int {
	n := spec.Schema.NumFields() - len(spec.Partition)
	if o.filename != "" {
		n--
	}
	return n
}

// bindNames finds the columns by name in a file with this header.
func (l *layout) bindNames(header []string) {
	l.columns = len(header)
	for i := range l.ordinals {
		name := l.schema.Field(i).Name
		l.ordinals[i] = slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(h, name) })
	}
}

// checkNames refuses a file whose header is not that of the first one.
func (l *layout) checkNames(header []string, path string) error {
	header = columnNames(header, l.inFiles)
	for i, name := range header {
		if want := l.schema.Field(i).Name; !strings.EqualFold(name, want) {
			return sqlerr.New(sqlerr.BadCopyFileFormat, "column %d of the header is \"%s\" where the first file has \"%s\"", i+1, name, want).
				WithFile(path, 0, "").WithHint("use union_by_name = true to match columns by name")
		}
	}
	return nil
}

// bind gives the fields to read, ascending, with the schema's column of each,
// and tells the projection which is which. Columns the file lacks are NULL. all
// asks for the fields that are not projected, too.
func (l *layout) bind(all bool) (need, column []int) {
	if all {
		for c, at := range l.ordinals {
			if at < 0 {
				continue
			}
			if k, found := slices.BinarySearch(need, at); !found {
				need, column = slices.Insert(need, k, at), slices.Insert(column, k, c)
			}
		}
	}
	for i := range l.projection {
		p := &l.projection[i]
		if p.constant != nil {
			continue
		}
		at := l.ordinals[p.column]
		if at < 0 {
			p.constant = nullConstant(l.schema.Field(p.column).Type)
			continue
		}
		if k, found := slices.BinarySearch(need, at); !found {
			need = slices.Insert(need, k, at)
			column = slices.Insert(column, k, p.column)
		}
	}
	for i := range l.projection {
		if p := &l.projection[i]; p.constant == nil {
			p.parser, _ = slices.BinarySearch(need, l.ordinals[p.column])
		}
	}
	return need, column
}

// constant is a value that all rows of a file share.
type constant struct {
	value arrow.Array // of length 1
	made  arrow.Array // as many rows as were asked for so far
}

func nullConstant(t arrow.DataType) *constant {
	return &constant{value: array.MakeArrayOfNull(memory.DefaultAllocator, t, 1)}
}

// fileConstant is the value of a partition column or the file name column.
func fileConstant(spec *catalog.ScanSpec, path string, column int) (*constant, error) {
	f := spec.Schema.Field(column)
	if slices.Contains(spec.Partition, f.Name) {
		v, err := hive.Value(path, f)
		return &constant{value: v}, err
	}
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.Append(path)
	return &constant{value: b.NewArray()}, nil
}

// rows gives the value n times.
func (k *constant) rows(n int) (arrow.Array, error) {
	if k.made == nil || k.made.Len() < n {
		made, err := hive.Repeat(k.value, n)
		if err != nil {
			return nil, err
		}
		k.made = made
	}
	return array.NewSlice(k.made, 0, int64(n)), nil
}
