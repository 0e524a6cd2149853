package coordinator

import (
	"fmt"
	"strconv"
)

// count is a number with its thousands apart: 6,001,215.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

func plural(n int64) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// bytesText is a size in three digits: 12.3 MB, by powers of 1000.
func bytesText(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	v := float64(n)
	for _, unit := range []string{"kB", "MB", "GB", "TB"} {
		if v /= 1000; v < 999.5 || unit == "TB" {
			return threeDigits(v) + " " + unit
		}
	}
	return ""
}

// timeText is a time, given in ms, in three digits.
func timeText(ms float64) string {
	switch {
	case ms < 0.0005:
		return "0"
	case ms < 0.9995:
		return fmt.Sprintf("%.0f µs", ms*1000)
	case ms < 999.5:
		return threeDigits(ms) + " ms"
	case ms < 999_500:
		return threeDigits(ms/1000) + " s"
	}
	return fmt.Sprintf("%.0f s", ms/1000)
}

func threeDigits(v float64) string {
	switch {
	case v >= 99.95:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.995:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// farOff is the factor from which an estimate is marked as wrong, unless so few
// rows are meant that it does not matter.
const (
	farOff     = 10
	fewRowsOff = 1000
)

// offBy is how far an estimate is from the truth: "▲33×" when too many rows were
// expected, "▼33×" when too few; "" when it is near enough.
func offBy(estimated, actual int64) string {
	e, a := float64(max(estimated, 1)), float64(max(actual, 1))
	mark, factor := "▲", e/a
	if factor < 1 {
		mark, factor = "▼", a/e
	}
	if factor < farOff || max(e, a) < fewRowsOff {
		return ""
	}
	switch {
	case factor >= 999_500:
		return mark + fmt.Sprintf("%.0fM×", factor/1e6)
	case factor >= 9_950:
		return mark + fmt.Sprintf("%.0fk×", factor/1e3)
	}
	return mark + fmt.Sprintf("%.0f×", factor)
}
