package physical

import "volley/planner/expr"

// node tags; 0 is no node.
const (
	tagScan byte = iota + 1
	tagValues
	tagFilter
	tagProject
	tagAggregate
	tagJoin
	tagSort
	tagLimit
	tagUnion
	tagExchangeSource
	tagEncodeText
	tagExpand
	tagRepeat
	tagUnique
	tagSample
	tagWindow
	tagLimitBy
	tagSpool
	tagRecursive
	tagWorkingTable
	tagProjectSet
	tagKeyFilter
	tagPartitionTopN
)

func nodeTag(n Node) byte {
	switch n.(type) {
	case *Scan:
		return tagScan
	case *Values:
		return tagValues
	case *Filter:
		return tagFilter
	case *Project:
		return tagProject
	case *Aggregate:
		return tagAggregate
	case *Join:
		return tagJoin
	case *Sort:
		return tagSort
	case *Limit:
		return tagLimit
	case *Union:
		return tagUnion
	case *ExchangeSource:
		return tagExchangeSource
	case *EncodeText:
		return tagEncodeText
	case *Expand:
		return tagExpand
	case *Repeat:
		return tagRepeat
	case *Unique:
		return tagUnique
	case *Sample:
		return tagSample
	case *Window:
		return tagWindow
	case *LimitBy:
		return tagLimitBy
	case *Spool:
		return tagSpool
	case *Recursive:
		return tagRecursive
	case *WorkingTable:
		return tagWorkingTable
	case *ProjectSet:
		return tagProjectSet
	case *KeyFilter:
		return tagKeyFilter
	case *PartitionTopN:
		return tagPartitionTopN
	}
	return 0
}

func newNode(tag byte) Node {
	switch tag {
	case tagScan:
		return &Scan{}
	case tagValues:
		return &Values{}
	case tagFilter:
		return &Filter{}
	case tagProject:
		return &Project{}
	case tagAggregate:
		return &Aggregate{}
	case tagJoin:
		return &Join{}
	case tagSort:
		return &Sort{}
	case tagLimit:
		return &Limit{}
	case tagUnion:
		return &Union{}
	case tagExchangeSource:
		return &ExchangeSource{}
	case tagEncodeText:
		return &EncodeText{}
	case tagExpand:
		return &Expand{}
	case tagRepeat:
		return &Repeat{}
	case tagUnique:
		return &Unique{}
	case tagSample:
		return &Sample{}
	case tagWindow:
		return &Window{}
	case tagLimitBy:
		return &LimitBy{}
	case tagSpool:
		return &Spool{}
	case tagRecursive:
		return &Recursive{}
	case tagWorkingTable:
		return &WorkingTable{}
	case tagProjectSet:
		return &ProjectSet{}
	case tagKeyFilter:
		return &KeyFilter{}
	case tagPartitionTopN:
		return &PartitionTopN{}
	}
	return nil
}

// node is never nil.
func (c *codec) node(v *Node) {
	defer c.leave()
	if !c.enter() {
		return
	}
	tag := nodeTag(*v)
	c.byte(&tag)
	if !c.writing {
		*v = newNode(tag)
	}
	switch n := (*v).(type) {
	case *Scan:
		c.int(&n.ID)
		c.scanSpec(&n.Spec)
		c.optional(&n.Filter)
		c.int64(&n.Rows)
	case *Values:
		slice(c, &n.Rows, c.exprs)
		c.schema(&n.Out)
	case *Filter:
		c.node(&n.Input)
		c.expr(&n.Predicate)
	case *Project:
		c.node(&n.Input)
		c.exprs(&n.Exprs)
		slice(c, &n.Names, c.string)
		if len(n.Exprs) != len(n.Names) {
			c.corrupt()
		}
	case *Aggregate:
		c.node(&n.Input)
		enum(c, &n.Mode, Final+1)
		c.exprs(&n.Keys)
		slice(c, &n.Aggs, c.aggCall)
		slice(c, &n.Always, c.exprs)
		c.int(&n.Partitions)
		c.schema(&n.Out)
	case *Join:
		c.join(n)
	case *Sort:
		c.node(&n.Input)
		slice(c, &n.Keys, c.sortKey)
		c.int64(&n.Limit)
	case *Limit:
		c.node(&n.Input)
		c.int64(&n.Count)
		c.int64(&n.Offset)
		slice(c, &n.Ties, c.sortKey)
	case *Union:
		slice(c, &n.Parts, c.node)
		c.schema(&n.Out)
	case *ExchangeSource:
		c.int(&n.Stage)
		c.bool(&n.Ordered)
		c.bool(&n.Broadcast)
		slice(c, &n.Merge, c.sortKey)
		c.int64(&n.Limit)
		c.schema(&n.Out)
	case *EncodeText:
		c.node(&n.Input)
		c.textFormat(&n.Format)
	default:
		c.laterNode(n)
	}
}

