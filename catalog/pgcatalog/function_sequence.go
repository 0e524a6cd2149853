package pgcatalog

import (
	"volley/sqlerr"
	"volley/udf"
)

// Sequences are a session's sequences, by their number.
type Sequences interface {
	NextValue(oid uint32) (int64, error)
	CurrentValue(oid uint32) (int64, error)
	LastValue() (int64, error)
	// SetValue makes v the last number; called tells whether it counts as given.
	SetValue(oid uint32, v int64, called bool) error
}

// registerSequences adds nextval and its like.
func registerSequences(r *registrar) {
	add := func(s udf.Scalar, f func(q Sequences, c *call) (any, error)) {
		s.Returns, s.Volatility = tInt8, udf.Volatile
		r.addAs(s, func(c *call) (any, error) {
			q, ok := c.ctx.Session.(Sequences)
			if !ok {
				return nil, sqlerr.New(sqlerr.FeatureNotSupported, "sequences are not known here")
			}
			return f(q, c)
		})
	}
	add(udf.Scalar{Name: "nextval", Params: params(tClass)}, func(q Sequences, c *call) (any, error) { return q.NextValue(c.oid(0)) })
	add(udf.Scalar{Name: "currval", Params: params(tClass)}, func(q Sequences, c *call) (any, error) { return q.CurrentValue(c.oid(0)) })
	add(udf.Scalar{Name: "lastval"}, func(q Sequences, _ *call) (any, error) { return q.LastValue() })
	set := func(q Sequences, c *call) (any, error) {
		return c.integer(1), q.SetValue(c.oid(0), c.integer(1), c.len() < 3 || c.boolean(2))
	}
	add(udf.Scalar{Name: "setval", Params: params(tClass, tInt8)}, set)
	add(udf.Scalar{Name: "setval", Params: params(tClass, tInt8, tBool)}, set)
}
