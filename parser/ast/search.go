package ast

// Search is SEARCH DEPTH|BREADTH FIRST BY columns SET column of a WITH item.
type Search struct {
	Pos
	Breadth bool
	By      []string
	Set     string
}

// Cycle is CYCLE columns SET mark TO value DEFAULT value USING path of a WITH
// item.
type Cycle struct {
	Pos
	Columns        []string
	Mark           string
	Value, Default Expr
	Path           string
}
