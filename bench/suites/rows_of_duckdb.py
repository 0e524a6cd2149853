"""Prints the rows that DuckDB reads from a file, for the verdicts of the suites.

usage: rows_of_duckdb.py FUNCTION PATH

Each line is a JSON array of a row's values as text; lists, rows and the entries
of maps are arrays. An error ends the program with status 1 and its message.
"""

import json
import re
import sys

import duckdb


def plain(t, x, depth=0):
    """The SQL that turns x, of type t, into text, or into lists and rows of text."""
    if t.id in ("list", "array"):
        v = f"v{depth}"
        return f"list_transform({x}::{dict(t.children)['child']}[], lambda {v}: {plain(dict(t.children)['child'], v, depth + 1)})"
    if t.id == "map":
        v, kinds = f"v{depth}", dict(t.children)
        key = plain(kinds["key"], f"{v}.key", depth + 1)
        value = plain(kinds["value"], f"{v}.value", depth + 1)
        return f"list_transform(map_entries({x}), lambda {v}: {{'key': {key}, 'value': {value}}})"
    if t.id == "struct":
        parts = []
        for name, kind in t.children:
            quoted = '"' + name.replace('"', '""') + '"'
            field = "'" + name.replace("'", "''") + "'"
            parts.append(f"{field}: {plain(kind, f'({x}).{quoted}', depth)}")
        return f"CASE WHEN {x} IS NULL THEN NULL ELSE {{{', '.join(parts)}}} END"
    if t.id == "blob":
        return f"'\\x' || lower(hex({x}))"
    if t.id == "timestamp_ns":
        return f"make_timestamp(epoch_ns({x}) // 1000 - CASE WHEN epoch_ns({x}) % 1000 < 0 THEN 1 ELSE 0 END)::VARCHAR"
    if t.id == "variant":
        return f"({x})::JSON::VARCHAR"
    if t.id == "interval":
        return f"replace({x}::VARCHAR, 'month', 'mon')"
    return f"{x}::VARCHAR"


def arrays(value):
    if isinstance(value, dict):
        return [arrays(v) for v in value.values()]
    if isinstance(value, (list, tuple)):
        return [arrays(v) for v in value]
    return value


def variant(text):
    """The value of a VARIANT, the fields of objects in the order of jsonb."""
    def members(pairs):
        return dict(sorted(pairs, key=lambda p: (len(p[0].encode()), p[0].encode())))

    if text is None:
        return None
    def plain_bytes(x):
        if isinstance(x, list):
            return [plain_bytes(v) for v in x]
        if isinstance(x, str) and re.fullmatch(r"(\\x[0-9A-F]{2})+", x):
            return "\\x" + x.replace("\\x", "").lower()
        return x

    value = json.loads(text, parse_float=str, parse_int=str, object_pairs_hook=members)
    return str(value).lower() if isinstance(value, bool) else plain_bytes(arrays(value))


def main():
    function, path = sys.argv[1:]
    db = duckdb.connect(config={"threads": 1, "memory_limit": "2GB"})
    db.execute("SET TimeZone = 'UTC'")
    db.execute("SET enable_progress_bar = false")
    literal = "'" + path.replace("'", "''") + "'"
    source = f"{function}({literal}, hive_partitioning = false)"
    # Of a file itself DuckDB reads a column that is cast to text as text, not as
    # the type that it has found.
    db.execute(f"CREATE TEMP TABLE t AS FROM {source}")
    table = db.query("FROM t")
    columns = []
    for name, kind in zip(table.columns, table.types):
        quoted = 't."' + name.replace('"', '""') + '"'
        columns.append(plain(kind, quoted))
    cursor = db.execute(f"SELECT {', '.join(columns)} FROM t")
    while rows := cursor.fetchmany(4096):
        for row in rows:
            print(json.dumps([variant(v) if k.id == "variant" else arrays(v) for k, v in zip(table.types, row)]))


try:
    main()
except Exception as e:
    print(str(e).split("\n")[0][:300], file=sys.stderr)
    sys.exit(1)
