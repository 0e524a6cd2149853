package app

import (
	"context"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestNowOnWorkers: now() is one moment for all statements of a transaction, in whichever
// process and whenever a task runs, also again; statement_timestamp() is one for all tasks
// of a statement.
func TestNowOnWorkers(t *testing.T) {
	ctx := context.Background()
	in := tableOf(t, 5000)
	c := startFaults(t, 3)
	conn := c.connect(t, 3)
	if _, err := conn.Exec(ctx, small); err != nil {
		t.Fatal(err)
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	var began, first time.Time
	if err := tx.QueryRow(ctx, "SELECT now(), statement_timestamp()").Scan(&began, &first); err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(t.TempDir(), "place")
	done := make(chan error, 1)
	go func() {
		// each row has the clock's own time too, so that the others do not come of constants
		rows, err := tx.Query(ctx, fmt.Sprintf(`SELECT n, now(), current_timestamp, transaction_timestamp(), statement_timestamp(), clock_timestamp()
			FROM '%s' WHERE chaos(n, 'stall', '%s', 3) > 0 AND now() <= clock_timestamp()`, in, place))
		if err == nil {
			err = sameMoments(rows, began, first)
		}
		done <- err
	}()
	awaitFired(t, place, 3)
	var victim string
	for victim = range c.workers {
		break
	}
	time.Sleep(50 * time.Millisecond)
	c.workers[victim].signal(t, syscall.SIGKILL, 10*time.Second)
	release(t, place)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	lost := 0
	if err := c.connect(t, 0).QueryRow(ctx, "SELECT count(*) FROM volley.tasks WHERE worker = '"+victim+"' AND state = 'lost'").Scan(&lost); err != nil || lost == 0 {
		t.Fatalf("no task was lost (%v): the kill came too late to show anything", err)
	}
}

// sameMoments looks at rows of n, three times of the transaction, that of the statement and
// that of the clock.
func sameMoments(rows pgx.Rows, began, first time.Time) error {
	defer rows.Close()
	var statement time.Time
	count, moments := 0, map[time.Time]bool{}
	for rows.Next() {
		var n int64
		var now, current, transaction, of, clock time.Time
		if err := rows.Scan(&n, &now, &current, &transaction, &of, &clock); err != nil {
			return err
		}
		if count == 0 {
			statement = of
		}
		if !now.Equal(began) || !current.Equal(began) || !transaction.Equal(began) {
			return fmt.Errorf("row %d: now() is %v, %v, %v in a transaction that began at %v", n, now, current, transaction, began)
		}
		if !of.Equal(statement) || !of.After(first) || of.After(clock) {
			return fmt.Errorf("row %d: the statement began at %v, %v, the one before at %v; the clock says %v", n, of, statement, first, clock)
		}
		count++
		moments[clock] = true
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if count != 5000 || len(moments) < 3 {
		return fmt.Errorf("%d rows of %d moments", count, len(moments))
	}
	return nil
}
