package coordinator

import (
	"sync"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/pgcatalog"
	"volley/parser"
	"volley/sqlerr"
)

// preparedStatements are the prepared statements of a session by name, whether PREPARE
// or the protocol made them. The session's goroutine alone changes them; the lock is
// for it and for queries of pg_prepared_statements, which run beside it.
type preparedStatements struct {
	mu     sync.Mutex
	byName map[string]*Prepared
}

// Keep gives a prepared statement a name, by which EXECUTE, Named and the catalog know
// it.
func (s *Session) Keep(name string, p *Prepared) error {
	if s.Named(name) != nil {
		return sqlerr.New(sqlerr.DuplicatePrepared, "prepared statement %q already exists", name)
	}
	s.prepared.mu.Lock()
	defer s.prepared.mu.Unlock()
	if s.prepared.byName == nil {
		s.prepared.byName = map[string]*Prepared{}
	}
	s.prepared.byName[name] = p
	return nil
}

// Named is the prepared statement of a name, nil for none.
func (s *Session) Named(name string) *Prepared { return s.prepared.byName[name] }

// Forget takes a prepared statement's name away and tells whether there was one.
func (s *Session) Forget(name string) bool {
	s.prepared.mu.Lock()
	defer s.prepared.mu.Unlock()
	_, ok := s.prepared.byName[name]
	delete(s.prepared.byName, name)
	return ok
}

// forgetPrepared takes the names of all prepared statements away.
func (s *Session) forgetPrepared() {
	s.prepared.mu.Lock()
	defer s.prepared.mu.Unlock()
	clear(s.prepared.byName)
}

// origin is where a prepared statement comes from.
type origin struct {
	text     string // of the statement that made it: PREPARE or its own
	since    time.Time
	declared []uint32 // numbers of the types that PREPARE declared
}

// preparedRows are the rows of pg_prepared_statements.
func (s *Session) preparedRows() []pgcatalog.PreparedStatement {
	s.prepared.mu.Lock()
	defer s.prepared.mu.Unlock()
	var out []pgcatalog.PreparedStatement
	for name, p := range s.prepared.byName {
		text := p.text
		if parser.HoldsSecrets(text) {
			text = "CREATE SECRET redacted"
		}
		row := pgcatalog.PreparedStatement{
			Name: name, Text: text, Prepared: arrow.Timestamp(p.since.UnixMicro()), FromSQL: p.named,
			GenericPlans: p.uses.generic, CustomPlans: p.uses.custom,
		}
		for i, t := range p.params {
			oid, _ := pgcatalog.TypeOf(t)
			if i < len(p.declared) {
				oid = p.declared[i]
			}
			row.Types = append(row.Types, oid)
		}
		if len(p.params) == 0 { // each plan is one for any values
			row.GenericPlans, row.CustomPlans = int64(p.runs), 0
		}
		out = append(out, row)
	}
	return out
}

// ran counts an execution.
func (p *Prepared) ran() {
	p.s.prepared.mu.Lock()
	defer p.s.prepared.mu.Unlock()
	p.runs++
}

// use counts an execution for which there was a generic plan, or one of its own.
func (p *Prepared) use(generic bool) {
	p.s.prepared.mu.Lock()
	defer p.s.prepared.mu.Unlock()
	if generic {
		p.uses.generic++
	} else {
		p.uses.custom++
	}
}
