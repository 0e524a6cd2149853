package parser

import (
	"sync"
	"testing"

	"volley/parser/ast"
)

// TestConcurrent parses in many goroutines at a time: no two may share a parser
// of TiDB.
func TestConcurrent(t *testing.T) {
	texts := []string{
		"SELECT a + 1 FROM t WHERE b IN (SELECT c FROM d) ORDER BY 1 LIMIT 5",
		"WITH x AS (VALUES (1, 'a')) SELECT * FROM x JOIN y USING (z)",
		"INSERT INTO t SELECT sum(a) OVER (PARTITION BY b) FROM c",
	}
	var want []string
	for _, sql := range texts {
		want = append(want, trees(sql))
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 100 {
				k := (g + i) % len(texts)
				list, err := Parse(texts[k])
				if err != nil {
					t.Error(err)
					return
				}
				if got := ast.Format(list[0], true); got != want[k] {
					t.Errorf("got %s, want %s", got, want[k])
					return
				}
			}
		})
	}
	wg.Wait()
}
