package randsql

var edgeTexts = []call{
	{"%s::text", []Type{Int}}, {"%s::text", []Type{Numeric}}, {"%s::text", []Type{BigInt}}, {"%s::text", []Type{Date}}, {"%s::text", []Type{Timestamp}}, {"%s::text", []Type{Timestamptz}}, {"%s::text", []Type{Interval}}, {"%s::text", []Type{Time}},
	{"%s::text", []Type{IntArray}}, {"%s::text", []Type{TextArray}}, {"%s::text", []Type{JSONB}}, {"%s::text", []Type{Bytea}}, {"%s::text", []Type{Char}}, {"%s::text", []Type{Bool}}, {"%s::text", []Type{UUID}}, {"%s::varchar(2)", []Type{Text}}, {"%s::varchar(3)", []Type{Int}},
	{"%s || %s", []Type{Text, Text}}, {"%s || %s", []Type{Text, Numeric}}, {"%s || %s", []Type{Char, Text}}, {"substr(%s, %s)", []Type{Text, Int}}, {"substr(%s, %s, %s)", []Type{Text, Int, Int}}, {"left(%s, %s)", []Type{Text, Int}}, {"right(%s, %s)", []Type{Text, Int}},
	{"lpad(%s, %s %% 9, %s)", []Type{Text, Int, Text}}, {"rpad(%s, %s %% 9, %s)", []Type{Text, Int, Text}}, {"repeat(%s, %s %% 5)", []Type{Text, Int}}, {"split_part(%s, %s, %s)", []Type{Text, Text, Int}}, {"replace(%s, %s, %s)", []Type{Text, Text, Text}}, {"translate(%s, %s, %s)", []Type{Text, Text, Text}},
	{"overlay(%s placing %s from %s)", []Type{Text, Text, Int}}, {"btrim(%s, %s)", []Type{Text, Text}}, {"upper(%s)", []Type{Text}}, {"initcap(%s)", []Type{Text}}, {"reverse(%s)", []Type{Text}}, {"md5(%s)", []Type{Text}}, {"quote_literal(%s)", []Type{Text}}, {"quote_ident(%s)", []Type{Text}}, {"quote_nullable(%s)", []Type{Text}},
	{"to_hex(%s)", []Type{Int}}, {"to_hex(%s)", []Type{BigInt}}, {"chr(%s)", []Type{Int}}, {"encode(%s, 'base64')", []Type{Bytea}}, {"encode(%s, 'escape')", []Type{Bytea}}, {"convert_from(%s, 'UTF8')", []Type{Bytea}}, {"concat(%s, %s, %s)", []Type{Float, Bool, Char}}, {"concat_ws(%s, %s, %s)", []Type{Text, Int, Text}},
	{"format('%%s|%%I|%%L', %s, %s, %s)", []Type{Text, Text, Text}}, {"format('%%2$-6s|%%1$4s', %s, %s)", []Type{Int, Text}},
	{"to_char(%s, '9,999.99')", []Type{Numeric}}, {"to_char(%s, 'FM999S')", []Type{Int}}, {"to_char(%s, 'RN')", []Type{Int}}, {"to_char(%s, '9.99EEEE')", []Type{Float}}, {"to_char(%s, '099D9PR')", []Type{Numeric}}, {"to_char(%s, 'YYYY-MM-DD HH12:MI:SS.US AM BC')", []Type{Timestamp}},
	{"to_char(%s, 'IYYY-IW-ID Q DDD J CC')", []Type{Date}}, {"to_char(%s, 'DD HH24:MI:SS MS')", []Type{Interval}}, {"to_char(%s, 'TMMonth FMDDth TZ OF')", []Type{Timestamptz}},
	{"(%s)[%s]", []Type{TextArray, Int}}, {"array_to_string(%s, ',', 'n')", []Type{IntArray}}, {"array_to_string(%s, '|')", []Type{TextArray}}, {"array_dims(%s)", []Type{IntArray}}, {"%s ->> %s", []Type{JSONB, Text}}, {"%s ->> %s", []Type{JSONB, Int}}, {"%s #>> %s", []Type{JSONB, TextArray}}, {"jsonb_typeof(%s)", []Type{JSONB}}, {"jsonb_pretty(%s)", []Type{JSONB}},
	{"regexp_replace(%s, '(.)', '\\1\\1', 'g')", []Type{Text}}, {"regexp_substr(%s, '[0-9]+')", []Type{Text}}, {"substring(%s from '%%#\"_#\"' for '#')", []Type{Text}}, {"coalesce(%s, %s)", []Type{Text, Text}}, {"nullif(%s, %s)", []Type{Text, Text}}, {"greatest(%s, %s)", []Type{Text, Text}}, {"least(%s, %s)::text", []Type{Int, BigInt}}, {"greatest(%s, %s)::text", []Type{Numeric, Int}},
	{"%s::json::text", []Type{Text}}, {"row(%s, %s, %s)::text", []Type{Int, Text, TextArray}}, {"unistr(%s)", []Type{Text}}, {"pg_typeof(%s + %s)::text", []Type{SmallInt, Numeric}}, {"%s::interval(1)::text", []Type{Interval}}, {"%s::interval hour to minute::text", []Type{Interval}}, {"%s::timestamp(2)::text", []Type{Timestamp}}, {"%s::time(0)::text", []Type{Time}}, {"%s::bit(4)::text", []Type{Int}}, {"%s::float4::text", []Type{Numeric}}, {"(%s AT TIME ZONE 'America/New_York')::text", []Type{Timestamptz}},
}

