package sqltest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Status is how a record ended.
type Status uint8

// Ways in which a record ends.
const (
	Passed Status = iota
	Failed
	Skipped
)

// Outcome is how one record ended. Failed ones have a Reason, and those that
// compared results a Diff.
type Outcome struct {
	Place  Place
	Status Status
	SQL    string
	Reason string
	Diff   string
	// actual are the lines that would have passed; nil when there are none.
	actual []string
	record Record
	// unexpected: it failed by an error; state is the SQLSTATE of any error.
	unexpected bool
	state      string
	answer     Answer
}

// Options of a run.
type Options struct {
	// IgnoreSkip: skipif conditions whose text, comment included, contains one
	// of these are ignored.
	IgnoreSkip []string
	// StopAfter ends a file after so many failures; 0: never.
	StopAfter int
	// StatementTimeout ends a statement; 0: none.
	StatementTimeout time.Duration
	// Progress is told of each outcome; it may be nil.
	Progress func(Outcome)
	// Getenv looks up variables for substitution; nil is os.LookupEnv.
	Getenv func(string) (string, bool)
	// Shell runs the commands of system records; empty is bash -c.
	Shell []string
}

// Run executes the records against a fresh database of the engine. The error is
// of the run as a whole; failing records are in the outcomes.
func Run(ctx context.Context, engine Engine, records []Record, opt Options) ([]Outcome, error) {
	db, err := engine.Open(ctx)
	if err != nil {
		return nil, err
	}
	r := &runner{
		db: db, opt: opt, labels: engine.Labels(),
		sessions: map[string]Session{}, hashes: map[string]string{}, loops: map[string]string{},
		vars: map[string]string{"__DATABASE__": db.Name()}, sort: NoSort,
	}
	if r.opt.Getenv == nil {
		r.opt.Getenv = os.LookupEnv
	}
	defer r.close()
	err = r.all(ctx, records)
	if errors.Is(err, errHalt) {
		err = nil
	}
	return r.outcomes, err
}

// errHalt ends a file.
var errHalt = errors.New("halt")

type runner struct {
	db       Database
	opt      Options
	labels   []string
	sessions map[string]Session
	outcomes []Outcome
	failures int

	hashes        map[string]string // results by label
	vars          map[string]string
	loops         map[string]string // loop variables
	testDir       string
	sort          SortMode
	valuewise     bool
	substitution  bool
	hashThreshold int
}

func (r *runner) close() {
	for _, s := range r.sessions {
		_ = s.Close()
	}
	_ = r.db.Close()
	if r.testDir != "" {
		_ = os.RemoveAll(r.testDir)
	}
}

func (r *runner) all(ctx context.Context, records []Record) error {
	for _, rec := range records {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.one(ctx, rec); err != nil {
			return err
		}
		if r.opt.StopAfter > 0 && r.failures >= r.opt.StopAfter {
			return errHalt
		}
	}
	return nil
}

// one runs a record; its error ends the file.
func (r *runner) one(ctx context.Context, rec Record) error {
	if !r.applies(conditionsOf(rec)) {
		switch rec.(type) {
		case *Statement, *Query, *System, *Let:
			r.report(Outcome{Place: rec.Position(), Status: Skipped, record: rec})
		}
		return nil
	}
	switch rec := rec.(type) {
	case *Statement:
		r.report(r.retry(ctx, rec.Retry, func() Outcome { return r.statement(ctx, rec) }))
	case *Query:
		r.report(r.retry(ctx, rec.Retry, func() Outcome { return r.query(ctx, rec) }))
	case *System:
		r.report(r.retry(ctx, rec.Retry, func() Outcome { return r.system(ctx, rec) }))
	case *Ask:
		r.report(r.ask(ctx, rec))
	case *Assign:
		r.assign(rec)
	case *Let:
		r.report(r.let(ctx, rec))
	case *Control:
		r.control(rec)
	case *Halt:
		return errHalt
	case *Sleep:
		return sleep(ctx, rec.For)
	case *Loop:
		for _, v := range rec.Values {
			r.loops[rec.Name] = v
			if err := r.all(ctx, rec.Body); err != nil {
				return err
			}
		}
		delete(r.loops, rec.Name)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func conditionsOf(rec Record) Conditions {
	switch rec := rec.(type) {
	case *Statement:
		return rec.Conditions
	case *Query:
		return rec.Conditions
	case *System:
		return rec.Conditions
	case *Let:
		return rec.Conditions
	case *Control:
		return rec.Conditions
	case *Halt:
		return rec.Conditions
	case *Sleep:
		return rec.Conditions
	case *Loop:
		return rec.Conditions
	}
	return Conditions{}
}

func (r *runner) applies(c Conditions) bool {
	has := func(label string) bool {
		word, _, _ := strings.Cut(label, " ")
		return slices.Contains(r.labels, strings.ToLower(word))
	}
	for _, l := range c.OnlyIf {
		if !has(l) {
			return false
		}
	}
	for _, l := range c.SkipIf {
		ignored := slices.ContainsFunc(r.opt.IgnoreSkip, func(s string) bool { return strings.Contains(l, s) })
		if !ignored && has(l) {
			return false
		}
	}
	return true
}

func (r *runner) report(o Outcome) {
	if o.Status == Failed {
		r.failures++
	}
	r.outcomes = append(r.outcomes, o)
	if r.opt.Progress != nil {
		r.opt.Progress(o)
	}
}

func (r *runner) retry(ctx context.Context, how Retry, try func() Outcome) Outcome {
	o := try()
	for n := 1; n < how.Attempts && o.Status == Failed; n++ {
		if sleep(ctx, how.Backoff) != nil {
			break
		}
		o = try()
	}
	return o
}

func (r *runner) control(c *Control) {
	switch c.Name {
	case "sortmode":
		r.sort = sortModes[c.Value]
	case "resultmode":
		r.valuewise = c.Value == "valuewise"
	case "substitution":
		r.substitution = c.Value == "on"
	case "hash-threshold":
		r.hashThreshold, _ = strconv.Atoi(c.Value) // checked by the parser
	}
}

// session gives the named session, connecting on its first use.
func (r *runner) session(ctx context.Context, name string) (Session, error) {
	if name == "" {
		name = "default"
	}
	if s := r.sessions[name]; s != nil {
		return s, nil
	}
	s, err := r.db.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("connection %s: %w", name, err)
	}
	r.sessions[name] = s
	return s, nil
}

// exec runs SQL after substitution on a named session.
func (r *runner) exec(ctx context.Context, sql, connection string) (*Result, error) {
	text, err := r.expand(sql)
	if err != nil {
		return nil, err
	}
	s, err := r.session(ctx, connection)
	if err != nil {
		return nil, err
	}
	if r.opt.StatementTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.opt.StatementTimeout)
		defer cancel()
	}
	return s.Run(ctx, text)
}

