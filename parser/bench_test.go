package parser

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func benchmarkParse(b *testing.B, sql string) {
	b.SetBytes(int64(len(sql)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(sql); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSelectOne(b *testing.B) { benchmarkParse(b, "SELECT 1") }

func BenchmarkTPCH(b *testing.B) {
	files, _ := filepath.Glob(filepath.Join(corpora, "tpch/queries/*.sql"))
	if len(files) == 0 {
		b.Skip("no TPC-H queries: the corpora are not here")
	}
	var all strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		all.Write(text)
		all.WriteString("\n;")
	}
	benchmarkParse(b, all.String())
}

// numbers is "0, 1, …" with n numbers.
func numbers(n int) string {
	var s []byte
	for i := range n {
		if i > 0 {
			s = append(s, ", "...)
		}
		s = strconv.AppendInt(s, int64(i), 10)
	}
	return string(s)
}

func BenchmarkInList(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		sql := "SELECT 1 FROM t WHERE x IN (" + numbers(n) + ")"
		b.Run(strconv.Itoa(n), func(b *testing.B) { benchmarkParse(b, sql) })
	}
}

func BenchmarkValues1MB(b *testing.B) {
	row := "(1, 'some text', 2.5, true, NULL)"
	benchmarkParse(b, "VALUES "+strings.Repeat(row+", ", (1<<20)/len(row))+row)
}

func BenchmarkChain(b *testing.B) {
	for _, op := range []string{" + ", " OR ", " || "} {
		sql := "SELECT 1" + strings.Repeat(op+"1", 50_000)
		b.Run(strings.TrimSpace(op), func(b *testing.B) { benchmarkParse(b, sql) })
	}
}
