package coordinator

import (
	"fmt"
	"strconv"
	"strings"

	"volley/parser"
	"volley/sqlerr"
	"volley/sqltype"
)

// floatDigits of double precision are kept by every decimal: extra_float_digits
// counts from here.
const floatDigits = 15

var dateFormats = [...]string{sqltype.DateISO: "ISO", sqltype.DatePostgres: "Postgres", sqltype.DateSQL: "SQL", sqltype.DateGerman: "German"}

var dateOrders = [...]string{sqltype.MonthFirst: "MDY", sqltype.DayFirst: "DMY", sqltype.YearFirst: "YMD"}

var intervalFormats = [...]string{
	sqltype.IntervalPostgres: "postgres", sqltype.IntervalVerbose: "postgres_verbose",
	sqltype.IntervalSQL: "sql_standard", sqltype.IntervalISO: "iso_8601",
}

// style is what the settings say about the text of values.
func (s *settings) style() sqltype.Style {
	var out sqltype.Style
	v, _ := s.get("datestyle")
	out.Date, out.Order, _ = parseDateStyle(v, 0, 0)
	v, _ = s.get("intervalstyle")
	for i, name := range intervalFormats {
		if v == name {
			out.Interval = sqltype.IntervalFormat(i)
		}
	}
	if extra := s.integer("extra_float_digits"); extra <= 0 {
		out.FloatDigits = uint8(max(floatDigits+extra, 1))
	}
	v, _ = s.get("bytea_output")
	out.ByteaEscape = v == "escape"
	return out
}

// dateStyle is the full form of a new DateStyle: what it leaves out stays.
func (s *settings) dateStyle(value string) (string, error) {
	now := s.style()
	format, order, err := parseDateStyle(value, now.Date, now.Order)
	return dateFormats[format] + ", " + dateOrders[order], err
}

// parseDateStyle reads a format, an order, or both, separated by a comma; two of
// a kind must agree.
func parseDateStyle(v string, format sqltype.DateFormat, order sqltype.DateOrder) (sqltype.DateFormat, sqltype.DateOrder, error) {
	haveFormat, haveOrder := false, false
	for _, w := range strings.Split(v, ",") {
		f, o := format, order
		isFormat, isOrder := true, true
		switch w = strings.ToUpper(strings.TrimSpace(w)); {
		case w == "ISO":
			f, isOrder = sqltype.DateISO, false
		case w == "SQL":
			f, isOrder = sqltype.DateSQL, false
		case strings.HasPrefix(w, "POSTGRES"):
			f, isOrder = sqltype.DatePostgres, false
		case w == "GERMAN":
			f, isOrder = sqltype.DateGerman, false
			if !haveOrder {
				order = sqltype.DayFirst
			}
		case w == "YMD":
			o, isFormat = sqltype.YearFirst, false
		case w == "DMY" || strings.HasPrefix(w, "EURO"):
			o, isFormat = sqltype.DayFirst, false
		case w == "MDY" || w == "US" || strings.HasPrefix(w, "NONEURO"):
			o, isFormat = sqltype.MonthFirst, false
		case w == "DEFAULT":
			f, o = sqltype.DateISO, sqltype.MonthFirst
			isFormat, isOrder = !haveFormat, !haveOrder
		default:
			return 0, 0, strconv.ErrSyntax
		}
		if isFormat {
			if haveFormat && f != format {
				return 0, 0, fmt.Errorf("conflicting \"datestyle\" specifications")
			}
			format, haveFormat = f, true
		}
		if isOrder {
			if haveOrder && o != order {
				return 0, 0, fmt.Errorf("conflicting \"datestyle\" specifications")
			}
			order, haveOrder = o, true
		}
	}
	return format, order, nil
}

// checkFloatDigits accepts the range of extra_float_digits.
func checkFloatDigits(v string) (string, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
	if err == nil && (n < -floatDigits || n > 3) {
		err = sqlerr.New(sqlerr.InvalidParameterValue, "%d is outside the valid range for parameter \"extra_float_digits\" (%d .. 3)", n, -floatDigits)
	}
	return strconv.FormatInt(n, 10), err
}

// dialect is what the settings say about the text of statements.
func (s *settings) dialect() parser.Dialect {
	v, _ := s.get("standard_conforming_strings")
	return parser.Dialect{EscapeStrings: v == "off"}
}
