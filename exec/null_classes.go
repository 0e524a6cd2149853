package exec

import (
	"context"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/sqltype"
)

// nullClasses are a build side's rows by which of the keys that IN compares are NULL.
// A probe row compares as NULL with rows of a class that have its keys wherever both
// have one; for that a class has tables by some of the keys, made when a probe row
// with such keys needs them. Tasks that share a build side share its classes.
type nullClasses struct {
	mu      sync.Mutex
	classes []*nullClass // nil until they are made
	made    bool
	mem     reservation
}

// nullClass is the rows whose keys are NULL in the same places. Rows for which a key
// is NULL that must be equal are in none.
type nullClass struct {
	null   []bool // by IN's keys
	rows   []int32
	tables map[string]*nullTable // by the keys compared
}

// nullTable is a class's rows by some of the keys.
type nullTable struct {
	keys []int // columns of the keys compared
	// table is nil when memory for it was refused: then every row is one to compare with.
	table  *rowkey.Table
	starts []int32 // the rows of group g are rows[starts[g]:starts[g+1]]
	rows   []int32
}

// of is the rows to compare with a probe row of this group.
func (t *nullTable) of(g uint32) []int32 {
	if t.table == nil {
		return t.rows
	}
	if g == rowkey.NoGroup {
		return nil
	}
	return t.rows[t.starts[g]:t.starts[g+1]]
}

// nullPatterns numbers which keys are NULL together.
type nullPatterns struct {
	table  *rowkey.Table
	sets   [][]bool // by number
	groups []uint32 // scratch
}

func newNullPatterns(keys int) *nullPatterns {
	types := make([]arrow.DataType, keys)
	for i := range types {
		types[i] = sqltype.Bool
	}
	return &nullPatterns{table: rowkey.NewTable(types)}
}

// of gives the number of each row's pattern; it is valid until the next call.
func (p *nullPatterns) of(keys []arrow.Array, n int) []uint32 {
	if cap(p.groups) < n {
		p.groups = make([]uint32, n)
	}
	groups := p.groups[:n]
	null := make([]arrow.Array, len(keys))
	for i, k := range keys {
		words := make(kernel.Words, (n+63)/64)
		if valid := kernel.Valid(k); valid != nil {
			words = valid.Not(n)
		}
		null[i] = kernel.Bools(words, n)
	}
	for _, r := range p.table.Assign(null, n, groups) {
		set := make([]bool, len(keys))
		for i, k := range keys {
			set[i] = k.IsNull(int(r))
		}
		p.sets = append(p.sets, set)
	}
	return groups
}

// by is the rows of each pattern, but for those of skip.
func (p *nullPatterns) by(groups []uint32, skip kernel.Words) [][]int32 {
	out := make([][]int32, len(p.sets))
	for i, g := range groups {
		if !skip.Get(i) {
			out[g] = append(out[g], int32(i))
		}
	}
	return out
}

