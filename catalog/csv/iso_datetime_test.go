package csv

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"volley/sqltype"
)

// checkISO compares the words' way with the general fast parsers.
func checkISO(t *testing.T, s string) {
	t.Helper()
	buf := append([]byte("1234567"+s), "-0123456789 01:02:03"+string(make([]byte, pad))...)
	var got, want int64
	var ok, wantOK bool
	switch len(s) {
	case len(isoDate):
		got, ok = isoDateAt(buf, 7)
		var d int32
		d, wantOK = sqltype.FastDate([]byte(s))
		want = int64(d)
	case len(isoTimestamp):
		got, ok = isoTimestampAt(buf, 7)
		want, wantOK = sqltype.FastTimestamp([]byte(s))
		wantOK = wantOK && s[10] == ' '
	default:
		return
	}
	if ok != wantOK || ok && got != want {
		t.Fatalf("%q gives %d, %v, want %d, %v", s, got, ok, want, wantOK)
	}
}

func TestISO(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for n := range 200_000 {
		s := fmt.Sprintf("%04d-%02d-%02d %02d:%02d:%02d", r.IntN(2200), r.IntN(14), r.IntN(33), r.IntN(25), r.IntN(61), r.IntN(61))
		if n%3 == 0 { // one byte is something else
			b := []byte(s)
			b[r.IntN(len(b))] = byte(r.IntN(256))
			s = string(b)
		}
		checkISO(t, s)
		checkISO(t, s[:len(isoDate)])
	}
}

// Every day of the years around those of the table, and the days beside them.
func TestISODays(t *testing.T) {
	for year := tableYear - 2; year < tableYear+tableYears+2; year++ {
		for month := range 17 {
			for day := range 33 {
				checkISO(t, fmt.Sprintf("%04d-%02d-%02d", year, month, day))
			}
		}
	}
}

func FuzzISO(f *testing.F) {
	f.Add("2015-02-29 23:59:60")
	f.Add("2016-02-29")
	f.Fuzz(func(t *testing.T, s string) { checkISO(t, s) })
}
