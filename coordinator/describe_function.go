package coordinator

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/pgcatalog"
	"volley/parser"
	"volley/parser/ast"
)

// Types of results that are no columns' types.
const (
	oidVoid   = 2278
	oidRecord = 2249
)

// describeFunction describes a function of SQL; false for one that does not
// parse any more, since the row types it names have changed.
func (s *Session) describeFunction(kept *catalog.Function) (pgcatalog.Function, bool) {
	out := pgcatalog.Function{
		OID: s.c.numbers.Of("function", kept.Schema+"\x00"+kept.Name+"\x00"+kept.Signature), Schema: kept.Schema, Name: kept.Name,
		Volatile: 'v', SQL: kept.SQL,
	}
	f, err := s.c.parseFunction(kept, s.rowTypes(context.Background()))
	if err != nil {
		return out, false
	}
	number := func(t arrow.DataType, none uint32) uint32 {
		if t == nil {
			return none
		}
		oid, _ := pgcatalog.TypeOf(t)
		return oid
	}
	for _, p := range f.Params {
		out.Params = append(out.Params, pgcatalog.Parameter{Name: p.Name, Type: number(p.Type, oidRecord)})
	}
	for _, c := range f.Columns {
		out.Columns = append(out.Columns, pgcatalog.Parameter{Name: c.Name, Type: number(c.Type, oidRecord)})
	}
	out.Variadic, out.Set, out.Strict = f.Variadic, f.Set, f.Strict
	out.Returns = number(f.Returns, oidVoid)
	if f.Record || len(f.Columns) > 0 {
		out.Returns = oidRecord
	}
	if stmt, err := parser.ParseOne(kept.SQL); err == nil {
		if st, ok := stmt.(*ast.CreateFunction); ok {
			out.Body = st.Body
			if st.Volatility != "" {
				out.Volatile = st.Volatility[0]
			}
		}
	}
	return out, true
}
