"""Checks of Python's drivers; the connection is in the environment."""

import datetime as dt
import decimal
import io
import os
import sys

NUMBERS, MANY = os.environ["NUMBERS"], os.environ["MANY"]
UTC = dt.timezone.utc
# SQL and the value Python has for it
TYPES = [
    ("true", True),
    ("(-7)::smallint", -7),
    ("42", 42),
    ("9007199254740993", 9007199254740993),
    ("1.5::real", 1.5),
    ("0.1::double precision", 0.1),
    ("12345.678::numeric(12,3)", decimal.Decimal("12345.678")),
    ("1::numeric / 3", decimal.Decimal("0.33333333333333333333")),
    ("'text ü'::text", "text ü"),
    ("'\\x00ff'::bytea", b"\x00\xff"),
    ("date '2015-01-31'", dt.date(2015, 1, 31)),
    ("timestamp '2015-01-31 12:34:56.789'", dt.datetime(2015, 1, 31, 12, 34, 56, 789000)),
    ("timestamptz '2015-01-31 12:34:56+02'", dt.datetime(2015, 1, 31, 10, 34, 56, tzinfo=UTC)),
    ("interval '1 day 2 hours'", dt.timedelta(days=1, hours=2)),
    ("NULL::bigint", None),
]
TYPES_SQL = "SELECT " + ", ".join(sql for sql, _ in TYPES)


def check(name, got, want=True):
    print(f"ok {name}" if got == want else f"FAIL {name}: got {got!r}, want {want!r}")


def attempt(f):
    try:
        f()
    except Exception as e:  # a failing check must not end the others
        print(f"FAIL {f.__name__}: {type(e).__name__}:", " ".join(str(e).split())[:300])


def values(row):
    return [bytes(v) if isinstance(v, memoryview) else v for v in row]


def dbapi(connect, module, sqlstate):
    """What psycopg and psycopg2 have in common."""
    conn = connect()

    def queries():
        cur = conn.cursor()
        cur.execute("SELECT 1, 'one'")
        check("query", cur.fetchall(), [(1, "one")])
        cur.execute("SELECT %s::bigint + 1, upper(%s), %s::date", (41, "abc", dt.date(2015, 1, 31)))
        check("parameters", cur.fetchone(), (42, "ABC", dt.date(2015, 1, 31)))
        cur.execute("SELECT count(*), sum(n) FROM read_csv(%s) WHERE word LIKE %s" if module.__name__ == "psycopg2"
                    else f"SELECT count(*), sum(n) FROM '{NUMBERS}' WHERE word LIKE %s",
                    (NUMBERS, "t%") if module.__name__ == "psycopg2" else ("t%",))
        check("file", cur.fetchone(), (1, 2))
        cur.execute(f"SELECT n FROM '{MANY}'")
        check("many rows", sum(r[0] for r in cur), 12502500)

    def types():
        cur = conn.cursor()
        cur.execute("SET TimeZone = 'UTC'")
        cur.execute(TYPES_SQL)
        for (sql, want), got in zip(TYPES, values(cur.fetchone())):
            check("type " + sql, got, want)

    def transaction():
        conn.rollback()
        cur = conn.cursor()
        cur.execute("CREATE TABLE py_tx (n int, at timestamptz)")
        cur.execute("INSERT INTO py_tx VALUES (%s, %s)", (1, dt.datetime(2015, 1, 31, tzinfo=UTC)))
        conn.commit()
        cur.execute("INSERT INTO py_tx VALUES (2, NULL)")
        conn.rollback()
        cur.execute("SELECT count(*) FROM py_tx")
        check("transaction", cur.fetchone(), (1,))
        cur.execute("DROP TABLE py_tx")
        conn.commit()

    def errors():
        cur = conn.cursor()
        for sql, code in (("SELECT 1/0", "22012"), ("SELECT nothing", "42703"), ("SELEC", "42601")):
            try:
                cur.execute(sql)
                check("error " + code, "no error")
            except module.Error as e:
                check("error " + code, sqlstate(e), code)
            try:
                cur.execute("SELECT 1")
                check("failed transaction", "no error")
            except module.Error as e:
                check("failed transaction", sqlstate(e), "25P02")
            conn.rollback()

    for f in (queries, types, transaction, errors):
        attempt(f)
        conn.rollback()
    return conn


