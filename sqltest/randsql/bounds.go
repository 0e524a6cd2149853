package randsql

import (
	"fmt"
	"strings"
)

// constantsBeside are constants of other types, and of the same one, that values of
// a type are compared with: between two values, beyond all of them, just one of them.
var constantsBeside = map[Type][]string{
	Int:       {"0", "1", "2", "3", "1.5", "-0.5", "3000000000", "2.5::float8", "1::real", "'NaN'::float8", "0.999::numeric(4,3)", "2.0", "-1e30"},
	BigInt:    {"0", "1", "2", "3", "1.5", "-0.5", "3000000000", "2.5::float8", "9007199254740992::float8", "1e30", "2.0", "'infinity'::numeric"},
	Numeric:   {"0", "1", "2", "3", "1.005", "-0.001", "2.5", "123456789", "1.50", "'NaN'::numeric", "2::bigint"},
	Float:     {"0", "1", "2", "1.5", "0.1", "'NaN'", "'-infinity'", "2.5::real", "-0.0"},
	Date:      {"date '2024-01-31'", "date '2024-02-29'", "timestamp '2024-01-31'", "timestamp '2024-01-31 12:00'", "timestamp '2024-02-29 00:00:00.000001'", "date 'infinity'", "timestamp '-infinity'", "date '2024-03-31' - interval '60 days'"},
	Timestamp: {"timestamp '2024-01-31'", "timestamp '2024-01-31 12:00'", "date '2024-02-29'", "timestamp 'infinity'", "date '2024-02-01'"},
}

// bounds is what conditions of one operand and several constants make together.
func (g *Generator) bounds(scope []column) string {
	beside := []Type{Int, BigInt, Numeric, Float, Date, Timestamp, Timestamp}
	i := g.src.Below(len(beside))
	constants := constantsBeside[beside[i]]
	operand := g.leafOf(beside[i], scope)
	if i == len(beside)-1 { // the day of a timestamp
		operand, constants = operand+"::date", []string{"date '2024-01-31'", "date '2024-02-29'", "date 'infinity'", "date '-infinity'", "date '1999-07-04'"}
	}
	constant := func() string { return constants[g.src.Below(len(constants))] }
	parts := make([]string, 1+g.src.Below(4))
	for k := range parts {
		switch g.src.Below(8) {
		case 0:
			parts[k] = fmt.Sprintf("%s %s (%s, %s, %s)", operand, g.pick("IN", "NOT IN"), constant(), constant(), constant())
		case 1:
			parts[k] = fmt.Sprintf("%s %s %s AND %s", operand, g.pick("BETWEEN", "NOT BETWEEN"), constant(), constant())
		case 2:
			parts[k] = fmt.Sprintf("%s %s %s", constant(), g.pick("<", ">=", "=", "<>"), operand)
		case 3:
			parts[k] = operand + g.pick(" IS NOT NULL", " IS NULL")
		default:
			parts[k] = fmt.Sprintf("%s %s %s", operand, g.pick(">", "<=", "<", ">=", "=", "<>"), constant())
		}
		parts[k] = "(" + parts[k] + ")"
	}
	return g.pick("(", "(", "(", "(NOT ") + "(" + strings.Join(parts, g.pick(" AND ", " AND ", " OR ")) + "))"
}
