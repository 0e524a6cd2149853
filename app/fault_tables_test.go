package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// batchRows is how many rows each INSERT of a number adds: few, which are in the
// journal itself, or many, which are a file.
func batchRows(batch int) int { return []int{3, 20_000, 40}[batch%3] }

// inserter adds batches until its connection breaks, and gives those it was told are
// there. Batches of even numbers are two INSERTs in a transaction.
func inserter(conn *pgx.Conn, first int, acknowledged func(batch int)) {
	ctx := context.Background()
	for batch := first; ; batch += 2 {
		n := batchRows(batch)
		half := fmt.Sprintf("INSERT INTO kept (batch, note) SELECT %d, 'row ' || i FROM generate_series(1, %d) AS i", batch, n)
		sql := half
		if batch%4 < 2 {
			sql = "BEGIN; " + half + "; " + half + "; COMMIT"
		}
		if _, err := conn.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
			return
		}
		acknowledged(batch)
	}
}

// TestFaultTablesSurviveTheCoordinator kills the coordinator with SIGKILL while
// clients insert into a managed table: what was acknowledged is there, and of every
// other INSERT all or nothing.
func TestFaultTablesSurviveTheCoordinator(t *testing.T) {
	data := t.TempDir()
	c := &faultCluster{cluster: startServer(t, "coordinator", "--allow-path", "/", "--data-dir", data)}
	c.watch = c.connect(t, 0)
	run := func(sql string) string { return c.run(t, sql) }
	run("CREATE TABLE kept (id bigserial PRIMARY KEY, batch int NOT NULL, note text)")
	run("CREATE SCHEMA s; CREATE TABLE s.copy AS SELECT i, i::text AS t FROM generate_series(1, 1000) AS i; CREATE UNIQUE INDEX one ON s.copy (i)")
	run("CREATE VIEW notes AS SELECT count(*) AS n FROM kept")
	done := map[int]bool{}
	for round := range rounds(6) {
		var mu sync.Mutex
		var writers sync.WaitGroup
		enough := make(chan struct{})
		count := 0
		for w := range 2 {
			conn := c.connect(t, 0)
			writers.Go(func() {
				inserter(conn, 10_000*round+w, func(batch int) {
					mu.Lock()
					defer mu.Unlock()
					done[batch] = true
					if count++; count == 8 {
						close(enough)
					}
				})
			})
		}
		ended := make(chan struct{})
		go func() {
			writers.Wait()
			close(ended)
		}()
		select {
		case <-enough:
		case <-ended:
			t.Fatal("the writers ended before the coordinator was killed")
		}
		c.signal(t, syscall.SIGKILL, 10*time.Second)
		<-ended
		if round%2 == 1 { // as if the machine had failed while it wrote
			tear(t, filepath.Join(data, "tables"))
		}
		c.process = start(t, "coordinator", "--listen", c.listen, "--flight", c.flight, "--http", c.http, "--allow-path", "/", "--data-dir", data)
		c.watch = c.connect(t, 0)
		found := map[int]bool{}
		for line := range strings.Lines(run("SELECT batch, count(*), count(DISTINCT id) FROM kept GROUP BY batch")) {
			var batch, rows, ids int
			if _, err := fmt.Sscanf(line, "%d|%d|%d", &batch, &rows, &ids); err != nil {
				t.Fatal(err)
			}
			want := batchRows(batch)
			if batch%4 < 2 {
				want *= 2
			}
			if found[batch] = true; rows != want || ids != want {
				t.Errorf("round %d: batch %d has %d rows of %d", round, batch, rows, want)
			}
		}
		for batch := range done {
			if !found[batch] {
				t.Errorf("round %d: batch %d was acknowledged and is gone", round, batch)
			}
		}
		if got := run("SELECT count(*), sum(i) FROM s.copy"); got != "1000|500500\n" {
			t.Errorf("s.copy has %s", got)
		}
		if got := run("SELECT n = (SELECT count(DISTINCT id) FROM kept) FROM notes"); got != "t\n" {
			t.Errorf("the view sees other rows: %s", got)
		}
	}
	if _, err := rowsOf(c.watch, "INSERT INTO s.copy VALUES (7, 'again')"); err == nil {
		t.Error("the unique index is gone")
	}
	run("DROP TABLE kept CASCADE; DROP SCHEMA s CASCADE")
	left, err := filepath.Glob(filepath.Join(data, "tables", "rows-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("files of dropped tables: %v, %v", left, err)
	}
}

// tear leaves half a frame at the end of the journal, and a file of rows of a commit
// that did not happen.
func tear(t *testing.T, dir string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, "journal"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write([]byte{100, 0, 0})
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "rows-999999"), []byte("half"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
