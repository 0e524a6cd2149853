import json, re, sys, time

engine = sys.argv[1]
if engine == "duckdb":
    import duckdb

    con = duckdb.connect()
    con.execute("SET threads = 2")
    con.execute("SET enable_progress_bar = false")

    def run(sql):
        return con.execute(sql).fetchall()
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


for line in sys.stdin:
    try:
        began = time.perf_counter()
        rows = run(json.loads(line))
        took = time.perf_counter() - began
        answer = {"seconds": took, "rows": [["" if v is None else str(v) for v in row] for row in rows]}
    except Exception as e:
        answer = {"error": f"{type(e).__name__}: {e}"[:300]}
    print(json.dumps(answer), flush=True)
