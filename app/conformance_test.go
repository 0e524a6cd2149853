package app

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// taxiSamples are a year of real taxi trips that may lie beside the project.
const taxiSamples = "../../shared/corpora/nyc-taxi-ge"

// taxiCorpus gives a pattern for the files below taxiSamples, as SQL takes it,
// and what counting their lines by hand gives: passenger_count,count lines in
// the order of passenger_count.
func taxiCorpus(t *testing.T) (pattern, want string) {
	t.Helper()
	root, err := filepath.Abs(taxiSamples)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	files := 0
	_ = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".csv" {
			return err
		}
		files++
		countPassengers(t, path, counts)
		return nil
	})
	if files == 0 {
		t.Skip("the taxi samples are not here")
	}
	var b strings.Builder
	for p := range 256 {
		if n := counts[fmt.Sprint(p)]; n > 0 {
			fmt.Fprintf(&b, "%d,%d\n", p, n)
			delete(counts, fmt.Sprint(p))
		}
	}
	if len(counts) > 0 {
		t.Fatalf("passenger counts that are no small numbers: %v", counts)
	}
	return root + "/**/*.csv", b.String()
}

// countPassengers counts one file's values of passenger_count; no field of
// these files is quoted.
func countPassengers(t *testing.T, path string, counts map[string]int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	column := -1
	for lines.Scan() {
		fields := strings.Split(lines.Text(), ",")
		if column < 0 {
			for i, name := range fields {
				if name == "passenger_count" {
					column = i
				}
			}
			if column < 0 {
				t.Fatalf("%s has no passenger_count", path)
			}
			continue
		}
		counts[fields[column]]++
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// askTaxi gives the answer in the form of taxiCorpus.
func askTaxi(t *testing.T, conn *pgx.Conn, sql string) string {
	t.Helper()
	rows, err := conn.Query(context.Background(), sql)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var passengers, n int64
	if _, err := pgx.ForEachRow(rows, []any{&passengers, &n}, func() error {
		fmt.Fprintf(&b, "%d,%d\n", passengers, n)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestTaxiTrips asks the main question of real taxi trips, to one server and to
// a coordinator with two workers.
func TestTaxiTrips(t *testing.T) {
	pattern, want := taxiCorpus(t)
	question := "SELECT passenger_count, count(*) FROM '" + pattern + "' GROUP BY 1 ORDER BY 1"
	one := startServer(t, "serve", "--allow-path", "/")
	if got := askTaxi(t, one.connect(t, 1), question); got != want {
		t.Errorf("one server: got\n%s\nwant\n%s", got, want)
	}
	c := startServer(t, "coordinator", "--allow-path", "/")
	c.worker(t, "--allow-path", "/")
	c.worker(t, "--allow-path", "/")
	if got := askTaxi(t, c.connect(t, 2), question); got != want {
		t.Errorf("two workers: got\n%s\nwant\n%s", got, want)
	}
}

// TestTaxiTripsAfterALoss kills one of two workers in the middle of the same
// question, in which each worker is held up until then.
func TestTaxiTripsAfterALoss(t *testing.T) {
	pattern, want := taxiCorpus(t)
	c := startServer(t, "coordinator", "--allow-path", "/")
	c.worker(t, "--id", "steady", "--allow-path", "/")
	victim := c.worker(t, "--id", "victim", "--allow-path", "/")
	conn, watch := c.connect(t, 2), c.connect(t, 2)
	if _, err := conn.Exec(context.Background(), "SET volley.speculation = off"); err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(t.TempDir(), "taxi")
	// chaos is called for some of the rows only; no row is lost by the OR
	question := "SELECT passenger_count, count(*) FROM '" + pattern +
		"' WHERE trip_distance < 12 OR chaos(passenger_count, 'stall', '" + place + "', 2) >= 0 GROUP BY 1 ORDER BY 1"
	answer := make(chan string, 1)
	go func() {
		defer close(answer) // askTaxi ends this goroutine when the query fails
		answer <- askTaxi(t, conn, question)
	}()
	count := func(state string) (n int) {
		sql := "SELECT count(*) FROM volley.tasks WHERE worker = 'victim' AND state = '" + state + "'"
		if err := watch.QueryRow(context.Background(), sql).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	awaitFired(t, place, 2)
	victim.signal(t, syscall.SIGKILL, 10*time.Second)
	release(t, place)
	if got := <-answer; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if count("lost") == 0 {
		t.Error("no task was lost: the kill came too late to show anything")
	}
}
