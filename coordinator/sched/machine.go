package sched

import (
	"slices"
	"time"

	"volley/catalog"
	"volley/exec"
	"volley/planner/physical"
	"volley/sqlerr"
)

// limits are the machine's settings.
type limits struct {
	MaxAttempts   int           // failures of one task that end its query
	MaxLost       int           // times one task may start again because something else was lost: an input, its output, its worker
	HeartbeatLoss time.Duration // silence after which a worker is lost
	NoWorkerGrace time.Duration // how long a query waits for a first worker
	SpeculateMin  time.Duration // a task younger than this is never a straggler
	BufferBytes   int64         // finished, unread output of one stage that stops new scan tasks
}

// machine is the scheduler's state and the only code that decides. It is not
// safe for concurrent use, and time only enters as the argument now.
type machine struct {
	limits  limits
	workers []*workerState // in order of joining
	queries []*queryState  // in order of starting
	actions []action       // decided since the driver took them last
	joins   uint64         // of workers, ever
	idle    []*workerState // that had a free slot after the last assignment
	silent  time.Time      // not before then a worker is lost by silence; zero: not known
	patient time.Time      // nor before then, see silence.go
	roster  roster
	placed  placed
	// straggling is when stragglers were looked for, and what was found.
	straggling struct {
		looked, due time.Time
		skipped     bool // events since then
	}

	losses     Losses
	suspicions map[string]*suspicion // by worker ID, see quarantine.go
}

// workerState is one registration of a worker. A worker that comes back is a
// new one.
type workerState struct {
	id       string
	hash     uint64 // of id, for placement
	joined   uint64 // number of its registration
	version  string
	address  string // where its outputs are read; "" for this process
	slots    int
	memory   int64 // bytes that its tasks may hold in all; 0: unlimited
	local    bool  // never lost by silence
	draining bool
	// quarantined is until when it gets no tasks; zero: it does
	quarantined time.Time
	rtt         time.Duration // of a message to it and back; 0 unknown
	lastSeen    time.Time
	attempts    []*attempt // running
	gone        bool
	completed   int64
}

// queryState is one running query without its root stage.
type queryState struct {
	id       string
	stages   []*stageState // by stage ID, producers before consumers
	running  int           // attempts
	ended    bool
	log      []*attempt // all of them, in order of starting
	workless time.Time  // since when it has had no worker; zero: it has one
	losses   int64      // of workers, before it began

	noSpeculation bool // none of its tasks runs twice at once

	// see adapt.go
	adaptive bool
	changes  []PlanChange
	copies   map[physical.Node]physical.Node // by copy: the node of the plan

	// see place.go
	root      physical.Node // the root stage's tree as settled so far
	undecided int           // stages that may still change places with the root
}

// stageState is one stage's tasks and who reads them.
type stageState struct {
	query     *queryState
	id        int
	producers []*stageState
	consumers []*stageState // without the root
	root      int           // exchange sources of the root stage that read it
	split     bool          // its tasks are groups of splits (scan tasks)
	remote    bool          // of files of a remote store
	tasks     []*taskState
	pending   []int // task numbers ready to run, ascending
	done      int
	confirmed int
	demanded  int  // tasks before this number are wanted by a waiting reader
	awaited   int  // the task that a reader has waited for last
	merged    bool // by the root, which then reads all tasks at once
	buffered  int64
	unread    int // every task before it has been read by the root
	durations []time.Duration
	median    time.Duration // of the first medianOf durations
	medianOf  int
	attempts  int // started in all

	spec    *physical.Stage
	whole   map[int][]catalog.Split    // of scans that every task reads whole, by Scan.ID
	choice  *joinChoice                // see adapt.go; nil for none
	probes  []*physical.ExchangeSource // whose outputs tasks may read in part, see skew.go
	settled bool                       // how it runs is decided
	gone    bool                       // its tasks have become those of another stage

	reserve  *reserve // see place.go; nil: the stage is of the plan
	foldable bool     // the root may still do its work
}

// ready tells whether all producers are confirmed, so that tasks may start.
func (s *stageState) ready() bool {
	for _, p := range s.producers {
		if p.confirmed < len(p.tasks) {
			return false
		}
	}
	return true
}

type taskPhase uint8

const (
	waiting taskPhase = iota // for its producers, or in pending
	running
	held // failed on a guessed record boundary; decided when that is known
	done
)

// taskState is one task and its attempts.
type taskState struct {
	stage  *stageState
	number int
	splits []catalog.Split
	linked bool // see chain.go
	// The partitions of the inputs that it reads, when endPartition > 0: it may
	// read several. Else it reads the one of its number.
	firstPartition, endPartition int
	probe                        sourceRange // see skew.go
	phase                        taskPhase
	attempts                     []*attempt // running now: one, or two with speculation
	next                         int        // number of the next attempt
	failures                     int
	orphaned                     int          // times its worker was lost while it ran
	lost                         int          // restarts because an input, or its output, was lost
	avoid                        []string     // workers it has failed on
	winner                       *attempt     // phase done
	preferred                    *workerState // see machine.preferred
	preferredOf                  uint64       // roster.print when that was found out

	confirmed bool
	end       int64               // where the last record of its last split ends; −1 unknown
	read      int                 // times the root has taken it
	rejects   []exec.SplitRejects // of the attempt that was confirmed last
	heldErr   error               // phase held
	heldAt    int64               // where the attempt that failed began; −1 unknown
	probing   bool                // the end of its last split is being looked for
}

