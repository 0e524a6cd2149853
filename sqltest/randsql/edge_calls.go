package randsql

// edgeCalls are by the type they give. They may fail; of the errors of one
// statement the leftmost counts. numeric(p,s) has no NaN here, since Arrow's
// decimals have none.
var edgeCalls = [types][]call{
	Text: edgeTexts, Date: edgeDates, Timestamp: edgeTimestamps, Timestamptz: edgeTimestamptzs, Interval: edgeIntervals, Time: edgeTimes,
	Bytea: edgeByteas, UUID: edgeUUIDs, IntArray: edgeIntArrays, TextArray: edgeTextArrays, JSONB: edgeJSONBs, Char: edgeChars,
	Int: {
		{"%s + %s", []Type{Int, Int}}, {"%s - %s", []Type{Int, Int}}, {"%s * %s", []Type{Int, Int}}, {"%s / %s", []Type{Int, Int}},
		{"%s %% %s", []Type{Int, Int}}, {"- %s", []Type{Int}}, {"abs(%s)", []Type{Int}}, {"@ %s", []Type{Int}}, {"gcd(%s, %s)", []Type{Int, Int}},
		{"lcm(%s, %s)", []Type{Int, Int}}, {"%s & %s", []Type{Int, Int}}, {"%s | %s", []Type{Int, Int}}, {"%s # %s", []Type{Int, Int}}, {"~ %s", []Type{Int}},
		{"%s << %s", []Type{Int, Int}}, {"%s >> %s", []Type{Int, Int}}, {"%s + %s", []Type{SmallInt, Int}}, {"%s * %s", []Type{Int, SmallInt}},
		{"%s::int", []Type{BigInt}}, {"%s::int", []Type{Numeric}}, {"%s::int", []Type{Float}}, {"%s::int", []Type{Text}}, {"%s::int", []Type{Bool}}, {"%s::int", []Type{JSONB}},
		{"div(%s, %s)::int", []Type{Numeric, Numeric}}, {"mod(%s, %s)", []Type{Int, Int}}, {"sign(%s)::int", []Type{Numeric}}, {"scale(%s)", []Type{Numeric}}, {"min_scale(%s)", []Type{Numeric}},
		{"width_bucket(%s, %s, %s, 4)", []Type{Float, Float, Float}}, {"width_bucket(%s, %s, %s, %s)", []Type{Numeric, Numeric, Numeric, Int}}, {"width_bucket(%s, ARRAY[1, 5, 9])", []Type{Int}},
		{"%s - %s", []Type{Date, Date}}, {"length(%s)", []Type{Text}}, {"bit_length(%s)", []Type{Text}}, {"octet_length(%s)", []Type{Char}}, {"length(%s)", []Type{Char}},
		{"ascii(%s)", []Type{Text}}, {"strpos(%s, %s)", []Type{Text, Text}}, {"get_byte(%s, %s)", []Type{Bytea, Int}}, {"get_bit(%s, %s)", []Type{Bytea, Int}}, {"length(%s)", []Type{Bytea}},
		{"(%s)[%s]", []Type{IntArray, Int}}, {"array_length(%s, %s)", []Type{IntArray, Int}}, {"array_upper(%s, 1)", []Type{TextArray}}, {"array_lower(%s, 1)", []Type{TextArray}},
		{"array_ndims(%s)", []Type{IntArray}}, {"cardinality(%s)", []Type{TextArray}}, {"array_position(%s, %s)", []Type{IntArray, Int}}, {"array_position(%s, %s, %s)", []Type{IntArray, Int, Int}},
		{"jsonb_array_length(%s)", []Type{JSONB}}, {"(%s -> 'a')::int", []Type{JSONB}}, {"num_nonnulls(%s, %s)", []Type{Int, Text}}, {"extract(isoyear from %s)::int", []Type{Date}},
		{"regexp_count(%s, '[0-9]')", []Type{Text}}, {"regexp_instr(%s, '[a-z]', 1)", []Type{Text}}, {"bit_count(%s)::int", []Type{Bytea}},
	},
	SmallInt: {
		{"%s + %s", []Type{SmallInt, SmallInt}}, {"%s - %s", []Type{SmallInt, SmallInt}}, {"%s * %s", []Type{SmallInt, SmallInt}}, {"%s / %s", []Type{SmallInt, SmallInt}},
		{"%s %% %s", []Type{SmallInt, SmallInt}}, {"- %s", []Type{SmallInt}}, {"abs(%s)", []Type{SmallInt}}, {"%s::smallint", []Type{Int}}, {"%s::smallint", []Type{BigInt}},
		{"%s::smallint", []Type{Numeric}}, {"%s::smallint", []Type{Float}}, {"%s::smallint", []Type{Text}}, {"%s << %s", []Type{SmallInt, Int}}, {"%s >> %s", []Type{SmallInt, Int}}, {"~ %s", []Type{SmallInt}},
		{"%s & %s", []Type{SmallInt, SmallInt}}, {"%s::smallint", []Type{JSONB}},
	},
	BigInt: {
		{"%s + %s", []Type{BigInt, BigInt}}, {"%s - %s", []Type{BigInt, BigInt}}, {"%s * %s", []Type{BigInt, BigInt}}, {"%s / %s", []Type{BigInt, BigInt}},
		{"%s %% %s", []Type{BigInt, BigInt}}, {"- %s", []Type{BigInt}}, {"abs(%s)", []Type{BigInt}}, {"%s + %s", []Type{Int, BigInt}}, {"%s * %s", []Type{BigInt, SmallInt}}, {"%s / %s", []Type{SmallInt, BigInt}},
		{"gcd(%s, %s)", []Type{BigInt, BigInt}}, {"lcm(%s, %s)", []Type{BigInt, BigInt}}, {"%s::bigint", []Type{Numeric}}, {"%s::bigint", []Type{Float}}, {"%s::bigint", []Type{Text}}, {"%s::bigint", []Type{JSONB}},
		{"%s << %s", []Type{BigInt, Int}}, {"%s >> %s", []Type{BigInt, Int}}, {"%s # %s", []Type{BigInt, BigInt}}, {"~ %s", []Type{BigInt}}, {"extract(epoch from %s)::bigint", []Type{Timestamp}}, {"bit_count(%s)", []Type{Bytea}},
	},
	Numeric: {
		{"%s + %s", []Type{Numeric, Numeric}}, {"%s - %s", []Type{Numeric, Numeric}}, {"%s * %s", []Type{Numeric, Numeric}}, {"%s / %s", []Type{Numeric, Numeric}}, {"%s %% %s", []Type{Numeric, Numeric}},
		{"- %s", []Type{Numeric}}, {"abs(%s)", []Type{Numeric}}, {"sign(%s)", []Type{Numeric}}, {"div(%s, %s)", []Type{Numeric, Numeric}}, {"mod(%s, %s)", []Type{Numeric, Numeric}},
		{"round(%s)", []Type{Numeric}}, {"round(%s, %s %% 40)", []Type{Numeric, Int}}, {"trunc(%s, %s %% 40)", []Type{Numeric, Int}}, {"ceil(%s)", []Type{Numeric}}, {"floor(%s)", []Type{Numeric}}, {"trunc(%s)", []Type{Numeric}},
		{"sqrt(%s)", []Type{Numeric}}, {"ln(%s)", []Type{Numeric}}, {"log(%s)", []Type{Numeric}}, {"log(%s, %s)", []Type{Numeric, Numeric}}, {"exp(%s %% 50)", []Type{Numeric}}, {"power(%s %% 100, %s %% 10)", []Type{Numeric, Numeric}},
		{"%s ^ %s", []Type{SmallInt, Numeric}}, {"trim_scale(%s)", []Type{Numeric}}, {"gcd(%s, %s)", []Type{Numeric, Numeric}}, {"lcm(%s, %s)", []Type{Numeric, Numeric}}, {"factorial(%s %% 30)", []Type{BigInt}},
		{"nullif(%s, 'NaN')::numeric(6,2)", []Type{Numeric}}, {"%s::numeric(3)", []Type{Int}}, {"nullif(%s, 'NaN')::numeric(5,-2)", []Type{Numeric}}, {"nullif(%s, 'NaN')::numeric(3,5)", []Type{Numeric}}, {"nullif(%s, 'NaN')::numeric(10,4)", []Type{Float}}, {"%s::numeric", []Type{Float}},
		{"%s::numeric", []Type{Text}}, {"%s::numeric", []Type{BigInt}}, {"%s::numeric", []Type{JSONB}}, {"%s + %s", []Type{Int, Numeric}}, {"%s / %s", []Type{Numeric, BigInt}}, {"%s * %s", []Type{SmallInt, Numeric}},
		{"extract(epoch from %s)", []Type{Interval}}, {"extract(epoch from %s)", []Type{Timestamp}}, {"extract(epoch from %s)", []Type{Date}}, {"extract(julian from %s)", []Type{Date}}, {"extract(second from %s)", []Type{Time}},
		{"extract(century from %s)", []Type{Date}}, {"extract(decade from %s)", []Type{Timestamp}}, {"extract(millennium from %s)", []Type{Date}}, {"extract(week from %s)", []Type{Date}}, {"extract(doy from %s)", []Type{Timestamp}},
		{"extract(quarter from %s)", []Type{Timestamptz}}, {"extract(year from %s)", []Type{Timestamp}}, {"extract(month from %s)", []Type{Interval}}, {"extract(year from %s)", []Type{Interval}}, {"extract(hour from %s)", []Type{Interval}},
		{"extract(milliseconds from %s)", []Type{Time}}, {"extract(microseconds from %s)", []Type{Timestamp}}, {"extract(timezone from %s)", []Type{Timestamptz}}, {"to_number(%s, 'S99999D99')", []Type{Text}},
	},
	Float: {
		{"%s + %s", []Type{Float, Float}}, {"%s - %s", []Type{Float, Float}}, {"%s * %s", []Type{Float, Float}}, {"%s / %s", []Type{Float, Float}}, {"- %s", []Type{Float}}, {"abs(%s)", []Type{Float}},
		{"sqrt(%s)", []Type{Float}}, {"cbrt(%s)", []Type{Float}}, {"exp(%s)", []Type{Float}}, {"ln(%s)", []Type{Float}}, {"log(%s)", []Type{Float}}, {"power(%s, %s)", []Type{Float, Float}}, {"%s ^ %s", []Type{Float, Int}},
		{"floor(%s)", []Type{Float}}, {"ceil(%s)", []Type{Float}}, {"round(%s)", []Type{Float}}, {"trunc(%s)", []Type{Float}}, {"sign(%s)", []Type{Float}}, {"atan2(%s, %s)", []Type{Float, Float}}, {"asin(%s)", []Type{Float}},
		{"degrees(%s)", []Type{Float}}, {"radians(%s)", []Type{Float}}, {"tanh(%s)", []Type{Float}}, {"acosh(%s)", []Type{Float}}, {"atanh(%s)", []Type{Float}}, {"sind(%s)", []Type{Float}}, {"cotd(%s)", []Type{Float}},
		{"%s::float8", []Type{Numeric}}, {"%s::float8", []Type{Text}}, {"%s::float4::float8", []Type{Float}}, {"%s::float4", []Type{Numeric}}, {"%s::float4 + 0.1::float4", []Type{Float}}, {"%s::float4 * %s::float4", []Type{Float, Float}}, {"%s::float8", []Type{BigInt}}, {"%s::float8", []Type{JSONB}},
		{"%s + %s", []Type{Numeric, Float}}, {"%s / %s", []Type{Float, Int}}, {"date_part('epoch', %s)", []Type{Interval}}, {"date_part('julian', %s)", []Type{Timestamp}}, {"date_part('day', %s)", []Type{Timestamptz}},
	},
	Bool: {
		{"%s AND %s", []Type{Bool, Bool}}, {"%s OR %s", []Type{Bool, Bool}}, {"NOT %s", []Type{Bool}}, {"%s = %s", []Type{Float, Numeric}}, {"%s < %s", []Type{Int, BigInt}}, {"%s >= %s", []Type{Numeric, BigInt}},
		{"%s IS DISTINCT FROM %s", []Type{Float, Float}}, {"%s = %s", []Type{Float, Float}}, {"%s < %s", []Type{Numeric, Numeric}}, {"%s <= %s", []Type{Date, Timestamp}}, {"%s < %s", []Type{Timestamp, Timestamptz}}, {"%s = %s", []Type{Interval, Interval}},
		{"%s < %s", []Type{Interval, Interval}}, {"%s > %s", []Type{Time, Time}}, {"%s = %s", []Type{Char, Char}}, {"%s < %s", []Type{Text, Text}}, {"%s <> %s", []Type{Bytea, Bytea}}, {"%s < %s", []Type{UUID, UUID}},
		{"%s = %s", []Type{IntArray, IntArray}}, {"%s < %s", []Type{IntArray, IntArray}}, {"%s @> %s", []Type{IntArray, IntArray}}, {"%s <@ %s", []Type{TextArray, TextArray}}, {"%s && %s", []Type{TextArray, TextArray}}, {"%s = ANY (%s)", []Type{Int, IntArray}}, {"%s <> ALL (%s)", []Type{Text, TextArray}},
		{"%s < %s", []Type{JSONB, JSONB}}, {"%s = %s", []Type{JSONB, JSONB}}, {"%s @> %s", []Type{JSONB, JSONB}}, {"%s <@ %s", []Type{JSONB, JSONB}}, {"%s ? %s", []Type{JSONB, Text}}, {"%s ?| %s", []Type{JSONB, TextArray}}, {"%s ?& %s", []Type{JSONB, TextArray}},
		{"%s @? '$.a'", []Type{JSONB}}, {"%s @@ '$.a == 1'", []Type{JSONB}}, {"jsonb_exists(%s, 'a')", []Type{JSONB}}, {"%s::boolean", []Type{Text}}, {"%s::boolean", []Type{Int}}, {"%s::boolean", []Type{JSONB}},
		{"isfinite(%s)", []Type{Date}}, {"isfinite(%s)", []Type{Timestamp}}, {"(%s, %s) OVERLAPS (%s, %s)", []Type{Timestamp, Interval, Timestamp, Timestamp}}, {"%s BETWEEN %s AND %s", []Type{Numeric, Int, Float}}, {"%s BETWEEN SYMMETRIC %s AND %s", []Type{Date, Date, Timestamp}},
		{"%s IN (%s, %s)", []Type{Int, BigInt, Numeric}}, {"%s NOT IN (%s, %s)", []Type{Text, Text, Text}}, {"%s LIKE %s", []Type{Text, Text}}, {"%s ILIKE %s ESCAPE 'x'", []Type{Text, Text}}, {"%s SIMILAR TO '(a|1)%%'", []Type{Text}}, {"starts_with(%s, %s)", []Type{Text, Text}},
		{"(%s, %s) < (%s, %s)", []Type{Int, Text, Int, Text}}, {"(%s, %s) IS NULL", []Type{Int, Text}}, {"(%s, %s) = ANY (SELECT 1, 'a'::text)", []Type{Int, Text}}, {"%s IS TRUE", []Type{Bool}}, {"%s IS UNKNOWN", []Type{Bool}}, {"%s ~ '^[a-z]*$'", []Type{Text}}, {"%s ^@ 'a'", []Type{Text}},
	},
}
