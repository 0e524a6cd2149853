package memtable

import (
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
)

// maxValueText is where PostgreSQL cuts a value in "Failing row contains".
const maxValueText = 64

// RowText is a row as the detail of a constraint's error shows it: values
// separated by commas, long ones cut.
func RowText(rec arrow.Record, row int) string {
	text := ""
	for i, col := range rec.Columns() {
		if i > 0 {
			text += ", "
		}
		v := valueText(col, row)
		if len(v) > maxValueText {
			cut := maxValueText
			for cut > 0 && !utf8.RuneStart(v[cut]) {
				cut--
			}
			v = v[:cut] + "..."
		}
		text += v
	}
	return text
}

func valueText(col arrow.Array, row int) string {
	if col.IsNull(row) {
		return "null"
	}
	return string(sqltype.NewTextEncoder(col.DataType(), sqltype.TextOptions{})(nil, col, row))
}
