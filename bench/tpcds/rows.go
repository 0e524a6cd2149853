package tpcds

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"io"
	"strconv"
	"strings"
	"time"
)

// Write writes the rows as CSV without a header: | between values, nothing for
// NULL.
func (t *Table) Write(out io.Writer, tables []*Table) error {
	w := bufio.NewWriter(out)
	g := generator{rows: map[string]int{}}
	for _, other := range tables {
		g.rows[other.Name] = other.Rows
	}
	for row := range t.Rows {
		for i := range t.Columns {
			if i > 0 {
				_ = w.WriteByte('|')
			}
			value, err := g.value(t, &t.Columns[i], row)
			if err != nil {
				return fmt.Errorf("%s: %w", t.Columns[i].Name, err)
			}
			_, _ = w.WriteString(value)
		}
		_ = w.WriteByte('\n')
	}
	return w.Flush()
}

type generator struct{ rows map[string]int }

// value is that of a column in a row, which depends on nothing else, so that the
// columns of a return find those of its sale.
func (g generator) value(t *Table, c *Column, row int) (string, error) {
	how, at := c.how, row
	if how[0] == "shared" {
		n, err := strconv.Atoi(how[1])
		if err != nil {
			return "", err
		}
		how, at = how[2:], row/n
	}
	switch how[0] {
	case "key":
		return strconv.Itoa(at + 1), nil
	case "id":
		return fmt.Sprintf("AAAAAAAA%08d", at/2+1), nil
	case "const":
		return word(how[1]), nil
	case "of":
		list := strings.Split(how[1], ",")
		return word(list[draw(c.Name, at)%uint64(len(list))]), nil
	case "turn":
		list := strings.Split(how[1], ",")
		return word(list[at/c.turn%len(list)]), nil
	case "text":
		n, err := strconv.ParseUint(how[2], 10, 32)
		return how[1] + " " + strconv.FormatUint(draw(c.Name, at)%n, 10), err
	case "ref":
		if isNull(c.Name, at, how[2:]) {
			return "", nil
		}
		return strconv.Itoa(key(how[1], int(draw(c.Name, at)%uint64(g.rows[how[1]])))), nil
	case "int", "dec":
		return number(c.Name, at, how)
	case "sale":
		sale := int(draw(t.Name, row) % uint64(t.sales.Rows))
		for i := range t.sales.Columns {
			if t.sales.Columns[i].Name == how[1] {
				return g.value(t.sales, &t.sales.Columns[i], sale)
			}
		}
	case "calendar":
		return calendar(strings.TrimPrefix(c.Name, "d_"), row)
	case "clock":
		return clock(strings.TrimPrefix(c.Name, "t_"), row)
	}
	return "", fmt.Errorf("no values for %q", how)
}

// draw is a number that depends on the column and the row alone.
func draw(column string, row int) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, column)
	x := h.Sum64() + uint64(row+1)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return (x ^ x>>31) >> 1
}

// isNull tells whether a value is NULL; percent has at most one word.
func isNull(column string, row int, percent []string) bool {
	if len(percent) == 0 {
		return false
	}
	n, err := strconv.ParseUint(percent[0], 10, 32)
	return err == nil && draw(column+" null", row)%100 < n
}

func number(column string, row int, how []string) (string, error) {
	lo, err := strconv.Atoi(how[1])
	if err != nil {
		return "", err
	}
	hi, err := strconv.Atoi(how[2])
	if err != nil {
		return "", err
	}
	if isNull(column, row, how[3:]) {
		return "", nil
	}
	if how[0] == "int" {
		return strconv.Itoa(lo + int(draw(column, row)%uint64(hi-lo+1))), nil
	}
	cents := lo*100 + int(draw(column, row)%uint64((hi-lo)*100))
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100), nil
}

// word is a word of schema.txt as a value.
func word(s string) string {
	if s == "-" {
		return ""
	}
	return strings.ReplaceAll(s, "_", " ")
}

// firstDay is the key of 1998-01-01, the first day of the calendar: its Julian
// day.
const firstDay = 2450815

// key is the key of a table's row: a Julian day, a second of the day or the
// row's number.
func key(table string, row int) int {
	switch table {
	case "date_dim":
		return firstDay + row
	case "time_dim":
		return row * 60
	}
	return row + 1
}

// calendar is a column of date_dim.
func calendar(column string, row int) (string, error) {
	day := time.Date(1998, 1, 1+row, 0, 0, 0, 0, time.UTC)
	since1900 := int(day.Sub(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)).Hours() / 24)
	year, quarter := day.Year(), (int(day.Month())+2)/3
	sk := func(d time.Time) int { return firstDay + row + int(d.Sub(day).Hours()/24) }
	n := 0
	switch column {
	case "date_sk":
		n = sk(day)
	case "date":
		return day.Format(time.DateOnly), nil
	case "month_seq":
		n = (year-1900)*12 + int(day.Month()) - 1
	case "week_seq", "fy_week_seq":
		n = since1900/7 + 1
	case "quarter_seq", "fy_quarter_seq":
		n = (year-1900)*4 + quarter
	case "year", "fy_year":
		n = year
	case "dow":
		n = int(day.Weekday())
	case "moy":
		n = int(day.Month())
	case "dom":
		n = day.Day()
	case "qoy":
		n = quarter
	case "day_name":
		return day.Weekday().String(), nil
	case "quarter_name":
		return fmt.Sprintf("%dQ%d", year, quarter), nil
	case "weekend":
		if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
			return "Y", nil
		}
		return "N", nil
	case "first_dom":
		n = sk(day.AddDate(0, 0, 1-day.Day()))
	case "last_dom":
		n = sk(time.Date(year, day.Month()+1, 0, 0, 0, 0, 0, time.UTC))
	case "same_day_ly":
		n = sk(day.AddDate(-1, 0, 0))
	case "same_day_lq":
		n = sk(day.AddDate(0, -3, 0))
	default:
		return "", fmt.Errorf("no such column of the calendar")
	}
	return strconv.Itoa(n), nil
}

// clock is a column of time_dim, which has a row for each minute.
func clock(column string, minute int) (string, error) {
	hour := minute / 60
	third := func(names ...string) string { return names[((hour+16)%24)/8] }
	switch column {
	case "time_sk", "time":
		return strconv.Itoa(minute * 60), nil
	case "hour":
		return strconv.Itoa(hour), nil
	case "minute":
		return strconv.Itoa(minute % 60), nil
	case "second":
		return "0", nil
	case "am_pm":
		if hour < 12 {
			return "AM", nil
		}
		return "PM", nil
	case "shift":
		return third("first", "second", "third"), nil
	case "sub_shift":
		return third("morning", "afternoon", "night"), nil
	case "meal_time":
		switch {
		case hour >= 6 && hour < 9:
			return "breakfast", nil
		case hour >= 11 && hour < 14:
			return "lunch", nil
		case hour >= 17 && hour < 21:
			return "dinner", nil
		}
		return "", nil
	}
	return "", fmt.Errorf("no such column of the clock")
}
