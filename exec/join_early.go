package exec

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// earlyKey is a key of a join whose values come from a scan below its probe side. The
// scan's readers leave out rows that have no partner: these are never put together from
// their columns, nor looked up in the table.
type earlyKey struct {
	scan   *scan
	column int // of the scan's records
	build  int // column of the build side
}

// earlyKeys are those of a join, whose probe side is given.
func earlyKeys(n *physical.Join, probe *counted) []earlyKey {
	if !n.Early {
		return nil
	}
	var out []earlyKey
	for i := range n.LeftKeys {
		l, okL := n.LeftKeys[i].(*expr.Column)
		r, okR := n.RightKeys[i].(*expr.Column)
		if !okL || !okR || n.NullEqual != nil && n.NullEqual[i] || !integral(l.Type) || !sqltype.Equal(l.Type, r.Type) {
			continue
		}
		if s, column := scanBelow(probe, l.Index); s != nil {
			out = append(out, earlyKey{s, column, r.Index})
		}
	}
	return out
}

// scanBelow follows a column down to the scan that it comes from, through operators for
// which rows without a partner above are as good as not there; nil: there is none.
func scanBelow(c *counted, column int) (*scan, int) {
	for {
		switch op := c.op.(type) {
		case *scan:
			return op, column
		case *filter, *keyFilter:
		case *project:
			of, ok := c.node.(*physical.Project).Exprs[column].(*expr.Column)
			if !ok {
				return nil, 0
			}
			column = of.Index
		case *join:
			if column >= op.probe.Schema().NumFields() || !op.node.Kind.LeftAlone() {
				return nil, 0
			}
		default:
			return nil, 0
		}
		c = c.inputs[0]
	}
}

// keySets are the sets of the early keys' values in the build side, nil where there is
// none; grow is asked for their memory.
func keySets(early []earlyKey, build arrow.Record, grow func(int64) bool) ([]*keySet, error) {
	out := make([]*keySet, len(early))
	bytes := int64(0)
	for i, e := range early {
		var err error
		if out[i], err = keysOf(build.Column(e.build), func(n int64) bool { return grow(bytes + n) }); err != nil {
			return nil, err
		}
		if out[i] != nil {
			bytes += out[i].bytes()
		}
	}
	return out, nil
}

// filterScans hands the sets of the build side to the scans, before they are read.
func (j *join) filterScans() {
	for i, set := range j.build.early {
		if set != nil {
			j.early[i].scan.filterBy(set, j.early[i].column)
		}
	}
}
