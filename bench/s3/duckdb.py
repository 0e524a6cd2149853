# DuckDB's httpfs over a link: two threads, a new connection for each pair of runs. Reads
# one query a line and answers with the seconds of a run without its cache, of a first
# one with it, and of a second one.
import glob, json, os, sys, time

import duckdb
import duckdb_extension_httpfs

extension = glob.glob(os.path.dirname(duckdb_extension_httpfs.__file__) + "/extensions/*/httpfs.duckdb_extension")[0]


def connect(cache):
    con = duckdb.connect()
    con.execute(f"LOAD '{extension}'")
    con.execute("SET threads = 2")
    con.execute("SET enable_progress_bar = false")
    con.execute(f"SET enable_external_file_cache = {str(cache).lower()}")
    con.execute(
        "CREATE SECRET (TYPE s3, KEY_ID ?, SECRET ?, REGION 'us-east-1', ENDPOINT ?, URL_STYLE 'path', USE_SSL false)",
        [os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"], os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")],
    )
    return con


def run(con, sql):
    began = time.perf_counter()
    con.execute(sql).fetchall()
    return time.perf_counter() - began


for line in sys.stdin:
    try:
        sql = json.loads(line)
        with connect(False) as con:
            off = run(con, sql)
        with connect(True) as con:
            answer = {"seconds": [off, run(con, sql), run(con, sql)]}
    except Exception as e:
        answer = {"error": f"{type(e).__name__}: {e}"[:300]}
    print(json.dumps(answer), flush=True)