// plainKeys are keys of which NULLs can be told by their bitmaps.
func plainKeys(keys []arrow.Array) ([]arrow.Array, error) {
	out := slices.Clone(keys)
	for i, k := range keys {
		var err error
		if out[i], err = kernel.Decode(k); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// of gives the classes of a build side's rows.
func (c *nullClasses) of(ctx context.Context, j *join) ([]*nullClass, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made {
		return c.classes, nil
	}
	patterns := newNullPatterns(j.inKeys())
	var classes []*nullClass
	err := j.eachKeys(ctx, func(base int, keys []arrow.Array, n int) {
		groups := patterns.of(keys[:j.inKeys()], n)
		for len(classes) < len(patterns.sets) {
			classes = append(classes, &nullClass{null: patterns.sets[len(classes)], tables: map[string]*nullTable{}})
		}
		skip := kernel.WordsOf(j.unequal(keys, n), n)
		for i, g := range groups {
			if !skip.Get(i) {
				classes[g].rows = append(classes[g].rows, int32(base+i))
			}
		}
	})
	if err != nil {
		return nil, err
	}
	c.classes = slices.DeleteFunc(classes, func(k *nullClass) bool { return len(k.rows) == 0 })
	c.made = true
	return c.classes, nil
}

// eachKeys gives the keys of the build side's rows, a batch at a time.
func (j *join) eachKeys(ctx context.Context, f func(base int, keys []arrow.Array, n int)) error {
	programs, err := j.rightPrograms()
	if err != nil {
		return err
	}
	for lo := 0; lo < j.build.len(); lo += j.task.rows {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		hi := min(lo+j.task.rows, j.build.len())
		keys, err := evalAll(programs, eval.NewBatch(j.build.rec.NewSlice(int64(lo), int64(hi))))
		if err == nil {
			keys, err = plainKeys(keys)
		}
		if err != nil {
			return err
		}
		f(lo, keys, hi-lo)
	}
	return nil
}

// table gives the table of a class by the keys of these columns.
func (c *nullClasses) table(ctx context.Context, j *join, class *nullClass, columns []int) (*nullTable, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := make([]byte, len(j.leftKeys))
	for _, k := range columns {
		name[k] = 1
	}
	if t := class.tables[string(name)]; t != nil {
		return t, nil
	}
	t, err := c.newTable(ctx, j, class, columns)
	if err == nil {
		class.tables[string(name)] = t
	}
	return t, err
}

func (c *nullClasses) newTable(ctx context.Context, j *join, class *nullClass, columns []int) (*nullTable, error) {
	t := &nullTable{keys: columns, rows: class.rows}
	types := make([]arrow.DataType, len(columns))
	for i, k := range columns {
		types[i] = j.node.RightKeys[k].DataType()
	}
	programs, err := j.rightPrograms()
	if err != nil {
		return nil, err
	}
	before := c.mem.taken
	table := rowkey.NewTable(types)
	groups := make([]uint32, 0, j.task.rows)
	for lo := 0; lo < len(class.rows); lo += j.task.rows {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		rows := class.rows[lo:min(lo+j.task.rows, len(class.rows))]
		if c.mem.resize(before+table.Bytes()+table.Growth(len(rows))+int64(12*(lo+len(rows)))) != nil {
			return t, c.mem.resize(before)
		}
		rec, err := kernel.TakeRecord(j.build.rec, rows)
		if err != nil {
			return nil, err
		}
		keys, err := evalAll(programs, eval.NewBatch(rec))
		if err != nil {
			return nil, err
		}
		groups = append(groups, make([]uint32, len(rows))...)
		table.Assign(pick(keys, columns), len(rows), groups[lo:])
	}
	t.table = table
	t.starts, t.rows = sortedByGroup(groups, table.Len(), class.rows)
	return t, nil
}

// sortedByGroup sorts rows, of which groups[i] is the group of rows[i], by group.
func sortedByGroup(groups []uint32, count int, rows []int32) (starts, sorted []int32) {
	starts = make([]int32, count+1)
	for _, g := range groups {
		starts[g+1]++
	}
	for g := range count {
		starts[g+1] += starts[g]
	}
	sorted = make([]int32, len(rows))
	at := slices.Clone(starts)
	for i, g := range groups {
		sorted[at[g]] = rows[i]
		at[g]++
	}
	return starts, sorted
}

// pick is the keys of these columns.
func pick(keys []arrow.Array, columns []int) []arrow.Array {
	out := make([]arrow.Array, len(columns))
	for i, k := range columns {
		out[i] = keys[k]
	}
	return out
}

// takeKeys is the rows of the keys of these columns.
func takeKeys(keys []arrow.Array, columns []int, rows []int32) ([]arrow.Array, error) {
	out := pick(keys, columns)
	for i, k := range out {
		var err error
		if out[i], err = kernel.Take(k, rows); err != nil {
			return nil, err
		}
	}
	return out, nil
}