def psycopg():
    import psycopg

    print("client psycopg", psycopg.__version__)
    conn = dbapi(lambda: psycopg.connect(""), psycopg, lambda e: e.sqlstate)

    def binary():
        cur = conn.cursor(binary=True)
        cur.execute(TYPES_SQL)
        for (sql, want), got in zip(TYPES, values(cur.fetchone())):
            check("binary " + sql, got, want)
        params = [want for _, want in TYPES if want is not None]
        cur.execute("SELECT " + ", ".join("%b" for _ in params), params)
        for got, want in zip(values(cur.fetchone()), params):
            check(f"binary parameter {want!r}", got, want)

    def prepared():
        conn.prepare_threshold = 0
        got = [conn.execute("SELECT %s::int * 2", (i,)).fetchone()[0] for i in range(7)]
        check("prepared", got, [0, 2, 4, 6, 8, 10, 12])

    def pipeline():
        with conn.pipeline():
            a, b = conn.execute("SELECT 1"), conn.execute("SELECT 2")
            check("pipeline", (a.fetchone(), b.fetchone()), ((1,), (2,)))

    def copy():
        with conn.cursor().copy(f"COPY (SELECT n, word FROM '{NUMBERS}') TO STDOUT (FORMAT csv)") as c:
            check("copy out", b"".join(bytes(x) for x in c), b'1,one\n2,"two, too"\n3,\n')
        conn.execute("CREATE TABLE py_copy (n int, word text)")
        with conn.cursor().copy("COPY py_copy FROM STDIN") as c:
            for row in ((1, "a\tb"), (2, None)):
                c.write_row(row)
        check("copy in", conn.execute("SELECT * FROM py_copy ORDER BY n").fetchall(), [(1, "a\tb"), (2, None)])

    def cursor():
        with conn.cursor(name="c") as cur:
            cur.itersize = 2
            cur.execute(f"SELECT n FROM '{MANY}' WHERE n < 6")
            check("cursor of the server", [r[0] for r in cur], [1, 2, 3, 4, 5])

    def cancel():
        import threading

        conn.rollback()
        timer = threading.Timer(0.3, conn.cancel)
        timer.start()
        try:
            conn.execute(f"SELECT count(*) FROM '{MANY}' AS a, '{MANY}' AS b, '{MANY}' AS c WHERE a.n + b.n + c.n < 0")
            check("cancel", "no error")
        except psycopg.Error as e:
            check("cancel", e.sqlstate, "57014")

    for f in (binary, prepared, pipeline, copy, cursor, cancel):
        attempt(f)
        conn.rollback()


def psycopg2():
    import psycopg2

    print("client psycopg2", psycopg2.__version__.split()[0])
    conn = dbapi(lambda: psycopg2.connect(""), psycopg2, lambda e: e.pgcode)

    def copy():
        out = io.StringIO()
        conn.cursor().copy_expert(f"COPY (SELECT n FROM '{NUMBERS}') TO STDOUT (FORMAT csv, HEADER)", out)
        check("copy out", out.getvalue(), "n\n1\n2\n3\n")

    def batches():
        from psycopg2 import extras

        cur = conn.cursor()
        cur.execute("CREATE TABLE py_batch (n int, t text)")
        extras.execute_values(cur, "INSERT INTO py_batch VALUES %s", [(i, f"it's {i}") for i in range(10)])
        cur.execute("SELECT count(*), max(t) FROM py_batch")
        check("execute_values", cur.fetchone(), (10, "it's 9"))

    for f in (copy, batches):
        attempt(f)
        conn.rollback()


def sqlalchemy():
    import sqlalchemy as sa

    print("client SQLAlchemy", sa.__version__)
    engine = sa.create_engine("postgresql+psycopg://", use_native_hstore=False)

    def defaults():
        # asks pg_type for the extension hstore
        for driver in ("psycopg", "psycopg2"):
            with sa.create_engine(f"postgresql+{driver}://").connect() as c:
                check("default " + driver, c.execute(sa.text("SELECT 1")).scalar(), 1)

    def tables():
        check("names of tables", isinstance(sa.inspect(engine).get_table_names(), list))

    def queries():
        with engine.connect() as c:
            check("query", c.execute(sa.text("SELECT 1, 'one'")).fetchall(), [(1, "one")])
            check("parameters", c.execute(sa.text("SELECT CAST(:n AS int) + 1"), {"n": 41}).scalar(), 42)
            c.execute(sa.text("SET TimeZone = 'UTC'"))
            row = c.execute(sa.text(TYPES_SQL.replace(":", "\\:"))).fetchone()
            for (sql, want), got in zip(TYPES, values(row)):
                check("type " + sql, got, want)

    def errors():
        with engine.connect() as c:
            try:
                c.execute(sa.text("SELECT 1/0"))
                check("error", "no error")
            except sa.exc.DBAPIError as e:
                check("error", e.orig.sqlstate, "22012")

    def expressions():
        trips = sa.table("sa_trips", sa.column("n", sa.Integer), sa.column("word", sa.Text))
        with engine.begin() as c:
            c.execute(sa.text("CREATE TABLE sa_trips (n int, word text)"))
            c.execute(trips.insert(), [{"n": i, "word": f"w{i % 3}"} for i in range(9)])
        with engine.connect() as c:
            q = sa.select(trips.c.word, sa.func.sum(trips.c.n)).group_by(trips.c.word).order_by(trips.c.word).limit(2)
            check("expressions", c.execute(q).fetchall(), [("w0", 9), ("w1", 12)])
        with engine.begin() as c:
            c.execute(sa.text("DROP TABLE sa_trips"))

    for f in (queries, errors, expressions, defaults, tables):
        attempt(f)


{"psycopg": psycopg, "psycopg2": psycopg2, "sqlalchemy": sqlalchemy}[sys.argv[1]]()
