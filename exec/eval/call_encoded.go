package eval

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/udf"
)

// overDictionary is a function's results for the values of the last dictionary.
type overDictionary struct {
	dict    arrow.ArrayData
	rows    int         // that had it so far
	results arrow.Array // nil until it was worth it
	bits    []uint8     // results that are all true or false, as 1 and 0
	failed  bool
}

// encoded evaluates the values of the dictionary of argument i, once for each
// dictionary; nil when that is not possible or not worth it. A failure, perhaps
// of a value that no row has, is left to the evaluation by rows.
func (c *callNode) encoded(i int) arrow.Array {
	d := c.values[i].Array.(*array.Dictionary)
	if c.fn.Volatility != udf.Immutable || c.fn.NullCall && d.NullN() > 0 {
		return nil
	}
	return c.over.apply(d, c.keep, func(values arrow.Array) (arrow.Array, error) {
		args := append([]udf.Arg(nil), c.values...)
		args[i] = udf.Arg{Array: values}
		return c.batch(args, values.Len())
	})
}

// apply gives f's results for the rows of d, as a dictionary array if that may be
// kept; nil if f is not worth computing for all values, or fails for one.
func (o *overDictionary) apply(d *array.Dictionary, keep bool, f func(arrow.Array) (arrow.Array, error)) arrow.Array {
	values := d.Dictionary()
	if o.dict != values.Data() {
		*o = overDictionary{dict: values.Data()}
	}
	// How many batches the dictionary is for is not known: once as many rows have
	// been evaluated as it has values, half of the work at most is in vain.
	o.rows += d.Len()
	if o.failed || o.results == nil && values.Len() > o.rows {
		return nil
	}
	if o.results == nil {
		out, err := f(values)
		if o.failed = err != nil || out.Len() != values.Len(); o.failed {
			return nil
		}
		o.results, o.bits = out, truthTable(out)
	}
	if o.bits != nil && d.NullN() == 0 {
		return kernel.PickBits(d, o.bits)
	}
	if keep && o.results.NullN() == 0 && kernel.Encodable(o.results.DataType()) {
		return kernel.Recode(d, o.results)
	}
	out, err := kernel.Take(o.results, kernel.DictRows(d))
	if err != nil {
		return nil
	}
	return out
}

// keepEncoded makes a node give a function of one encoded column as a dictionary
// array, too.
func keepEncoded(n node) {
	switch n := n.(type) {
	case *callNode:
		n.keep = true
	case *castNode:
		n.keep = true
		keepEncoded(n.arg)
	}
}

// truthTable is nil for results that are not all true or false.
func truthTable(results arrow.Array) []uint8 {
	b, ok := results.(*array.Boolean)
	if !ok || b.NullN() > 0 {
		return nil
	}
	table := make([]uint8, b.Len())
	for i := range table {
		if b.Value(i) {
			table[i] = 1
		}
	}
	return table
}