// laterNode is node for the operators of the query language's later forms.
func (c *codec) laterNode(n Node) {
	switch n := n.(type) {
	case *Expand:
		c.node(&n.Input)
		slice(c, &n.Sets, c.exprs)
		c.schema(&n.Out)
	case *Repeat:
		c.node(&n.Input)
		c.expr(&n.Count)
	case *Unique:
		c.node(&n.Input)
		slice(c, &n.Keys, c.sortKey)
	case *Sample:
		c.node(&n.Input)
		c.sample(n)
	case *Window:
		c.window(n)
	case *LimitBy:
		c.node(&n.Input)
		c.exprs(&n.Keys)
		c.optional(&n.Count)
		c.optional(&n.Offset)
	case *Spool:
		c.spool(n)
	case *Recursive:
		c.int(&n.ID)
		c.node(&n.Initial)
		c.node(&n.Step)
		c.bool(&n.All)
		c.schema(&n.Out)
	case *WorkingTable:
		c.int(&n.ID)
		c.schema(&n.Out)
	case *ProjectSet:
		c.projectSet(n)
	case *KeyFilter:
		c.keyFilter(n)
	case *PartitionTopN:
		c.node(&n.Input)
		c.exprs(&n.Keys)
		slice(c, &n.Order, c.sortKey)
		c.int64(&n.Count)
	default:
		c.corrupt()
	}
}

func (c *codec) join(n *Join) {
	c.node(&n.Left)
	c.node(&n.Right)
	whole := n.Whole != nil
	if c.bool(&whole); whole {
		c.node(&n.Whole)
	}
	enum(c, &n.Kind, Mark+1)
	c.exprs(&n.LeftKeys)
	c.exprs(&n.RightKeys)
	c.optional(&n.Residual)
	c.bool(&n.NullAware)
	c.int(&n.EqualKeys)
	slice(c, &n.NullEqual, c.bool)
	c.bool(&n.Early)
	c.schema(&n.Out)
	if n.EqualKeys < 0 || n.EqualKeys > len(n.LeftKeys) {
		c.corrupt()
	}
	if len(n.LeftKeys) != len(n.RightKeys) || n.NullEqual != nil && len(n.NullEqual) != len(n.LeftKeys) {
		c.corrupt()
	}
}

func (c *codec) aggCall(a *AggCall) {
	c.string(&a.Func)
	c.exprs(&a.Args)
	slice(c, &a.ArgTypes, c.dataType)
	c.bool(&a.Distinct)
	c.optional(&a.Filter)
	slice(c, &a.OrderBy, c.sortKey)
	c.dataType(&a.Type)
	c.int(&a.Pos)
}

func (c *codec) sortKey(k *SortKey) {
	c.expr(&k.Expr)
	c.bool(&k.Desc)
	c.bool(&k.NullsFirst)
}

// optional is an expression that may be nil.
func (c *codec) optional(e *expr.Expr) {
	present := *e != nil
	c.bool(&present)
	if present {
		c.expr(e)
	}
}

func (c *codec) exprs(v *[]expr.Expr) { slice(c, v, c.expr) }
