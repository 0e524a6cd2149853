package coordinator

import (
	"context"
	"runtime"

	"volley/parser"
	"volley/parser/ast"
	"volley/sqlerr"
)

// longText is how many bytes of SQL take so long to parse that the statement may
// be cancelled meanwhile.
const longText = 16 << 10

// parses are the long texts that are being parsed in this process. The grammar
// cannot be interrupted: one that was given up goes on, and counts until it ends.
var parses = make(chan struct{}, max(4, 2*runtime.GOMAXPROCS(0)))

// within parses a text, but answers at once when ctx ends.
func within[T any](ctx context.Context, sql string, parse func(string) (T, error)) (T, error) {
	if len(sql) < longText {
		return parse(sql)
	}
	var none T
	canceled := sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request")
	select {
	case parses <- struct{}{}:
	case <-ctx.Done():
		return none, canceled
	}
	type parsed struct {
		tree T
		err  error
	}
	done := make(chan parsed, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- parsed{err: sqlerr.Panic(r)}
			}
			<-parses
		}()
		tree, err := parse(sql)
		done <- parsed{tree, err}
	}()
	select {
	case p := <-done:
		if ctx.Err() == nil { // or else it is chance which case is taken
			return p.tree, p.err
		}
	case <-ctx.Done():
	}
	return none, canceled
}

// Bounds of what a session remembers of syntax trees.
const (
	maxTrees    = 256
	maxTreeText = 4 << 10 // bytes of SQL
)

// syntax parses statements and remembers the trees of short ones: clients send
// the same few texts over and over. A tree depends on nothing but its text and
// the dialect, and nobody changes it. It is one session's.
type syntax struct {
	trees   map[string]ast.Statement
	dialect parser.Dialect // that of trees
}

func (s *syntax) parse(ctx context.Context, sql string, d parser.Dialect) (ast.Statement, error) {
	if d != s.dialect {
		s.dialect, s.trees = d, nil
	}
	if st, ok := s.trees[sql]; ok {
		return st, nil
	}
	st, err := within(ctx, sql, d.ParseOne)
	if _, secret := st.(*ast.CreateSecret); err != nil || len(sql) > maxTreeText || secret {
		return st, err
	}
	if s.trees == nil || len(s.trees) >= maxTrees {
		s.trees = map[string]ast.Statement{}
	}
	s.trees[sql] = st
	return st, nil
}
