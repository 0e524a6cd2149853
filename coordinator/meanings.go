package coordinator

import (
	"context"
	"errors"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/sqlerr"
)

// meanings are what the names in a statement stood for when it was bound. Nobody is kept
// from changing that until the statement begins, where PostgreSQL would have it hold
// locks; a statement whose names mean something else by then is bound anew:
//
//  1. While it is bound, each name is looked up once, so that all its places mean the same.
//  2. Its tables are pinned, or locked where it changes them.
//  3. If all names still mean the same (checkMeanings), it has been bound to what it now reads, as
//     of one moment; what becomes of the names later is nothing to it.
//  4. Otherwise, and where binding it has failed meanwhile, it begins again.
type meanings struct {
	relations []relationMeaning
	functions []functionMeaning
}

// relationMeaning is what a name stands for: a managed table of a definition, a view or an
// external table, or nothing, where another schema of the search path has it.
type relationMeaning struct {
	schema, name string
	table        *memtable.Table
	def          *memtable.Definition
	object       *catalog.Object
}

// functionMeaning are the overloads of a name in a schema.
type functionMeaning struct {
	schema, name string
	overloads    []*catalog.Function
}

// include adds the meanings that a part of the statement was bound by; to none there is
// nothing to add.
func (m *meanings) include(part *meanings) {
	if m != nil && part != nil {
		m.relations = append(m.relations, part.relations...)
		m.functions = append(m.functions, part.functions...)
	}
}

// relation is the managed table of a name, or its view or external table; both nil for
// none. While a statement is bound it is what the name meant first.
func (s *Session) relation(schema, name string) (*memtable.Table, *catalog.Object) {
	if s.meanings == nil {
		m := s.lookUp(schema, name)
		return m.table, m.object
	}
	for i := range s.meanings.relations {
		if m := &s.meanings.relations[i]; m.schema == schema && m.name == name {
			return m.table, m.object
		}
	}
	m := s.lookUp(schema, name)
	s.meanings.relations = append(s.meanings.relations, m)
	return m.table, m.object
}

// lookUp is what a relation's name stands for now.
func (s *Session) lookUp(schema, name string) relationMeaning {
	m := relationMeaning{schema: schema, name: name}
	if m.table = s.tables().Lookup(schema, name); m.table != nil {
		m.def = m.table.Definition()
		return m
	}
	m.object, _ = s.objects().Lookup(schema, name)
	return m
}

// overloads are the functions of SQL of a name in a schema, as relation gives relations.
func (s *Session) overloads(schema, name string) []*catalog.Function {
	list := s.objects().Functions(schema, name)
	if s.meanings == nil {
		return list
	}
	for _, m := range s.meanings.functions {
		if m.schema == schema && m.name == name {
			return m.overloads
		}
	}
	s.meanings.functions = append(s.meanings.functions, functionMeaning{schema, name, list})
	return list
}

// sameMeanings tells whether the names that a statement was bound by mean the same to its session
// now.
func (p *Prepared) sameMeanings() bool {
	s := p.s
	if p.version == s.c.version() {
		return true
	}
	if p.meanings == nil {
		return false
	}
	for _, m := range p.meanings.relations {
		if s.lookUp(m.schema, m.name) != m {
			return false
		}
	}
	return !slices.ContainsFunc(p.meanings.functions, func(m functionMeaning) bool {
		return !slices.Equal(m.overloads, s.objects().Functions(m.schema, m.name))
	})
}

// maxBindings is how often a statement is bound before it gives up: somebody changes what
// it reads all the time.
const maxBindings = 100

// errMoved is the cause of the error of a statement whose names mean something else now
// than when it was bound.
var errMoved = errors.New("names of the statement have changed their meaning")

// checkMeanings refuses to begin a statement whose names mean something else now. What it
// reads is pinned or locked before. Once it has begun, its own changes may do so.
func (p *Prepared) checkMeanings() error {
	if p.begun || p.sameMeanings() {
		p.begun = true
		return nil
	}
	return sqlerr.Wrap(errMoved, "40001", "could not begin the statement")
}

// moved tells whether a statement has failed since its names mean something else now than
// when it was bound.
func moved(err error) bool { return errors.Is(err, errMoved) || errors.Is(err, memtable.ErrGone) }

// bind finds the parameters and columns of the statement.
func (p *Prepared) bind(ctx context.Context) error {
	for tries := 1; ; tries++ {
		err := p.bindNow(ctx)
		if err == nil || tries == maxBindings || ctx.Err() != nil || p.sameMeanings() && !moved(err) {
			return err
		}
	}
}

// attempt starts the statement, bound to what it reads now.
func (p *Prepared) attempt(ctx context.Context, params []arrow.Array) (*Result, error) {
	for tries := 1; ; tries++ {
		res, err := p.begin(ctx, params)
		if err == nil || tries == maxBindings || ctx.Err() != nil || !moved(err) {
			return res, err
		}
	}
}