// attempt is one run of a task on one worker.
type attempt struct {
	id      physical.TaskID
	task    *taskState
	worker  *workerState
	started time.Time
	ended   time.Time
	splits  []catalog.Split // as sent, boundaries corrected
	first   catalog.Bounds  // of splits[0]; unread: {−1, −1}
	read    bool            // splits[0] was opened
	end     int64           // where the last record of the last split ended; −1 unknown
	report  exec.Report     // phase done
	outcome outcome
}

// action is a decision for the driver to carry out.
type action struct {
	kind    actionKind
	worker  *workerState
	task    physical.TaskID
	attempt *attempt
	query   string
	split   catalog.Split
	err     error
}

type actionKind uint8

const (
	actStart   actionKind = iota // run attempt on worker
	actCancel                    // stop task on worker
	actFree                      // drop task's output on worker
	actDrop                      // stop and drop all of query on worker
	actPublish                   // query has news for the root's readers
	actProbe                     // find where split of task ends
	actFail                      // query fails with err
	actLeave                     // worker is lost: nothing more is sent to it
)

func (m *machine) act(a action) { m.actions = append(m.actions, a) }

// take gives the decisions made since the last call.
func (m *machine) take() []action {
	a := m.actions
	m.actions = nil
	return a
}

// query finds a running query; nil when it has ended.
func (m *machine) query(id string) *queryState {
	for _, q := range m.queries {
		if q.id == id {
			return q
		}
	}
	return nil
}

// worker finds a live worker by its ID.
func (m *machine) worker(id string) *workerState {
	for _, w := range m.workers {
		if w.id == id {
			return w
		}
	}
	return nil
}

// join adds a worker. One of the same ID is lost first.
func (m *machine) join(w *workerState, now time.Time) {
	if old := m.worker(w.id); old != nil {
		m.lose(old, "it registered again", now)
	}
	m.joins++
	w.lastSeen, w.joined = now, m.joins
	if s := m.suspicions[w.id]; s != nil && now.Before(s.until) {
		w.quarantined = s.until
	}
	m.workers = append(m.workers, w)
	m.changed()
	m.silent = time.Time{}
	m.assign(now)
}

// heard notes a sign of life.
func (m *machine) heard(w *workerState, now time.Time) { w.lastSeen = now }

// drain stops giving tasks to w; those that run may finish.
func (m *machine) drain(w *workerState, now time.Time) {
	w.draining = true
	m.changed()
	m.assign(now)
}

// begin adds a query whose stages are all built, and starts what can start.
func (m *machine) begin(q *queryState, now time.Time) {
	m.queries = append(m.queries, q)
	q.losses = m.losses.Workers + m.losses.Left
	for _, s := range q.stages {
		if s != nil {
			m.unblock(s)
			m.progress(s)
		}
	}
	m.assign(now)
}

// open makes all waiting tasks of a stage pending.
func (m *machine) open(s *stageState) {
	for _, t := range s.tasks {
		if t.phase == waiting {
			s.enqueue(t)
		}
	}
}

// enqueue makes a task pending.
func (s *stageState) enqueue(t *taskState) {
	t.phase = waiting
	if i, found := slices.BinarySearch(s.pending, t.number); !found {
		s.pending = slices.Insert(s.pending, i, t.number)
	}
}

// close ends a query that its client is done with.
func (m *machine) close(q *queryState, now time.Time) {
	m.end(q)
	m.assign(now)
}

// end forgets a query: everything of it stops and is dropped, everywhere.
func (m *machine) end(q *queryState) {
	if q.ended {
		return
	}
	q.ended = true
	for _, w := range m.workers {
		w.attempts = slices.DeleteFunc(w.attempts, func(a *attempt) bool { return a.task.stage.query == q })
		m.act(action{kind: actDrop, worker: w, query: q.id})
	}
	m.queries = slices.DeleteFunc(m.queries, func(o *queryState) bool { return o == q })
}

// fail ends a query with an error for its client.
func (m *machine) fail(q *queryState, err error) {
	if q.ended {
		return
	}
	m.act(action{kind: actFail, query: q.id, err: err})
	m.end(q)
}

// tick does what is due by now: lost workers, queries without workers, stragglers.
func (m *machine) tick(now time.Time) {
	m.loseSilent(now)
	for _, q := range slices.Clone(m.queries) {
		if !q.workless.IsZero() && now.Sub(q.workless) >= m.limits.NoWorkerGrace {
			m.fail(q, errNoWorkers(m.limits.NoWorkerGrace))
		}
	}
	m.assign(now)
}

// due is when tick has something to do next; zero: never, unless something happens.
func (m *machine) due() time.Time {
	var next time.Time
	earlier := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	if t := m.silentDue(); !t.IsZero() {
		earlier(t)
	}
	for _, w := range m.known().quarantined {
		earlier(w.quarantined)
	}
	for _, q := range m.queries {
		if !q.workless.IsZero() {
			earlier(q.workless.Add(m.limits.NoWorkerGrace))
		}
	}
	if t := m.stragglerDue(); !t.IsZero() {
		earlier(t)
	}
	return next
}

func errNoWorkers(grace time.Duration) error {
	return sqlerr.New(sqlerr.CannotConnectNow, "no workers are available").
		WithDetail("No worker was registered for %s.", grace).
		WithHint("Start one with: volley worker --coordinator HOST:PORT")
}
