package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"volley/bench/server"
)

// losses are what killing workers has cost so far.
type losses struct{ workers, attempts, outputs int }

// String is the line below the table.
func (l *losses) String() string {
	return fmt.Sprintf("%d workers were killed: %d running tasks and %d outputs were lost and made again", l.workers, l.attempts, l.outputs)
}

// killedLine is what volley sqltest says in its end.
var killedLine = regexp.MustCompile(`(?m)^(\d+) workers were killed, (\d+) attempts and (\d+) outputs were lost$`)

// read adds what volley sqltest has printed.
func (l *losses) read(out []byte) error {
	m := killedLine.FindSubmatch(out)
	if m == nil {
		return nil
	}
	var n losses
	if _, err := fmt.Sscan(string(m[1])+" "+string(m[2])+" "+string(m[3]), &n.workers, &n.attempts, &n.outputs); err != nil {
		return err
	}
	l.add(n)
	return nil
}

// of adds what a server says.
func (l *losses) of(s *server.Server) error {
	n := losses{workers: s.Killed()}
	for name, to := range map[string]*int{"attempts_lost_total": &n.attempts, "outputs_lost_total": &n.outputs} {
		v, err := s.Metric(name)
		if err != nil {
			return err
		}
		*to = int(v)
	}
	l.add(n)
	return nil
}

func (l *losses) add(n losses) {
	l.workers, l.attempts, l.outputs = l.workers+n.workers, l.attempts+n.attempts, l.outputs+n.outputs
}

// checkKilling refuses flags that do not fit.
func (o *options) checkKilling() error {
	o.lost = &losses{}
	switch {
	case o.kill > 0 && o.workers < 2:
		return errors.New("-kill needs -workers, two or more")
	case o.workers > 0 && (o.update || o.record):
		return errors.New("-workers neither updates expectations nor records verdicts")
	}
	return nil
}

// usually is a suite's run that -workers leaves out: another suite has the same
// records, or they do not run on workers.
func usually(run func(options) (*result, error)) func(options) (*result, error) {
	return func(o options) (*result, error) {
		if o.workers > 0 {
			return nil, nil
		}
		return run(o)
	}
}

// leaveOut makes known what fails on workers that are not killed too: rows of queries
// without ORDER BY that come in another order there.
func (r *result) leaveOut(s suite, o options) error {
	o.kill = 0
	steady, err := s.run(o)
	if err != nil {
		return err
	}
	var left []string
	for _, f := range r.failures {
		if !slices.Contains(steady.failures, f) {
			left = append(left, f)
		}
	}
	r.known, r.failed, r.failures = r.known+len(r.failures)-len(left), len(left), left
	return nil
}
