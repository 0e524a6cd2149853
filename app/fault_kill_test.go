package app

import (
	"fmt"
	"testing"
	"time"
)

// scanQuery stalls in a scan; groupQuery in the tasks that read what a hash
// exchange has cut.
func scanQuery(file, place string, budget int) string {
	return fmt.Sprintf("SELECT count(*), sum(chaos(n, 'stall', '%s', %d)) FROM '%s'", place, budget, file)
}

func groupQuery(file, place string, budget int) string {
	return fmt.Sprintf("SELECT count(*), sum(chaos(s, 'stall', '%s', %d)) FROM (SELECT n %% 500 AS g, sum(n)::bigint AS s FROM '%s' GROUP BY 1) AS t", place, budget, file)
}

// shuffleQuery is groupQuery that stalls in the scan, before anything is read of
// the exchange.
func shuffleQuery(file, place string, budget int) string {
	return fmt.Sprintf("SELECT count(*), sum(s) FROM (SELECT n %% 500 AS g, sum(chaos(n, 'stall', '%s', %d))::bigint AS s FROM '%s' GROUP BY 1) AS t", place, budget, file)
}

// heldQuery is groupQuery on three workers, of which each is held up in a scan before:
// so each of them makes outputs.
func heldQuery(file, scan, place string, budget int) string {
	return fmt.Sprintf("SELECT count(*), sum(chaos(s, 'stall', '%s', %d)) FROM (SELECT n %% 500 AS g, sum(chaos(n, 'stall', '%s', 3))::bigint AS s FROM '%s' GROUP BY 1) AS t", place, budget, scan, file)
}

// source is a worker that has finished scan tasks of the query with a mark, and
// is not the one that is excepted.
func (c *faultCluster) source(t *testing.T, mark, except string) string {
	t.Helper()
	found := ""
	eventually(t, time.Minute, "another worker has finished a scan", func() bool {
		for _, a := range c.attempts(t, mark) {
			if a.stage == 0 && a.state == "finished" && a.worker != except {
				found = a.worker
			}
		}
		return found != ""
	})
	return found
}

const (
	scanAnswer  = "20000|200010000\n"
	groupAnswer = "500|200010000\n"
)

// TestFaultKillWhileScanning kills the worker that scans.
func TestFaultKillWhileScanning(t *testing.T) {
	for c, at := range faultRounds(t, "scan", 20) {
		got := c.ask(t, small, scanQuery(at.file, at.place, 1))
		victim := c.of(t, awaitFired(t, at.place, 1)[0])
		c.kill(t, victim)
		(<-got).want(t, scanAnswer)
		onlyTheLostRanAgain(t, c.attempts(t, at.place), victim)
	}
}

// TestFaultKillAfterShuffle kills a worker that has finished its part of the
// shuffle while another one reads it.
func TestFaultKillAfterShuffle(t *testing.T) {
	for c, at := range faultRounds(t, "shuffle", 20) {
		scan := at.place + "scan"
		got := c.ask(t, small, heldQuery(at.file, scan, at.place, 1))
		awaitFired(t, scan, 3)
		release(t, scan)
		reader := c.of(t, awaitFired(t, at.place, 1)[0])
		victim, made := c.source(t, at.place, reader), 0
		for _, a := range c.attempts(t, at.place) {
			if a.stage == 0 && a.state == "finished" && a.worker == victim {
				made++
			}
		}
		before := metric(t, c.http, "outputs_lost_total")
		c.kill(t, victim)
		eventually(t, time.Minute, "outputs are made again", func() bool { return metric(t, c.http, "outputs_lost_total") > before })
		release(t, at.place)
		(<-got).want(t, groupAnswer)
		attempts := c.attempts(t, at.place)
		if _, outputs := onlyTheLostRanAgain(t, attempts, victim); outputs < made {
			t.Errorf("%d outputs of %s were made again, of %d: %v", outputs, victim, made, attempts)
		}
	}
}

// TestFaultKillInFinalStage kills a worker that reads the shuffle.
func TestFaultKillInFinalStage(t *testing.T) {
	for c, at := range faultRounds(t, "final", 20) {
		got := c.ask(t, small, groupQuery(at.file, at.place, 1))
		victim := c.of(t, awaitFired(t, at.place, 1)[0])
		c.kill(t, victim)
		(<-got).want(t, groupAnswer)
		attempts := c.attempts(t, at.place)
		if running, _ := onlyTheLostRanAgain(t, attempts, victim); running == 0 {
			t.Errorf("no task of the final stage was lost: %v", attempts)
		}
	}
}

// TestFaultKillTwoOfThree leaves one worker of three.
func TestFaultKillTwoOfThree(t *testing.T) {
	for c, at := range faultRounds(t, "two", 10) {
		got := c.ask(t, small, groupQuery(at.file, at.place, 2))
		var victims []string
		for _, pid := range awaitFired(t, at.place, 2) {
			victims = append(victims, c.of(t, pid))
		}
		if victims[0] == victims[1] {
			t.Fatalf("both tasks are on %s", victims[0])
		}
		for _, v := range victims {
			c.kill(t, v)
		}
		(<-got).want(t, groupAnswer)
		onlyTheLostRanAgain(t, c.attempts(t, at.place), victims...)
	}
}

// TestFaultKillAll leaves none: the query ends with a clear error, and the server
// goes on.
func TestFaultKillAll(t *testing.T) {
	t.Parallel() // it mostly waits
	file, dir := tableOf(t, 20000), t.TempDir()
	c := startFaults(t, 3)
	for range rounds(1) {
		best(t, 10*time.Second, "the error without workers", func() time.Duration {
			c.settle(t, 3)
			place := c.place(dir, "all")
			got := c.ask(t, small, groupQuery(file, place, 3))
			awaitFired(t, place, 3)
			for id := range c.workers {
				c.kill(t, id)
			}
			killed := time.Now()
			a := <-got
			took := time.Since(killed)
			if a.code() != "57P03" {
				t.Fatalf("%v, want 57P03", a.err)
			}
			waiting := c.ask(t, small, groupQuery(file, place, 0))
			c.join(t)
			(<-waiting).want(t, groupAnswer)
			return took
		})
	}
	c.idle(t, idleWithin)
}
