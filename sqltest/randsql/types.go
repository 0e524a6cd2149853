package randsql

// Type is a type of expressions.
type Type uint8

// The types that columns have.
const (
	Int Type = iota
	Text
	Bool
	Numeric
	Float
	BigInt
	SmallInt
	Date
	Timestamp
	Timestamptz
	Interval
	Time
	UUID
	Bytea
	IntArray
	TextArray
	JSONB
	Char
	types // how many there are
)

var typeNames = [types]string{
	"int", "text", "boolean", "numeric", "float8", "bigint", "smallint", "date", "timestamp", "timestamptz",
	"interval", "time", "uuid", "bytea", "int[]", "text[]", "jsonb", "char(4)",
}

// String is the type's name in SQL.
func (t Type) String() string { return typeNames[t] }

// numbers are the types of arithmetic.
var numbers = []Type{Int, BigInt, SmallInt, Numeric, Float}

// literals are values of each type. Sums of the floating ones are exact.
var literals = [types][]string{
	Int:         {"0", "1", "2", "3", "5", "7", "-1", "10"},
	Text:        {"'a'", "'b'", "''", "'abc'", "'Ab c'", "'xyz'", "'%'", "'ü'"},
	Bool:        {"true", "false"},
	Numeric:     {"0.00", "1.50", "2.25", "-3.10", "10.00", "99.99", "0.01", "7.5", "100"},
	Float:       {"0.5::float8", "1.5::float8", "-2.25::float8", "1000::float8", "0.125::float8", "'NaN'::float8", "'Infinity'::float8"},
	BigInt:      {"0::bigint", "4::bigint", "-9::bigint", "3000000000"},
	SmallInt:    {"1::smallint", "2::smallint", "-3::smallint", "100::smallint"},
	Date:        {"date '2024-01-31'", "date '2024-02-29'", "date '2023-12-31'", "date '1999-07-04'"},
	Timestamp:   {"timestamp '2024-01-31 12:30:45'", "timestamp '2024-02-29 00:00:00'", "timestamp '1999-12-31 23:59:59.5'"},
	Timestamptz: {"timestamptz '2024-01-31 12:30:45+02'", "timestamptz '2024-07-01 00:00:00Z'", "timestamptz '1970-01-01 00:00:00Z'"},
	Interval:    {"interval '1 day'", "interval '2 hours 30 minutes'", "interval '1 month'", "interval '-3 days'"},
	Time:        {"time '12:30:45'", "time '00:00:00'", "time '23:59:59.25'"},
	UUID:        {"uuid '00000000-0000-0000-0000-000000000001'", "uuid 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"},
	Bytea:       {`'\x'::bytea`, `'\x00ff'::bytea`, `'\x616263'::bytea`},
	IntArray:    {"'{}'::int[]", "array[1,2,3]", "array[2,null]", "array[7]", "array[3,3,1]"},
	TextArray:   {"'{}'::text[]", "array['a','b']", "array['x y',null]", "array['']"},
	JSONB:       {`'{"a": 1, "b": [1, 2]}'::jsonb`, `'[1, "x", null]'::jsonb`, `'"s"'::jsonb`, `'{"a": {"c": true}}'::jsonb`, `'null'::jsonb`},
	Char:        {`'ab'::char(4)`, `'a'::char(4)`, `''::char(4)`, `'wxyz'::char(4)`},
}
