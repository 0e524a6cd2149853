// Package parser turns SQL text in PostgreSQL's dialect into the trees of
// package parser/ast.
//
// A query walks through three steps, each with its own files:
//
//	text ──lexer*.go──▶ tokens ──front*.go──▶ TiDB SQL + marks ──TiDB──▶ TiDB's AST ──lift*.go──▶ parser/ast
//
// The lexer follows PostgreSQL's rules (every literal form, nested comments,
// operators, case folding) and gives each token its byte position.
//
// The front walks clauses and expressions in PostgreSQL's precedence and writes
// SQL that TiDB's grammar accepts in its modes ANSI_QUOTES, PIPES_AS_CONCAT and
// NO_BACKSLASH_ESCAPES: every identifier quoted, every operator parenthesised,
// and a marker call such as "__cast"(x) for what that grammar cannot say. Of an
// expression without a subquery, window or inner ORDER BY it builds the node at
// once and writes "?" (front_built.go): most of a small query. With
// the text go the marks: for an offset in it, the position in the original SQL
// and whatever of the node has no place in the text.
//
// The lift reads TiDB's AST back, knows the markers by one table (marker.go),
// and builds parser/ast nodes with positions in the original SQL. Functions of
// the user are written with the prefix f_ and tables with a number as alias, so
// that no name of a user can be taken for a marker.
//
// Statements outside TiDB's grammar have a recursive-descent parser by first
// keyword (stmt*.go); queries and expressions inside them take the way above.
//
// Nothing outside this package sees TiDB, the markers or the tokens. Errors are
// *sqlerr.Error with a position; no input makes the package panic.
package parser
