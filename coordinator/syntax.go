package coordinator

import (
	"volley/parser"
	"volley/parser/ast"
)

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

func (s *syntax) parse(sql string, d parser.Dialect) (ast.Statement, error) {
	if d != s.dialect {
		s.dialect, s.trees = d, nil
	}
	if st, ok := s.trees[sql]; ok {
		return st, nil
	}
	st, err := d.ParseOne(sql)
	if err != nil || len(sql) > maxTreeText {
		return st, err
	}
	if s.trees == nil || len(s.trees) >= maxTrees {
		s.trees = map[string]ast.Statement{}
	}
	s.trees[sql] = st
	return st, nil
}
