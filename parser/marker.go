package parser

import "volley/parser/ast"

// marker is a function call in the TiDB SQL that stands for what TiDB's grammar
// cannot say. Its side data is a node of parser/ast (or one of the infos below)
// that wants only its operands, which are the call's arguments.
type marker uint8

// Markers that are expressions.
const (
	mkStar       marker = iota // *, t.*, with EXCLUDE, REPLACE; COLUMNS('…')
	mkPrefix                   // prefix operator other than + and -
	mkOp                       // infix operators of one level: x || y || z
	mkLogic                    // a long AND or OR
	mkLike                     // LIKE, ILIKE, SIMILAR TO
	mkIs                       // IS UNKNOWN and others
	mkQuantified               // x op ANY (…), ALL (…)
	mkCase                     // CASE
	mkCast                     // CAST, ::, TRY_CAST
	mkRow                      // ROW(…)
	mkArray                    // ARRAY[…]
	mkArrayOf                  // ARRAY(query)
	mkStruct                   // {'k': v}
	mkSubscript                // x[i], x[lo:hi]
	mkField                    // (x).f
	mkCollate                  // x COLLATE c
	mkGrouping                 // GROUPING SETS, ROLLUP, CUBE, ()

	// Markers of clauses, met only where the lift looks for them.
	mkSelect  // first item of every SELECT list: selectInfo; DISTINCT ON as arguments
	mkQualify // item behind it
	mkQuery   // last item of ORDER BY: queryInfo; the limit and offset as arguments
	mkNested  // SELECT "__nested"() FROM (query): a parenthesised query as a body
	mkValues  // first item of the first row of VALUES
	mkJoin    // the condition of every join
	mkSort    // an item of ORDER BY with DESC, NULLS or USING
	markerCount
)

// userPrefix goes before the name of every function that is called.
const userPrefix = "f_"

// liftFunc makes the node of a marker call from its side data and arguments.
type liftFunc func(pos ast.Pos, side any, args []ast.Expr) ast.Expr

// markers is the one table of the markers: what the front writes and what the
// lift makes of it. A clause marker has no lift of its own.
var markers [markerCount]struct {
	name string
	open string // quoted name and "("
	lift liftFunc
}

var markerByName = map[string]marker{}

func init() {
	set := func(m marker, name string, lift liftFunc) {
		markers[m].name, markers[m].open, markers[m].lift = name, `"`+name+`"(`, lift
		markerByName[name] = m
	}
	set(mkStar, "__star", liftStar)
	set(mkPrefix, "__prefix", liftPrefix)
	set(mkOp, "__op", liftOp)
	set(mkLogic, "__logic", liftLogic)
	set(mkLike, "__like", liftLike)
	set(mkIs, "__is", liftIs)
	set(mkQuantified, "__quantified", liftQuantified)
	set(mkCase, "__case", liftCase)
	set(mkCast, "__cast", liftCast)
	set(mkRow, "__row", liftRow)
	set(mkArray, "__array", liftArray)
	set(mkArrayOf, "__array_of", liftArrayOf)
	set(mkStruct, "__struct", liftStruct)
	set(mkSubscript, "__subscript", liftSubscript)
	set(mkField, "__field", liftField)
	set(mkCollate, "__collate", liftCollate)
	set(mkGrouping, "__grouping", liftGrouping)
	set(mkSelect, "__select", nil)
	set(mkQualify, "__qualify", nil)
	set(mkQuery, "__query", nil)
	set(mkNested, "__nested", nil)
	set(mkValues, "__values", nil)
	set(mkJoin, "__join", nil)
	set(mkSort, "__sort", nil)
}

// opAt is an operator and where it stands.
type opAt struct {
	op, schema string
	pos        int32
}

// queryInfo is what TiDB's AST cannot hold of a query. ctes has a template for
// each WITH item.
type queryInfo struct {
	query    ast.Query
	hasLimit bool // else the only argument is the offset
}

// selectInfo is what TiDB's AST cannot hold of a SELECT block. The windows'
// expressions come from TiDB's window specifications, by index.
type selectInfo struct {
	sel     ast.Select
	windows []*ast.Window
}

// nestedInfo is of a parenthesised query that is an operand or a body.
type nestedInfo struct{ byName bool }

// callInfo is what TiDB's AST cannot hold of a call. The arguments of the TiDB
// call are those of the call, then ORDER BY, WITHIN GROUP, FILTER and, as
// count(*) OVER (…), the window.
type callInfo struct {
	call     ast.Call
	argNames []string // nil when no argument is named
	args     int
	order    int
	within   int
	filter   bool
	window   *ast.Window
}

// marker writes a marker call, or builds what it stands for.
func (p *parser) marker(m marker, pos int32, side any, args frag) frag {
	if lift := markers[m].lift; lift != nil && p.err == nil {
		if list, ok := p.nodes(args); ok {
			return p.raise(p.built(lift(ast.Pos(max(pos, 0)), side, list), args.height), 1)
		}
	}
	return p.raise(p.cat(p.textAt(markers[m].open, pos, side), args, p.text(")")), 1)
}
