package parser

import (
	"strconv"
	"strings"

	"volley/parser/ast"
	"volley/sqlerr"
)

// internalNames are PostgreSQL's internal names of the types with a name of
// their own in the grammar, and of common synonyms.
var internalNames = map[string]string{
	"bigint": "int8", "boolean": "bool", "dec": "numeric", "decimal": "numeric",
	"double": "float8", "int": "int4", "integer": "int4", "real": "float4",
	"smallint": "int2", "character": "bpchar", "char": "bpchar", "nchar": "bpchar",
}

// typeOf is the internal name of a type given by a possibly qualified name.
func typeOf(parts []string) string {
	if len(parts) == 2 && parts[0] == "pg_catalog" {
		parts = parts[1:]
	}
	name := strings.Join(parts, ".")
	if s, ok := internalNames[name]; ok {
		return s
	}
	return name
}

// typeName reads a type: numeric(10,2), character varying(3), int[], ….
func (p *parser) typeName() ast.TypeName {
	p.eat("setof")
	ty := ast.TypeName{Pos: p.at()}
	t := p.tok()
	switch {
	case t.kind == tokQuoted:
		p.qualifiedType(&ty)
	case t.kind != tokIdent || t.class == reserved:
		p.fail()
	case !p.builtinType(&ty):
		p.qualifiedType(&ty)
	}
	p.arrayBounds(&ty)
	return ty
}

// qualifiedType reads [schema.]name[(mods)].
func (p *parser) qualifiedType(ty *ast.TypeName) {
	quoted := p.tok().kind == tokQuoted
	parts := []string{p.label()}
	for p.eatPunct(".") {
		quoted = p.tok().kind == tokQuoted
		parts = append(parts, p.label())
	}
	ty.Name = typeOf(parts)
	if quoted { // "char" is not char
		ty.Name = strings.TrimPrefix(strings.Join(parts, "."), "pg_catalog.")
	}
	ty.Mods = p.typeMods()
}

// builtinType reads the types with a syntax of their own.
func (p *parser) builtinType(ty *ast.TypeName) bool {
	word := p.tok().text
	switch word {
	case "double":
		p.advance()
		p.eat("precision")
		ty.Name = "float8"
	case "float":
		p.advance()
		ty.Name = "float8"
		if mods := p.typeMods(); len(mods) == 1 && mods[0] <= 24 {
			ty.Name = "float4"
		}
	case "character", "char", "nchar", "national", "varchar":
		p.characterType(ty)
	case "bit":
		p.advance()
		ty.Name = "bit"
		if p.eat("varying") {
			ty.Name = "varbit"
		}
		if ty.Mods = p.typeMods(); len(ty.Mods) == 0 && ty.Name == "bit" {
			ty.Mods = []int32{1}
		}
	case "time", "timestamp":
		p.advance()
		ty.Name, ty.Mods = word, p.typeMods()
		if p.eat("with", "time", "zone") {
			ty.Name += "tz"
		} else {
			p.eat("without", "time", "zone")
		}
	case "interval":
		p.advance()
		ty.Name, ty.Mods = word, p.typeMods()
		p.intervalFields(ty)
	case "bigint", "boolean", "dec", "decimal", "int", "integer", "real", "smallint", "numeric":
		p.advance()
		ty.Name, ty.Mods = typeOf([]string{word}), p.typeMods()
	default:
		return false
	}
	return true
}

// characterType reads char, varchar, character varying, national ….
func (p *parser) characterType(ty *ast.TypeName) {
	word := p.tok().text
	p.advance()
	if word == "national" {
		if !p.eat("character") {
			p.need("char")
		}
	}
	ty.Name = "bpchar"
	if word == "varchar" || p.eat("varying") {
		ty.Name = "varchar"
	}
	ty.Mods = p.typeMods()
	if ty.Name == "bpchar" && ty.Mods == nil {
		ty.Mods = []int32{1}
	}
}

// intervalFields reads YEAR TO MONTH, DAY, SECOND(3), ….
func (p *parser) intervalFields(ty *ast.TypeName) {
	if !intervalField(p.tok()) {
		return
	}
	ty.Fields = p.label()
	if p.kw("to") && intervalField(p.peek(1)) {
		p.advance()
		ty.Fields += " to " + p.label()
	}
	if strings.HasSuffix(ty.Fields, "second") {
		if mods := p.typeMods(); mods != nil {
			ty.Mods = mods
		}
	}
}

func intervalField(t *token) bool {
	if t.kind != tokIdent {
		return false
	}
	switch t.text {
	case "year", "month", "day", "hour", "minute", "second":
		return true
	}
	return false
}

