// Package hive reads the values that Hive and its successors keep in the paths
// of files instead of in their columns: …/year=2024/month=1/data.parquet has a
// column year of 2024 and a column month of 1. All formats over files share it.
//
// A value is percent-decoded; __HIVE_DEFAULT_PARTITION__ is NULL. The file's
// own name holds no value.
package hive

import (
	"net/url"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/sqlerr"
	"volley/sqltype"
)

// NullPartition is the value that stands for NULL.
const NullPartition = "__HIVE_DEFAULT_PARTITION__"

// Fields decides the partition columns of a table: those declared; otherwise,
// unless the option hive_partitioning is false, the keys that the paths of all
// files have in common in the same order. With the option unset, files that
// disagree have none; with it true that is an error. Types are integer
// (bigint), date or text, whichever fits all values; always text when
// hive_types_autocast is false.
func Fields(files []catalog.FileInfo, given catalog.Given) ([]arrow.Field, error) {
	if len(given.PartitionBy) > 0 {
		return given.PartitionBy, nil
	}
	on, set, err := option(given.Options, "hive_partitioning")
	if err != nil || set && !on || len(files) == 0 {
		return nil, err
	}
	autocast, castSet, err := option(given.Options, "hive_types_autocast")
	if err != nil {
		return nil, err
	}
	keys := pairs(files[0].Path)
	kinds := make([]kind, len(keys))
	for _, f := range files {
		got := pairs(f.Path)
		if !sameKeys(keys, got) {
			if !set {
				return nil, nil
			}
			return nil, sqlerr.New(sqlerr.InvalidTableDefinition,
				"files have different partition columns: \"%s\" and \"%s\"", files[0].Path, f.Path).
				WithHint("Set hive_partitioning = false to leave them out.")
		}
		for i, p := range got {
			kinds[i] |= kindsOf(p.value)
		}
	}
	fields := make([]arrow.Field, len(keys))
	for i, p := range keys {
		t := sqltype.Text
		if autocast || !castSet {
			t = kinds[i].dataType()
		}
		fields[i] = arrow.Field{Name: p.key, Type: t, Nullable: true}
	}
	return fields, nil
}

// Settled tells whether some of the files, any of them that have values which are not
// NULL, have columns of the types that all have: in each column all values are integers,
// all are dates, or none is either.
func Settled(files []catalog.FileInfo) bool {
	var kinds []kind
	for _, f := range files {
		for i, p := range pairs(f.Path) {
			if i == len(kinds) {
				kinds = append(kinds, unknown)
			}
			if p.value == NullPartition {
				continue
			}
			if k := kindsOf(p.value); kinds[i] == unknown {
				kinds[i] = k
			} else if kinds[i] != k {
				return false
			}
		}
	}
	return true
}

func option(options map[string]string, name string) (on, set bool, err error) {
	text, set := options[name]
	if !set || strings.EqualFold(text, "auto") {
		return false, false, nil
	}
	on, err = sqltype.ParseBool([]byte(text))
	if err != nil {
		err = sqlerr.New(sqlerr.InvalidParameterValue, "option \"%s\" must be true or false, not \"%s\"", name, text)
	}
	return on, true, err
}

type pair struct{ key, value string }

// pairs are the k=v of the directories of a path, in order.
func pairs(path string) []pair {
	var out []pair
	parts := strings.Split(path, "/")
	for _, part := range parts[:len(parts)-1] {
		key, value, ok := strings.Cut(part, "=")
		if !ok || key == "" {
			continue
		}
		out = append(out, pair{unescape(key), unescape(value)})
	}
	return out
}

func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

func sameKeys(a, b []pair) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].key != b[i].key {
			return false
		}
	}
	return true
}

// kind is the set of what the values of a column are not.
type kind uint8

const (
	notInteger kind = 1 << iota
	notDate
	unknown
)

