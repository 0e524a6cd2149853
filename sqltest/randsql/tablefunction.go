package randsql

import "fmt"

// tableFunction is a function in FROM; its arguments may use the columns of scope.
func (g *Generator) tableFunction(name string, scope []column) source {
	arg := func(t Type) string { return cast(g.plainly(t, scope, 1), t) }
	made := func(call string, names string, cols ...column) source {
		return source{fmt.Sprintf("%s AS %s(%s)", call, name, names), qualify(name, cols)}
	}
	switch g.src.Below(10) {
	case 1:
		return made(fmt.Sprintf("unnest(%s) WITH ORDINALITY", arg(IntArray)), "i, o", of("i", Int), of("o", BigInt))
	case 2:
		return made(fmt.Sprintf("unnest(%s, %s)", arg(IntArray), arg(TextArray)), "i, s", of("i", Int), of("s", Text))
	case 3:
		return made(fmt.Sprintf("generate_series(%s %% 4, %s %% 6, %s)", arg(Int), arg(Int), g.pick("1", "2", "-1")), "i", of("i", Int))
	case 4:
		return made(fmt.Sprintf("generate_series(timestamp '2024-01-30', timestamp '2024-02-02' + interval '1 day' * (%s %% 3), interval '20 hours')", arg(Int)), "ts", of("ts", Timestamp))
	case 5:
		return made(fmt.Sprintf("regexp_split_to_table(%s, 'b|x')", arg(Text)), "s", of("s", Text))
	case 6:
		return made(fmt.Sprintf("jsonb_array_elements(CASE WHEN jsonb_typeof(%[1]s) = 'array' THEN %[1]s END)", arg(JSONB)), "j", of("j", JSONB))
	case 7:
		return made(fmt.Sprintf("jsonb_each(CASE WHEN jsonb_typeof(%[1]s) = 'object' THEN %[1]s END)", arg(JSONB)), "s, j", of("s", Text), of("j", JSONB))
	case 8:
		return made(fmt.Sprintf("ROWS FROM (unnest(%s), generate_series(1, %s %% 4)) WITH ORDINALITY", arg(TextArray), arg(Int)), "s, i, o", of("s", Text), of("i", Int), of("o", BigInt))
	case 9:
		return made(fmt.Sprintf("string_to_table(%s, ' ')", arg(Text)), "s", of("s", Text))
	}
	return made(fmt.Sprintf("generate_series(%d, %d)", g.src.Below(3), 2+g.src.Below(5)), "i", of("i", Int))
}

// rowsOf is a call in a select list that gives any number of rows of type t; ""
// if there is none.
func (g *Generator) rowsOf(t Type, scope []column) string {
	arg := func(t Type) string { return cast(g.plainly(t, scope, 1), t) }
	switch t {
	case Int:
		return g.pick(fmt.Sprintf("generate_series(1, %s %% 4)", arg(Int)), "unnest("+arg(IntArray)+")", fmt.Sprintf("generate_subscripts(%s, 1)", arg(TextArray)))
	case Text:
		return g.pick("unnest("+arg(TextArray)+")", fmt.Sprintf("regexp_split_to_table(%s, 'b')", arg(Text)))
	case JSONB:
		return fmt.Sprintf("jsonb_array_elements('[1, {\"a\": 2}]'::jsonb || %s)", arg(JSONB))
	case Numeric:
		return fmt.Sprintf("generate_series(0.5, (%s %% 3)::numeric, 0.75)", arg(Int))
	}
	return ""
}