var edgeChars = []call{
	{"%s::char(4)", []Type{Text}}, {"%s::char(4)", []Type{Int}}, {"%s::char(4)", []Type{Bool}}, {"upper(%s)::char(4)", []Type{Char}}, {"%s::char(2)::char(4)", []Type{Char}}, {"nullif(%s, %s)", []Type{Char, Char}}, {"coalesce(%s, %s)", []Type{Char, Char}},
}

var edgeByteas = []call{
	{"%s || %s", []Type{Bytea, Bytea}}, {"substring(%s from %s for %s)", []Type{Bytea, Int, Int}}, {"%s::bytea", []Type{Text}}, {"decode(%s, 'hex')", []Type{Text}}, {"decode(%s, 'base64')", []Type{Text}}, {"decode(%s, 'escape')", []Type{Text}}, {"convert_to(%s, 'UTF8')", []Type{Text}},
	{"set_byte(%s, %s, %s)", []Type{Bytea, Int, Int}}, {"set_bit(%s, %s, 1)", []Type{Bytea, Int}}, {"sha256(%s)", []Type{Bytea}}, {"overlay(%s placing %s from %s)", []Type{Bytea, Bytea, Int}}, {"btrim(%s, '\\x00'::bytea)", []Type{Bytea}}, {"ltrim(%s, %s)", []Type{Bytea, Bytea}},
}

var edgeUUIDs = []call{{"%s::uuid", []Type{Text}}, {"md5(%s)::uuid", []Type{Text}}, {"coalesce(%s, %s)", []Type{UUID, UUID}}, {"least(%s, %s)", []Type{UUID, UUID}}}

var edgeIntArrays = []call{
	{"%s || %s", []Type{IntArray, IntArray}}, {"%s || %s", []Type{IntArray, Int}}, {"%s || %s", []Type{Int, IntArray}}, {"array_cat(%s, %s)", []Type{IntArray, IntArray}}, {"array_append(%s, %s)", []Type{IntArray, Int}}, {"array_remove(%s, %s)", []Type{IntArray, Int}}, {"array_replace(%s, %s, %s)", []Type{IntArray, Int, Int}},
	{"(%s)[%s:%s]", []Type{IntArray, Int, Int}}, {"(%s)[:%s]", []Type{IntArray, Int}}, {"(%s)[2:]", []Type{IntArray}}, {"trim_array(%s, %s)", []Type{IntArray, Int}}, {"array_positions(%s, %s)", []Type{IntArray, Int}}, {"%s::int[]", []Type{Text}}, {"%s::int[]", []Type{TextArray}}, {"%s::smallint[]::int[]", []Type{IntArray}},
	{"ARRAY[%s, %s]", []Type{Int, SmallInt}}, {"string_to_array(%s, ',')::int[]", []Type{Text}}, {"array_fill(%s, ARRAY[%s %% 4])", []Type{Int, Int}}, {"ARRAY(SELECT x + 1 FROM unnest(%s) AS u(x))", []Type{IntArray}}, {"ARRAY(SELECT x FROM unnest(%s) WITH ORDINALITY AS u(x, o) ORDER BY o DESC)", []Type{IntArray}},
}

