package window

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
)

// Running is the state of a running aggregate between chunks of one partition.
type Running struct {
	// States are those of the rows so far; nil: none was seen.
	States []arrow.Array
}

// running is an aggregate whose frames begin where their partitions do: its
// result after each row is computed once, and frames take that of their last
// row.
func (a *Aggregate) running(x *input) (arrow.Array, error) {
	results, err := a.scan(x)
	if err != nil {
		return nil, err
	}
	empty, err := a.empty(nil)
	if err != nil {
		return nil, err
	}
	before, err := a.empty(a.Carry.States)
	if err != nil {
		return nil, err
	}
	none := int32(x.count())
	at := make([]int32, x.Layout.Rows())
	for i := range at {
		lo, _ := x.Layout.part(i)
		first, end := x.seen(lo), x.seen(x.Frames.hi[i])
		switch {
		case end > first:
			at[i] = end - 1
		case lo == 0:
			at[i] = none + 1
		default:
			at[i] = none
		}
	}
	a.Carry = a.next
	if err := results.append(empty); err != nil {
		return nil, err
	}
	if err := results.append(before); err != nil {
		return nil, err
	}
	return results.take(at)
}

// scan is the result after each row seen. It leaves the state at the end of the
// last partition in next.
func (a *Aggregate) scan(x *input) (*growing, error) {
	n, results := x.count(), newGrowing(x.Input)
	lastPart := x.Layout.parts[x.Layout.Partitions()-1]
	a.next = Running{}
	if lastPart == 0 {
		a.next = a.Carry
	}
	if n == 0 {
		return results, nil
	}
	groups := x.groups()
	if a.Resumable {
		scanned, next, err := a.resume(groups, x.args)
		if err != nil {
			return nil, err
		}
		if x.seen(lastPart) < int32(n) {
			a.next = next
		}
		return results, results.append(scanned)
	}
	acc, err := a.New()
	if err != nil {
		return nil, err
	}
	if s, ok := acc.(udf.Scanner); ok {
		scanned, err := s.Scan(groups, x.args, false)
		if err != nil {
			return nil, err
		}
		return results, results.append(scanned)
	}
	for i := range n {
		if i > 0 && groups[i] != groups[i-1] {
			if acc, err = a.New(); err != nil {
				return nil, err
			}
		}
		if err := a.step(i, acc, x.args, results); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// step adds row i to acc, and its result to results. Every some rows it looks
// whether it is to stop.
func (a *Aggregate) step(i int, acc udf.Accumulator, args []udf.Arg, results *growing) error {
	if i%stopRows == 0 {
		if err := a.stopped(); err != nil {
			return err
		}
	}
	if err := acc.Update([]uint32{0}, 1, sliceArgs(args, i, i+1)); err != nil {
		return err
	}
	r, err := acc.Result(0, 1)
	if err != nil {
		return err
	}
	return results.append(r)
}

// stopRows is after how many rows that are added one by one an aggregate looks
// whether it is to stop.
const stopRows = 64

// resume scans rows of groups, the first of which goes on from Carry if it is
// group 0, and gives the state after the last row besides.
func (a *Aggregate) resume(groups []uint32, args []udf.Arg) (arrow.Array, Running, error) {
	acc, err := a.New()
	if err != nil {
		return nil, Running{}, err
	}
	first, n := 0, len(groups)
	if a.Carry.States != nil && groups[0] == 0 {
		first = 1
		if err := acc.Merge([]uint32{0}, 1, a.Carry.States); err != nil {
			return nil, Running{}, err
		}
	}
	results, err := acc.(udf.Scanner).Scan(groups, args, first == 1)
	if err != nil {
		return nil, Running{}, err
	}
	states, err := acc.State(first+n-1, first+n)
	return results, Running{states}, err
}