func (r *runner) statement(ctx context.Context, s *Statement) Outcome {
	o := Outcome{Place: s.Place, SQL: s.SQL, record: s}
	res, err := r.exec(ctx, s.SQL, s.Connection)
	switch {
	case s.Error != nil:
		return expectError(o, s.Error, err)
	case err != nil:
		return failedWith(o, err)
	case s.Count >= 0 && res.Affected != s.Count:
		o.Status = Failed
		o.Reason = fmt.Sprintf("expected %d rows affected, got %d", s.Count, res.Affected)
	}
	return o
}

// expectError judges a record that must fail.
func expectError(o Outcome, want *ExpectedError, err error) Outcome {
	if err == nil {
		o.Status, o.Reason = Failed, "expected an error, but it succeeded"
		return o
	}
	message, state := describe(err)
	o.state = state
	o.actual = strings.Split(message, "\n")
	if bad := want.fits(err); bad != nil {
		o.Status, o.Reason = Failed, bad.Error()
	}
	return o
}

func failedWith(o Outcome, err error) Outcome {
	message, state := describe(err)
	o.Status, o.Reason = Failed, fmt.Sprintf("ERROR %s: %s", state, message)
	o.unexpected, o.state = true, state
	return o
}

func (r *runner) query(ctx context.Context, q *Query) Outcome {
	o := Outcome{Place: q.Place, SQL: q.SQL, record: q}
	res, err := r.exec(ctx, q.SQL, q.Connection)
	if q.Error != nil {
		return expectError(o, q.Error, err)
	}
	if err != nil {
		return failedWith(o, err)
	}
	c := comparison{types: q.Types, sort: q.Sort, valuewise: r.valuewise}
	if c.sort == DefaultSort {
		c.sort = r.sort
	}
	o.actual = r.actualLines(c, res, q.Expected)
	if !c.matches(res, q.Expected) {
		o.Status, o.Reason = Failed, "wrong result"
		o.Diff = diff(q.Expected, o.actual)
		return o
	}
	if q.Label != "" {
		sum := hashLine(flatten(render(res, q.Types, numbers), c.sort))
		if prev, ok := r.hashes[q.Label]; ok && prev != sum {
			o.Status, o.Reason = Failed, fmt.Sprintf("label %s: this result differs from an earlier one of the same label", q.Label)
			return o
		}
		r.hashes[q.Label] = sum
	}
	return o
}

// actualLines is the result as the file would have it, in the file's own style.
func (r *runner) actualLines(c comparison, res *Result, expected []string) []string {
	original := len(expected) == 1 && hashed.MatchString(expected[0])
	if values := flatten(render(res, c.types, numbers), c.sort); original || r.hashThreshold > 0 && len(values) > r.hashThreshold {
		return []string{hashLine(values)}
	}
	columns := 0
	if len(res.Rows) > 0 {
		columns = len(res.Rows[0])
	}
	if c.sort == ValueSort || c.valuewise || columns > 1 && len(expected) == columns*len(res.Rows) {
		return flatten(render(res, c.types, numbers), c.sort)
	}
	return lines(render(res, c.types, plain), c.sort)
}

func (r *runner) let(ctx context.Context, l *Let) Outcome {
	o := Outcome{Place: l.Place, SQL: l.SQL, record: l}
	res, err := r.exec(ctx, l.SQL, l.Connection)
	if err != nil {
		return failedWith(o, err)
	}
	if len(res.Rows) != 1 || len(res.Rows[0]) != len(l.Names) {
		o.Status = Failed
		o.Reason = fmt.Sprintf("let needs one row of %d columns, got %d rows", len(l.Names), len(res.Rows))
		return o
	}
	for i, name := range l.Names {
		r.vars[name] = res.Rows[0][i].Text
	}
	return o
}
