package coordinator

import (
	"context"
	"strings"

	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/sqlerr"
)

// discard runs DISCARD: the session forgets what it has of its own.
func (s *Session) discard(ctx context.Context, st *ast.Discard) (*Result, error) {
	what := strings.ToUpper(st.What)
	switch what {
	case "ALL":
		if s.tx.status != 'I' {
			return nil, sqlerr.New(sqlerr.ActiveTransaction, "DISCARD ALL cannot run inside a transaction block")
		}
		s.closeCursors(func(*cursor) bool { return true })
		s.forgetPrepared()
		if err := s.settings.reset("all"); err != nil {
			return nil, err
		}
		s.discardSequences()
		if err := s.discardTemp(ctx); err != nil {
			return nil, err
		}
	case "PLANS":
		for _, p := range s.prepared.byName {
			p.plans, p.parts = planCache{}, nil
		}
	case "SEQUENCES":
		s.discardSequences()
	default:
		what = "TEMP"
		if err := s.discardTemp(ctx); err != nil {
			return nil, err
		}
	}
	return command("DISCARD " + what), nil
}

// discardSequences forgets what currval and lastval would give.
func (s *Session) discardSequences() {
	clear(s.currvals)
	s.lastSequence = ""
}

// discardTemp drops the temporary tables, with all that needs them.
func (s *Session) discardTemp(ctx context.Context) error {
	if s.temp == "" {
		return nil
	}
	return s.write(ctx, func(ctx context.Context, tx *memtable.Tx) error {
		d := &dropping{s: s, tx: tx, st: &ast.Drop{Kind: "schema", Cascade: true}, res: command("")}
		_, err := d.contents(ctx, s.temp)
		return err
	})
}