var edgeTextArrays = []call{
	{"%s || %s", []Type{TextArray, TextArray}}, {"%s || %s", []Type{TextArray, Text}}, {"%s::text[]", []Type{Text}}, {"%s::text[]", []Type{IntArray}}, {"string_to_array(%s, %s)", []Type{Text, Text}}, {"string_to_array(%s, ',', %s)", []Type{Text, Text}}, {"regexp_split_to_array(%s, '[^a-z]')", []Type{Text}}, {"regexp_match(%s, '([a-z])|([0-9])')", []Type{Text}},
	{"array_replace(%s, %s, %s)", []Type{TextArray, Text, Text}}, {"array_prepend(%s, %s)", []Type{Text, TextArray}}, {"ARRAY[%s, %s]::text[]", []Type{Text, Char}}, {"(%s)[%s:]", []Type{TextArray, Int}}, {"trim_array(%s, 1)", []Type{TextArray}}, {"parse_ident(%s)", []Type{Text}},
}

var edgeJSONBs = []call{
	{"%s::jsonb", []Type{Text}}, {"%s -> %s", []Type{JSONB, Text}}, {"%s -> %s", []Type{JSONB, Int}}, {"%s #> %s", []Type{JSONB, TextArray}}, {"%s || %s", []Type{JSONB, JSONB}}, {"%s - %s", []Type{JSONB, Text}}, {"%s - %s", []Type{JSONB, Int}}, {"%s - %s", []Type{JSONB, TextArray}}, {"%s #- %s", []Type{JSONB, TextArray}},
	{"jsonb_set(%s, %s, %s)", []Type{JSONB, TextArray, JSONB}}, {"jsonb_insert(%s, '{b,0}', %s)", []Type{JSONB, JSONB}}, {"jsonb_set_lax(%s, '{a}', %s)", []Type{JSONB, JSONB}}, {"jsonb_strip_nulls(%s)", []Type{JSONB}}, {"to_jsonb(%s)", []Type{Numeric}}, {"to_jsonb(%s)", []Type{Float}}, {"to_jsonb(%s)", []Type{Timestamp}}, {"to_jsonb(%s)", []Type{Date}}, {"to_jsonb(%s)", []Type{Timestamptz}}, {"to_jsonb(%s)", []Type{Interval}},
	{"to_jsonb(%s)", []Type{TextArray}}, {"to_jsonb(%s)", []Type{Text}}, {"jsonb_build_array(%s, %s, %s)", []Type{Bool, BigInt, Char}}, {"jsonb_build_object(%s, %s)", []Type{Text, JSONB}}, {"jsonb_object(%s)", []Type{TextArray}}, {"jsonb_object(%s, %s)", []Type{TextArray, TextArray}}, {"jsonb_path_query_first(%s, '$.b[*]')", []Type{JSONB}}, {"jsonb_path_query_array(%s, 'strict $.a')", []Type{JSONB}}, {"jsonb_path_query_array(%s, '$.** ? (@.type() == \"number\")')", []Type{JSONB}},
	{"(%s)['a']", []Type{JSONB}}, {"row_to_json(row(%s, %s))::jsonb", []Type{Int, Text}}, {"jsonb_path_query_first(%s, '$.a + 1')", []Type{JSONB}},
}
