package physical

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/objstore/secret"
	"volley/sqltype"
)

func (c *codec) fragment(f *Fragment) {
	c.taskID(&f.Task)
	c.node(&f.Root)
	c.partitioning(&f.Output)
	mapping(c, &f.Splits, c.int, func(v *[]catalog.Split) { slice(c, v, c.split) })
	c.int(&f.Partition)
	c.int(&f.PartitionEnd)
	mapping(c, &f.Sources, c.int, func(v *[]Source) { slice(c, v, c.source) })
	c.session(&f.Session)
	c.secrets(&f.Secrets)
}

func (c *codec) secrets(v **secret.Set) {
	list := (*v).List()
	slice(c, &list, func(p **secret.Secret) {
		if !c.writing {
			*p = &secret.Secret{}
		}
		text, err := (*p).Encode()
		if err != nil {
			c.corrupt()
		}
		c.bytes(&text)
		if c.writing || c.err != nil {
			return
		}
		if **p, c.err = secret.Decode(text); c.err != nil {
			c.corrupt()
		}
	})
	*v = secret.NewSet(list)
}

func (c *codec) taskID(t *TaskID) {
	c.string(&t.Query)
	c.int(&t.Stage)
	c.int(&t.Task)
	c.int(&t.Attempt)
}

func (c *codec) partitioning(p *Partitioning) {
	enum(c, &p.Kind, RoundRobin+1)
	c.exprs(&p.Keys)
	c.int(&p.Count)
	enum(c, &p.Nulls, NullSamples+1)
}

func (c *codec) source(s *Source) {
	c.taskID(&s.Task)
	c.string(&s.Worker)
	c.string(&s.Address)
}

func (c *codec) session(s *Session) {
	c.string(&s.TimeZone)
	c.style(&s.Style)
	c.int64(&s.Now)
	c.int64(&s.Statement)
	c.int(&s.BatchRows)
	c.int64(&s.MemoryLimit)
	c.int64(&s.SplitBytes)
	c.string(&s.User)
	c.string(&s.Database)
	for i := range s.Seed {
		c.int64(&s.Seed[i])
	}
}

func (c *codec) split(s *catalog.Split) {
	c.int(&s.Index)
	c.string(&s.File.Path)
	c.int64(&s.File.Size)
	c.string(&s.File.Version)
	c.int64(&s.Start)
	c.int64(&s.End)
	c.bool(&s.Exact)
	c.int64(&s.Rows)
	c.int64(&s.Bytes)
	c.int64(&s.Pruned)
	c.bytes(&s.Inline)
}

func (c *codec) scanSpec(s *catalog.ScanSpec) {
	c.string(&s.Table)
	c.string(&s.Format)
	mapping(c, &s.Options, c.string, c.string)
	c.schema(&s.Schema)
	slice(c, &s.Projection, c.int)
	slice(c, &s.Partition, c.string)
	slice(c, &s.Pruning, c.predicate)
	c.int64(&s.Limit)
	if !c.writing && c.err == nil && !validSpec(s) {
		c.corrupt()
	}
}

// validSpec tells whether every ordinal is one of a column.
func validSpec(s *catalog.ScanSpec) bool {
	n := 0
	if s.Schema != nil {
		n = s.Schema.NumFields()
	}
	for _, p := range s.Projection {
		if p < 0 || p >= n {
			return false
		}
	}
	for _, p := range s.Pruning {
		if p.Column < 0 || p.Column >= n {
			return false
		}
	}
	return true
}

func (c *codec) predicate(p *catalog.Predicate) {
	c.int(&p.Column)
	c.string(&p.Op)
	slice(c, &p.Values, func(a *arrow.Array) { c.array(a) })
}

func (c *codec) textFormat(f *TextFormat) {
	c.bool(&f.CSV)
	c.byte(&f.Delimiter)
	c.byte(&f.Quote)
	c.byte(&f.Escape)
	c.string(&f.Null)
	slice(c, &f.ForceQuote, c.bool)
	c.string(&f.TimeZone)
	c.style(&f.Style)
}

func (c *codec) style(s *sqltype.Style) {
	enum(c, &s.Date, sqltype.DateGerman+1)
	enum(c, &s.Order, sqltype.YearFirst+1)
	enum(c, &s.Interval, sqltype.IntervalISO+1)
	c.byte(&s.FloatDigits)
	c.bool(&s.ByteaEscape)
}
