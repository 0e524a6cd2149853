package exec

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable/keyset"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/exec/spill"
)

// uniqueRows tells which rows it has not seen before, as they come. They are in a hash
// table while there is memory for it. From then on that stays as it is, and further rows
// are keys of a set that goes to disk, where every row is looked up by itself.
type uniqueRows struct {
	task  *task
	mem   reservation
	table *rowkey.Table
	// once memory was refused:
	probe *rowkey.Probe
	rest  *keyset.Set
	heap  *spill.Heap
}

// newUniqueRows takes memory as another operator of its stats.
func (t *task) newUniqueRows(schema *arrow.Schema, stats *OperatorStats) (*uniqueRows, error) {
	types := make([]arrow.DataType, schema.NumFields())
	for i, f := range schema.Fields() {
		types[i] = f.Type
		if err := rowkey.Supported(f.Type); err != nil {
			return nil, err
		}
	}
	return &uniqueRows{task: t, mem: reservation{memory: t.memory, stats: stats}, table: rowkey.NewTable(types)}, nil
}

// unseen is the rows of a batch that were not given before.
func (d *uniqueRows) unseen(rec arrow.Record) (arrow.Record, error) {
	n := int(rec.NumRows())
	cols, err := plainKeys(rec.Columns())
	if err != nil {
		return nil, err
	}
	fresh, err := d.fresh(cols, n)
	if err != nil || len(fresh) == n {
		return rec, err
	}
	return kernel.TakeRecord(rec, fresh)
}

// fresh are the numbers of the rows that are new.
func (d *uniqueRows) fresh(cols []arrow.Array, n int) ([]int32, error) {
	groups := make([]uint32, n)
	if d.rest == nil {
		refused := d.mem.resize(d.table.Bytes() + d.table.Growth(n))
		if refused == nil {
			return d.table.Assign(cols, n, groups), nil
		}
		if !d.task.spill.Usable() {
			return nil, refused
		}
		var err error
		if d.heap, err = d.task.spill.Heap(); err != nil {
			return nil, err
		}
		d.probe, d.rest = d.table.NewProbe(), keyset.New(d.task.memory, d.heap)
	}
	d.probe.Find(cols, n, groups)
	var rows []int32
	for i, g := range groups {
		if g == rowkey.NoGroup {
			rows = append(rows, int32(i))
		}
	}
	return d.freshOnDisk(cols, rows)
}

// freshOnDisk are those of the rows, which are not in the table, that are not in the set.
func (d *uniqueRows) freshOnDisk(cols []arrow.Array, rows []int32) ([]int32, error) {
	all := make([]int, len(cols))
	for i := range all {
		all[i] = i
	}
	taken, err := takeKeys(cols, all, rows)
	if err != nil {
		return nil, err
	}
	keys := rowkey.Encode(taken, len(rows))
	fresh := rows[:0]
	for i, r := range rows {
		has, err := d.rest.Has(keys.Key(i))
		if err == nil && !has {
			fresh = append(fresh, r)
			err = d.rest.Add(keys.Key(i))
		}
		if err != nil {
			return nil, err
		}
	}
	d.mem.stats.Spilled = max(d.mem.stats.Spilled, d.heap.Size())
	return fresh, nil
}

// close gives everything back. It is idempotent.
func (d *uniqueRows) close() error {
	d.mem.free()
	d.table, d.probe = nil, nil
	if d.rest == nil {
		return nil
	}
	set, heap := d.rest, d.heap
	d.rest, d.heap = nil, nil
	set.Free()
	return heap.Close()
}