// typeMods reads (10, 2), or nothing.
func (p *parser) typeMods() []int32 {
	if !p.eatPunct("(") {
		return nil
	}
	var mods []int32
	for {
		neg := p.eatPunct("-")
		t := p.tok()
		n, err := strconv.ParseInt(t.text, 10, 32)
		if t.kind != tokInteger {
			p.fail()
			return nil
		}
		if err != nil {
			p.failAt(t.pos, sqlerr.InvalidParameterValue, "type modifier %s is out of range", t.text)
			return nil
		}
		if neg {
			n = -n
		}
		p.advance()
		mods = append(mods, int32(n))
		if !p.eatPunct(",") {
			break
		}
	}
	p.needPunct(")")
	return mods
}

// arrayBounds reads [], [3], ARRAY and ARRAY[3] behind a type.
func (p *parser) arrayBounds(ty *ast.TypeName) {
	if p.eat("array") {
		ty.Array = 1
		if p.eatPunct("[") {
			p.bound()
		}
		return
	}
	for p.punct("[") && (p.peek(1).is("]") || p.peek(1).kind == tokInteger && p.peek(2).is("]")) {
		p.advance()
		p.bound()
		ty.Array++
	}
}

func (p *parser) bound() {
	if p.tok().kind == tokInteger {
		p.advance()
	}
	p.needPunct("]")
}

// typedLiteral writes date '2000-01-01', interval '1' day, numeric(3,1) '1.5'. It
// fails, and stays, when no literal begins here.
func (p *parser) typedLiteral() (frag, bool) {
	t := p.tok()
	if t.class == reserved || p.peek(1).is(".") {
		return frag{}, false
	}
	if p.peek(1).kind != tokString && t.class != colName && t.text != "double" {
		return frag{}, false
	}
	switch t.text {
	case "double", "float", "character", "char", "nchar", "national", "varchar", "bit", "time",
		"timestamp", "interval", "bigint", "boolean", "dec", "decimal", "int", "integer", "real",
		"smallint", "numeric":
	default:
		return frag{}, false // nameOrCall takes type names without a syntax of their own
	}
	if f, ok := p.bareInterval(); ok {
		return f, true
	}
	start := p.i
	typed := &ast.TypedLiteral{Type: p.builtinTypeOnly()}
	lit := p.tok()
	if p.err != nil || lit.kind != tokString {
		p.i, p.err = start, nil
		return frag{}, false
	}
	if (typed.Type.Name == "bit" || typed.Type.Name == "bpchar") && !p.peek(-1).is(")") {
		typed.Type.Mods = nil // bit alone is bit(1) everywhere but here, and so is char
	}
	p.advance()
	if typed.Type.Name == "interval" && typed.Type.Mods == nil {
		p.intervalFields(&typed.Type)
	}
	typed.Pos, typed.Text = ast.Pos(t.pos), lit.text
	return p.built(typed, 1), true
}

// modsOfLiteral reads the modifiers in timestamptz(3) '2000-01-01'. It stays and
// gives nil where the parentheses are those of a call.
func (p *parser) modsOfLiteral() []int32 {
	end := 1
	for p.peek(end).kind == tokInteger && p.peek(end+1).is(",") {
		end += 2
	}
	if p.peek(end).kind != tokInteger || !p.peek(end+1).is(")") || p.peek(end+2).kind != tokString {
		return nil
	}
	return p.typeMods()
}

// literalOf writes the literal of a named type, whose text comes next.
func (p *parser) literalOf(pos int32, t ast.TypeName) frag {
	lit := p.tok()
	p.advance()
	return p.built(&ast.TypedLiteral{Pos: ast.Pos(pos), Type: t, Text: lit.text}, 1)
}

// builtinTypeOnly reads a type whose interval fields, if any, come later.
func (p *parser) builtinTypeOnly() ast.TypeName {
	ty := ast.TypeName{Pos: p.at()}
	if p.kw("interval") {
		p.advance()
		ty.Name, ty.Mods = "interval", p.typeMods()
		return ty
	}
	p.builtinType(&ty)
	return ty
}

// bareInterval writes DuckDB's interval 3 days as interval '3 days'.
func (p *parser) bareInterval() (frag, bool) {
	n, unit := p.peek(1), p.peek(2)
	if !p.kw("interval") || n.kind != tokInteger && n.kind != tokDecimal || unit.kind != tokIdent {
		return frag{}, false
	}
	switch strings.TrimSuffix(unit.text, "s") {
	case "microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year", "decade", "century":
	default:
		return frag{}, false
	}
	pos := p.pos()
	p.i += 3
	typed := &ast.TypedLiteral{Pos: ast.Pos(pos), Type: ast.TypeName{Pos: ast.Pos(pos), Name: "interval"}, Text: n.text + " " + unit.text}
	return p.built(typed, 1), true
}
