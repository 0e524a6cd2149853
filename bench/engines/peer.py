# One engine, in process with two threads. It reads a query a line and answers
# with a line of JSON: seconds and rows, or error. With a second argument it
# runs that query and ends.
import json, re, sys, time

engine = sys.argv[1]
if engine == "duckdb":
    import duckdb

    con = duckdb.connect()
    con.execute("SET threads = 2")
    con.execute("SET enable_progress_bar = false")

    def run(sql):
        return con.execute(sql).fetchall()

elif engine == "chdb":
    from chdb import session

    con = session.Session()

    def run(sql):
        sql += " SETTINGS max_threads = 2"
        return json.loads(str(con.query(sql, "JSONCompactStrings")))["data"]

else:
    import polars as pl

    def run(sql):
        # a file is a frame that is scanned lazily, once per query
        frames = {}

        def frame(m):
            name, path = f"f{len(frames)}", m.group(1)
            frames[name] = pl.scan_parquet(path) if path.endswith(".parquet") else pl.scan_csv(path, try_parse_dates=True)
            return "FROM " + name

        sql = re.sub(r"FROM '([^']+)'", frame, sql)
        return pl.SQLContext(frames).execute(sql).collect().rows()


if len(sys.argv) > 2:
    run(sys.argv[2])
    sys.exit()
for line in sys.stdin:
    try:
        began = time.perf_counter()
        rows = run(json.loads(line))
        took = time.perf_counter() - began
        answer = {"seconds": took, "rows": [["" if v is None else str(v) for v in row] for row in rows]}
    except Exception as e:
        answer = {"error": f"{type(e).__name__}: {e}"[:300]}
    print(json.dumps(answer), flush=True)
