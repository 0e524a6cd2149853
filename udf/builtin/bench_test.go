package builtin

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
	"volley/udf"
)

const benchRows = 8192

// benchColumn has random values, and a NULL in every nullEvery rows (0: none).
func benchColumn(b *testing.B, t arrow.DataType, nullEvery int) arrow.Array {
	rnd := rand.New(rand.NewPCG(3, 4))
	vals := make([]string, benchRows)
	for i := range vals {
		switch t.ID() {
		case arrow.STRING:
			vals[i] = fmt.Sprintf("Value number %d", rnd.IntN(1000))
		case arrow.TIMESTAMP:
			vals[i] = fmt.Sprintf("2024-%02d-%02d 10:11:12", 1+rnd.IntN(12), 1+rnd.IntN(28))
		case arrow.BOOL:
			vals[i] = "t"
		default:
			vals[i] = fmt.Sprint(1 + rnd.IntN(1000))
		}
		if nullEvery > 0 && i%nullEvery == 0 {
			vals[i] = "NULL"
		}
	}
	return columnOf(b, t, vals)
}

func BenchmarkScalar(b *testing.B) {
	r := newRegistry(b)
	for _, c := range []struct {
		name  string
		types []arrow.DataType
		nulls int
		last  string // constant last argument
	}{
		{"+", types(tInt4, tInt4), 0, ""},
		{"+", types(tInt8, tInt8), 10, ""},
		{"*", types(tInt8, tInt8), 0, "3"},
		{"/", types(tInt4, tInt4), 0, ""},
		{"+", types(tFloat8, tFloat8), 0, ""},
		{"+", types(sqltype.Decimal(10, 2), sqltype.Decimal(10, 2)), 0, ""},
		{"*", types(sqltype.Decimal(10, 2), sqltype.Decimal(10, 2)), 0, ""},
		{"/", types(sqltype.Decimal(10, 2), sqltype.Decimal(10, 2)), 0, ""},
		{"<", types(tInt4, tInt4), 0, "500"},
		{"<", types(tFloat8, tFloat8), 10, "500"},
		{"=", types(tText, tText), 0, "Value number 77"},
		{"like", types(tText, tText), 0, "%number 7%"},
		{"like", types(tText, tText), 0, "V%n_mber%7"},
		{"~", types(tText, tText), 0, "number 7+"},
		{"lower", types(tText), 0, ""},
		{"length", types(tText), 0, ""},
		{"date_trunc", types(tText, tTimestamp), 0, ""},
		{"date_part", types(tText, tTimestamp), 0, ""},
	} {
		b.Run(fmt.Sprintf("%s/%v/nulls=%d/%s", c.name, c.types[len(c.types)-1], c.nulls, c.last), func(b *testing.B) {
			args := make([]udf.Arg, len(c.types))
			for i, t := range c.types {
				args[i].Array = benchColumn(b, t, c.nulls)
			}
			if c.last != "" {
				args[len(args)-1] = udf.Arg{Array: columnOf(b, c.types[len(args)-1], []string{c.last}), Const: true}
			}
			if len(c.name) > 5 && c.name[:5] == "date_" {
				args[0] = udf.Arg{Array: columnOf(b, tText, []string{"month"}), Const: true}
			}
			f, err := r.FindScalar(c.name, c.types)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Batch(testContext, args, benchRows); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
		})
	}
}

func BenchmarkAggregate(b *testing.B) {
	r := newRegistry(b)
	for _, c := range []struct {
		name  string
		typ   arrow.DataType
		nulls int
	}{
		{"count", tInt4, 10},
		{"sum", tInt4, 0},
		{"sum", tInt4, 10},
		{"sum", tInt8, 0},
		{"sum", tFloat8, 0},
		{"avg", tInt4, 0},
		{"avg", sqltype.Decimal(10, 2), 0},
		{"min", tInt4, 0},
		{"max", tFloat8, 0},
		{"min", tText, 0},
		{"stddev", tFloat8, 0},
		{"stddev", tInt4, 0},
		{"approx_count_distinct", tText, 0},
	} {
		for _, groups := range []int{1, 100} {
			b.Run(fmt.Sprintf("%s/%v/nulls=%d/groups=%d", c.name, c.typ, c.nulls, groups), func(b *testing.B) {
				arg := []udf.Arg{{Array: benchColumn(b, c.typ, c.nulls)}}
				a, err := r.FindAggregate(c.name, types(c.typ))
				if err != nil {
					b.Fatal(err)
				}
				acc, err := a.New(testContext, types(c.typ))
				if err != nil {
					b.Fatal(err)
				}
				ids := make([]uint32, benchRows)
				for i := range ids {
					ids[i] = uint32(i * 7 % groups)
				}
				b.ReportAllocs()
				for b.Loop() {
					if err := acc.Update(ids, groups, arg); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
			})
		}
	}
}
