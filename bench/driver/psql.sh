#!/usr/bin/env bash
# psql's checks; the connection is in the environment.
set -uo pipefail
echo "client $(psql --version)"

# expect NAME WANTED ARGUMENTS…
expect() {
	local name=$1 want=$2 got
	shift 2
	got=$(psql -X -q -A -t -w "$@" 2>&1)
	if [ "$got" = "$want" ]; then echo "ok $name"; else printf 'FAIL %s: got %q, want %q\n' "$name" "$got" "$want"; fi
}
# matches NAME PATTERN SCRIPT
matches() {
	local name=$1 pattern=$2 got
	got=$(psql -X -w 2>&1 <<<"$3")
	if [[ $got =~ $pattern ]]; then echo "ok $name"; else printf 'FAIL %s: got %q, want %s\n' "$name" "$got" "$pattern"; fi
}

expect query "1|one" -c "SELECT 1, 'one'"
expect types "t|-7|9007199254740993|1.5|0.1|12345.678|text|\\x00ff|2015-01-31|2015-01-31 12:34:56.789|2015-01-31 10:34:56+00|1 day 02:00:00" \
	-c "SET TimeZone = 'UTC'" -c "SELECT true, (-7)::smallint, 9007199254740993, 1.5::real, 0.1::float8, 12345.678::numeric(12,3), 'text', '\\x00ff'::bytea, date '2015-01-31', timestamp '2015-01-31 12:34:56.789', timestamptz '2015-01-31 12:34:56+02', interval '1 day 2 hours'"
expect "null display" "[null]" -P "null=[null]" -c "SELECT NULL::int"
expect file "3" -c "SELECT count(*) FROM '$NUMBERS'"
expect "several statements" $'1\n2' -c "SELECT 1; SELECT 2"
expect "show" "15.0" -c "SHOW server_version"
matches "error with SQLSTATE and place" $'ERROR:  42703: column "nothing" does not exist\nLINE 1: SELECT nothing;\n +\\^' $'\\set VERBOSITY verbose\nSELECT nothing;'
matches "sqlstate variable" 22012 $'SELECT 1/0;\n\\echo :SQLSTATE'
matches "transaction" $'BEGIN\nINSERT 0 1\n.*\nROLLBACK' $'CREATE TEMP TABLE tx (n int);\nBEGIN;\nINSERT INTO tx VALUES (1);\nSELECT n FROM tx;\nROLLBACK;'
matches "failed transaction" "current transaction is aborted" $'BEGIN;\nSELECT 1/0;\nSELECT 1;\nROLLBACK;'
matches "timing" "Time: [0-9.]+ ms" $'\\timing on\nSELECT 1;'
expect "copy to stdout" $'1,one\n2,"two, too"' -c "COPY (SELECT n, word FROM '$NUMBERS' WHERE n < 3) TO STDOUT (FORMAT csv)"
out=$(dirname "$NUMBERS")/out.csv
expect "copy to a file of the client" "" -c "\\copy (SELECT n FROM '$NUMBERS') TO '$out' csv header"
if [ "$(cat "$out")" = $'n\n1\n2\n3' ]; then echo "ok the file"; else echo "FAIL the file: $(cat "$out")"; fi
expect "copy from the client" "3|6" -c "CREATE TABLE psql_copy (n int, word text)" -c "\\copy psql_copy FROM '$NUMBERS' csv header" -c "SELECT count(*), sum(n) FROM psql_copy"
expect "drop" "" -c "DROP TABLE psql_copy"
matches "describe a result" $'one *\\| integer' $'SELECT 1 AS one \\gdesc'
expect "variables" "7" -v n=7 <<<'' -c "SELECT 7"
matches "gset" "value 42" $'SELECT 42 AS answer \\gset\n\\echo value :answer'
matches "fetch count" $'\n *5000' "\\set FETCH_COUNT 1000
\\pset tuples_only on
SELECT n FROM '$MANY';"
matches "conninfo" 'You are connected to database "bench" as user "bench"' '\conninfo'
matches "prepared" $'n *\n---\n 5' $'PREPARE p (int) AS SELECT $1 + 1 AS n;\nEXECUTE p(4);'
