package coordinator

import (
	"fmt"
	"sync"
	"testing"
)

// TestStatementsAreAtomic lets readers watch two writers: every statement adds
// or removes a pair of rows, so no reader may ever count an odd number, nor may
// the two sides of a join differ.
func TestStatementsAreAtomic(t *testing.T) {
	c := newTestCoordinator(t)
	statements{{"CREATE TABLE t (a int primary key)", "CREATE TABLE"}}.run(t, newTestSession(t, c))
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	for w := range 2 {
		s := newTestSession(t, c)
		writers.Go(func() {
			for i := range 60 {
				key := w*1_000_000 + i*2
				statements{{fmt.Sprintf("INSERT INTO t VALUES (%d), (%d)", key, key+1), "INSERT 0 2"}}.run(t, s)
				if i%3 == 0 {
					statements{{fmt.Sprintf("DELETE FROM t WHERE a IN (%d, %d)", key, key+1), "DELETE 2"}}.run(t, s)
				}
			}
		})
	}
	for range 2 {
		s := newTestSession(t, c)
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				statements{
					{"SELECT count(*) % 2 FROM t", "0\nSELECT 1"},
					{"SELECT count(*) FROM t x LEFT JOIN t y ON x.a = y.a WHERE y.a IS NULL", "0\nSELECT 1"},
				}.run(t, s)
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	statements{{"SELECT count(*) FROM t", "160\nSELECT 1"}}.run(t, newTestSession(t, c))
}
