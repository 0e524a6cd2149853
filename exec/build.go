package exec

import (
	"encoding/binary"
	"math/rand/v2"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/zeebo/xxh3"

	"volley/catalog"
	"volley/exec/eval"
	"volley/exec/spill"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// defaultBatchRows is the batch size when the session does not say.
const defaultBatchRows = 8192

// Build makes the running operators of a fragment. Its partitioning
// (frag.Output) is Run's business. Nothing is opened before the first Next.
func Build(env *Env, frag *physical.Fragment) (Operator, error) {
	return newTask(env, frag)
}

// task is the root of a fragment's operators, and what they share.
type task struct {
	env     *Env
	frag    *physical.Fragment
	eval    *eval.Env
	rows    int // rows a batch aims for
	root    *counted
	all     []*counted // in pre-order
	bounds  map[int]catalog.Bounds
	rejects []SplitRejects
	spill   *spill.Dir
	memory  *Memory // its share of env.Memory
	spools  map[int]*spool
	ordered orderedRows
	// working are the working tables of the recursions being built.
	working map[int]*workingRows
}

func newTask(env *Env, frag *physical.Fragment) (*task, error) {
	ctx, err := functionContext(&frag.Session)
	if err != nil {
		return nil, err
	}
	ctx.Session, ctx.Random = env.Session, randomOf(frag.Session.Seed, frag.Task)
	ctx.MaxText = env.Memory.lowest() / 4 // growing copies, and there are other results
	t := &task{
		env:    env,
		frag:   frag,
		eval:   &eval.Env{Registry: env.Registry, Context: ctx},
		rows:   frag.Session.BatchRows,
		bounds: map[int]catalog.Bounds{},
		spill:  spill.NewDir(env.SpillDir),
		memory: env.Memory.share(),
	}
	if t.rows <= 0 {
		t.rows = defaultBatchRows
	}
	t.root, err = t.build(frag.Root)
	return t, err
}

// randomOf is the source of random numbers of a task, whichever attempt it is.
func randomOf(query [4]int64, id physical.TaskID) *rand.Rand {
	id.Attempt, id.Query = 0, "" // so that setseed gives the same numbers again
	number := xxh3.HashString128(id.String())
	query[0] ^= int64(number.Hi)
	query[1] ^= int64(number.Lo)
	var seed [32]byte
	for i, word := range query {
		binary.LittleEndian.PutUint64(seed[8*i:], uint64(word))
	}
	return rand.New(rand.NewChaCha8(seed))
}

// functionContext is what functions may know of the session.
func functionContext(s *physical.Session) (*udf.Context, error) {
	loc := time.UTC
	if s.TimeZone != "" {
		var err error
		if loc, err = sqltype.LoadZone(s.TimeZone); err != nil {
			return nil, err
		}
	}
	return &udf.Context{
		TimeZone:  loc,
		Style:     s.Style,
		Now:       time.UnixMicro(s.Now).In(loc),
		Statement: time.UnixMicro(s.Statement).In(loc),
		User:      s.User,
		Database:  s.Database,
		Schema:    "public",
	}, nil
}

// build makes the operator of a node and, below it, of its inputs.
func (t *task) build(n physical.Node) (*counted, error) {
	c := &counted{node: n, schema: n.Schema()}
	t.all = append(t.all, c)
	if s, ok := n.(*physical.Spool); ok {
		return c, t.openSpool(s, c)
	}
	for _, in := range n.Inputs() {
		if r, ok := n.(*physical.Recursive); ok && len(c.inputs) == 1 {
			t.enterRecursion(r)
		}
		input, err := t.build(in)
		if err != nil {
			return nil, err
		}
		input.encoded = takesEncoded(n)
		c.inputs = append(c.inputs, input)
	}
	var err error
	before, makers := len(t.eval.Calls), t.eval.TextMakers
	c.op, err = t.operator(n, c)
	c.calls = t.eval.Calls[before:len(t.eval.Calls):len(t.eval.Calls)]
	if err != nil {
		return nil, err // what has no operator is not closed
	}
	if t.eval.TextMakers > makers {
		for _, in := range c.inputs {
			in.slices = newSlicer(t)
		}
	}
	return c, nil
}

// operator is the one switch over physical nodes.
func (t *task) operator(n physical.Node, c *counted) (Operator, error) {
	switch n := n.(type) {
	case *physical.Scan:
		return newScan(t, n, c)
	case *physical.Values:
		return newValues(t, n)
	case *physical.Filter:
		return newFilter(t, n, c.inputs[0])
	case *physical.Project:
		return newProject(t, n, c.inputs[0])
	case *physical.KeyFilter:
		return newKeyFilter(t, n, c), nil
	case *physical.Aggregate:
		return newAggregate(t, n, c)
	case *physical.Join:
		return newJoin(t, n, c)
	case *physical.Sort:
		return newSort(t, n, c)
	case *physical.Window:
		return newWindow(t, n, c)
	case *physical.Limit:
		if len(n.Ties) > 0 {
			return newLimitTies(t, n, c.inputs[0])
		}
		return &limit{input: c.inputs[0], skip: n.Offset, left: n.Count}, nil
	case *physical.LimitBy:
		return newLimitBy(t, n, c)
	case *physical.PartitionTopN:
		return newPartitionTopN(t, n, c)
	case *physical.Union:
		return &union{inputs: c.inputs, schema: n.Out}, nil
	case *physical.ProjectSet:
		return newProjectSet(t, n, c.inputs[0])
	case *physical.ExchangeSource:
		return newExchangeSource(t, n, c)
	case *physical.EncodeText:
		return newEncodeText(t, n, c.inputs[0])
	case *physical.Expand:
		return newExpand(t, n, c.inputs[0])
	case *physical.Repeat:
		return newRepeat(t, n, c.inputs[0])
	case *physical.Unique:
		return newUnique(t, n, c.inputs[0])
	case *physical.Sample:
		return newSample(t, n, c.inputs[0])
	case *physical.Recursive:
		return newRecursive(t, n, c)
	case *physical.WorkingTable:
		return newWorkingTable(t, n)
	}
	return nil, sqlerr.New(sqlerr.InternalError, "unknown physical node %T", n)
}

// evalAll evaluates programs to arrays of as many rows as the batch.
func evalAll(programs []*eval.Program, b *eval.Batch) ([]arrow.Array, error) {
	cols := make([]arrow.Array, len(programs))
	for i, p := range programs {
		var err error
		if cols[i], err = p.Array(b); err != nil {
			return nil, err
		}
	}
	return cols, nil
}

func dataTypes(list []expr.Expr) []arrow.DataType {
	out := make([]arrow.DataType, len(list))
	for i, e := range list {
		out[i] = e.DataType()
	}
	return out
}
