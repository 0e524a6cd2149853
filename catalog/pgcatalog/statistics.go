package pgcatalog

import (
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/sqltype"
)

func init() { fillers["pg_catalog.pg_stats"] = fillStatistics }

// scaledDistinct is from which share of the rows on the number of values is taken
// to grow with the table, and is shown as minus that share.
const scaledDistinct = 0.1

// fillStatistics shows what ANALYZE has found. Arrays of values are text.
func fillStatistics(db *Database, r *rows) {
	for _, rel := range db.relations() {
		if rel.Analyzed == nil {
			continue
		}
		stats := rel.Analyzed()
		if stats == nil || stats.Rows == 0 {
			continue
		}
		for i, c := range stats.Columns {
			if i >= len(rel.Columns) || c.NullCount < 0 {
				continue
			}
			r.add(statisticsRow(rel, i, &c, stats.Rows))
		}
	}
}

func statisticsRow(rel *Relation, i int, c *catalog.ColumnStats, rows int64) values {
	n := float64(max(rows, 1))
	distinct := float64(max(c.Distinct, 0))
	if distinct > scaledDistinct*n {
		distinct = -distinct / n
	}
	v := values{
		"schemaname": rel.Schema, "tablename": rel.Name, "attname": rel.Columns[i].Name, "inherited": false,
		"null_frac": float64(c.NullCount) / n, "avg_width": int(c.Width + 0.5), "n_distinct": distinct,
	}
	if c.Common != nil {
		v["most_common_vals"], v["most_common_freqs"] = arrayText(padded(c.Common, &rel.Columns[i])), c.CommonShares
	}
	if c.Bounds != nil {
		v["histogram_bounds"] = arrayText(padded(c.Bounds, &rel.Columns[i]))
	}
	return v
}

// padded gives values of char(n) the blanks that they do not have inside of plans.
func padded(values arrow.Array, col *Column) arrow.Array {
	text, ok := values.(*array.String)
	n := int(col.Mod) - 4 // as varchar(n) and char(n) have it
	if !ok || col.Type != oidBpchar || n <= 0 {
		return values
	}
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for i := range text.Len() {
		s := text.Value(i)
		b.Append(s + strings.Repeat(" ", max(n-utf8.RuneCountInString(s), 0)))
	}
	return b.NewArray()
}

// arrayText is values as the text of an array.
func arrayText(a arrow.Array) string {
	ends := arrow.Int32Traits.CastToBytes([]int32{0, int32(a.Len())})
	t := arrow.ListOf(a.DataType())
	list := array.NewListData(array.NewData(t, 1, []*memory.Buffer{nil, memory.NewBufferBytes(ends)}, []arrow.ArrayData{a.Data()}, 0, 0))
	return string(sqltype.NewTextEncoder(t, sqltype.TextOptions{})(nil, list, 0))
}