func kindsOf(value string) kind {
	if value == NullPartition {
		return 0
	}
	var k kind
	// 007 is a label, not a number: as an integer it would lose its zeros.
	padded := len(value) > 1 && value[0] == '0'
	if _, err := sqltype.ParseInt([]byte(value), 64); err != nil || strings.TrimSpace(value) != value || padded && !allDigits(value, 2) {
		k |= notInteger
	}
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		k |= notDate
	}
	return k
}

// allDigits tells whether value is n digits: month=01 and hour=07 are numbers.
func allDigits(value string, n int) bool {
	return len(value) == n && strings.Trim(value, "0123456789") == ""
}

func (k kind) dataType() arrow.DataType {
	switch {
	case k&notInteger == 0:
		return sqltype.Int64
	case k&notDate == 0:
		return sqltype.Date
	}
	return sqltype.Text
}

// Value is what path says of a partition column: an array of length 1.
func Value(path string, field arrow.Field) (arrow.Array, error) {
	for _, p := range pairs(path) {
		if strings.EqualFold(p.key, field.Name) {
			return scalar(path, p.value, field)
		}
	}
	return nil, sqlerr.New(sqlerr.InvalidTableDefinition, "path has no partition column \"%s\"", field.Name).
		WithFile(path, 0, field.Name)
}

func scalar(path, value string, field arrow.Field) (arrow.Array, error) {
	if value == NullPartition {
		return array.MakeArrayOfNull(memory.DefaultAllocator, field.Type, 1), nil
	}
	b := array.NewBuilder(memory.DefaultAllocator, field.Type)
	if err := appendValue(b, value); err != nil {
		e := *sqlerr.Find(err)
		e.File, e.Column = path, field.Name
		return nil, &e
	}
	return b.NewArray(), nil
}

func appendValue(b array.Builder, value string) error {
	switch b := b.(type) {
	case *array.StringBuilder:
		b.Append(value)
		return nil
	case *array.BooleanBuilder:
		v, err := sqltype.ParseBool([]byte(value))
		b.Append(v)
		return err
	case *array.Int16Builder:
		v, err := sqltype.ParseInt([]byte(value), 16)
		b.Append(int16(v))
		return err
	case *array.Int32Builder:
		v, err := sqltype.ParseInt([]byte(value), 32)
		b.Append(int32(v))
		return err
	case *array.Int64Builder:
		v, err := sqltype.ParseInt([]byte(value), 64)
		b.Append(v)
		return err
	case *array.Float64Builder:
		v, err := sqltype.ParseFloat([]byte(value), 64)
		b.Append(v)
		return err
	case *array.Date32Builder:
		v, err := sqltype.ParseDate([]byte(value))
		b.Append(arrow.Date32(v))
		return err
	case *array.TimestampBuilder:
		v, err := sqltype.ParseTimestamp([]byte(value))
		b.Append(arrow.Timestamp(v))
		return err
	case *array.Decimal128Builder:
		t := b.Type().(*arrow.Decimal128Type)
		v, err := sqltype.ParseDecimal([]byte(value), t.Precision, t.Scale)
		b.Append(v)
		return err
	}
	return sqlerr.New(sqlerr.FeatureNotSupported, "partition columns of type %s are not supported", sqltype.Name(b.Type()))
}

// Repeat is an array of n times the one value of scalar.
func Repeat(scalar arrow.Array, n int) (arrow.Array, error) {
	if n == 0 {
		return array.NewSlice(scalar, 0, 0), nil
	}
	// By doubling, so that few arrays are put together.
	out := scalar
	for out.Len() < n {
		more := array.NewSlice(out, 0, int64(min(out.Len(), n-out.Len())))
		next, err := array.Concatenate([]arrow.Array{out, more}, memory.DefaultAllocator)
		if err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.InternalError, "could not repeat a partition value")
		}
		out = next
	}
	return out, nil
}

// FilenameColumn is the name of the column that holds each row's file, asked
// for by the option filename: true, or a name.
func FilenameColumn(options map[string]string) (name string, ok bool) {
	text, set := options["filename"]
	if !set || text == "" {
		return "", false
	}
	on, err := sqltype.ParseBool([]byte(text))
	if err != nil {
		return text, true
	}
	return "filename", on
}
