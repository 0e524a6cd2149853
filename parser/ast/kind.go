package ast

// The names of the kinds, as trees print them.

var (
	literalNames  = [...]string{"null", "boolean", "integer", "decimal", "string", "bits", "default"}
	subqueryNames = [...]string{"scalar", "exists", "array"}
	groupingNames = [...]string{"grouping sets", "rollup", "cube", "empty set"}
	joinNames     = [...]string{"cross", "inner", "left", "right", "full"}
)

// String is the kind's name.
func (k LiteralKind) String() string { return literalNames[k] }

// String is the kind's name.
func (k SubqueryKind) String() string { return subqueryNames[k] }

// String is the kind's name.
func (k GroupingKind) String() string { return groupingNames[k] }

// String is the kind's name.
func (k JoinKind) String() string { return joinNames[k] }
