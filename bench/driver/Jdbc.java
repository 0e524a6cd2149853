import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.*;
import java.time.*;
import java.util.*;
import org.postgresql.PGConnection;

/** Checks of PostgreSQL's JDBC driver; the connection is in the environment. */
public class Jdbc {
    interface Part { void run() throws Exception; }

    static void check(String name, Object got, Object want) {
        System.out.println(Objects.equals(got, want) ? "ok " + name : "FAIL " + name + ": got " + got + ", want " + want);
    }

    static void attempt(String name, Part part) {
        try {
            part.run();
        } catch (Exception e) {
            System.out.println(("FAIL " + name + ": " + e).replace('\n', ' '));
        }
    }

    static void refused(String state, Part part) throws Exception {
        try {
            part.run();
            check("error " + state, "no error", state);
        } catch (SQLException e) {
            check("error " + state, e.getSQLState(), state);
        }
    }

    static final Object[][] TYPES = {
        {"true", true}, {"(-7)::smallint", -7}, {"42", 42}, {"9007199254740993", 9007199254740993L}, {"1.5::real", 1.5f},
        {"0.1::double precision", 0.1}, {"12345.678::numeric(12,3)", new BigDecimal("12345.678")}, {"'text ü'::text", "text ü"},
        {"date '2015-01-31'", java.sql.Date.valueOf("2015-01-31")},
        {"timestamp '2015-01-31 12:34:56.789'", Timestamp.valueOf("2015-01-31 12:34:56.789")},
        {"timestamptz '2015-01-31 12:34:56+02'", Timestamp.from(Instant.parse("2015-01-31T10:34:56Z"))},
        {"NULL::bigint", null},
    };

    static void types(Connection c, String how) throws Exception {
        StringJoiner sql = new StringJoiner(", ", "SELECT ", "");
        for (Object[] t : TYPES) sql.add((String) t[0]);
        try (PreparedStatement s = c.prepareStatement(sql.toString())) {
            // from the fifth execution on, the driver prepares and reads in binary
            for (int i = 0; i < 7; i++) {
                try (ResultSet r = s.executeQuery()) {
                    r.next();
                    for (int k = 0; k < TYPES.length; k++) {
                        Object got = r.getObject(k + 1);
                        if (i == 0 || i == 6 || !Objects.equals(got, TYPES[k][1])) check(how + " type " + TYPES[k][0] + " " + i, got, TYPES[k][1]);
                    }
                }
            }
        }
    }

    static Connection connect(String options) throws Exception {
        Map<String, String> e = System.getenv();
        String url = "jdbc:postgresql://" + e.get("PGHOST") + ":" + e.get("PGPORT") + "/" + e.get("PGDATABASE") + "?sslmode=disable&user=" + e.get("PGUSER");
        return DriverManager.getConnection(url + options);
    }

    public static void main(String[] args) throws Exception {
        System.out.println("client pgjdbc " + org.postgresql.util.DriverInfo.DRIVER_VERSION);
        String numbers = System.getenv("NUMBERS"), many = System.getenv("MANY");
        try (Connection c = connect(""); Statement s = c.createStatement()) {
            attempt("query", () -> {
                ResultSet r = s.executeQuery("SELECT 1, 'one'");
                r.next();
                check("query", r.getInt(1) + r.getString(2), "1one");
                r = s.executeQuery("SELECT count(*) FROM '" + numbers + "'");
                r.next();
                check("file", r.getLong(1), 3L);
                check("valid", c.isValid(5), true);
                check("product", c.getMetaData().getDatabaseProductName(), "PostgreSQL");
            });
            attempt("parameters", () -> {
                PreparedStatement p = c.prepareStatement("SELECT ?::int + 1, upper(?), ?::date, ?::timestamp, ?::numeric * 2, ?::boolean");
                p.setInt(1, 41);
                p.setString(2, "abc");
                p.setDate(3, java.sql.Date.valueOf("2015-01-31"));
                p.setTimestamp(4, Timestamp.valueOf("2015-01-31 12:34:56"));
                p.setBigDecimal(5, new BigDecimal("1.25"));
                p.setBoolean(6, true);
                for (int i = 0; i < 7; i++) {
                    ResultSet r = p.executeQuery();
                    r.next();
                    check("parameters " + i, List.of(r.getInt(1), r.getString(2), r.getDate(3).toString(), r.getTimestamp(4).toString(), r.getBigDecimal(5), r.getBoolean(6)),
                        List.of(42, "ABC", "2015-01-31", "2015-01-31 12:34:56.0", new BigDecimal("2.50"), true));
                }
            });
            attempt("types", () -> types(c, "extended"));
            attempt("simple", () -> {
                try (Connection simple = connect("&preferQueryMode=simple")) { types(simple, "simple"); }
            });
            attempt("bytes", () -> {
                ResultSet r = s.executeQuery("SELECT '\\x00ff'::bytea");
                r.next();
                check("bytea", Arrays.toString(r.getBytes(1)), "[0, -1]");
            });
            attempt("fetch size", () -> {
                c.setAutoCommit(false);
                try (Statement f = c.createStatement()) {
                    f.setFetchSize(100);
                    ResultSet r = f.executeQuery("SELECT n FROM '" + many + "'");
                    long sum = 0;
                    while (r.next()) sum += r.getLong(1);
                    check("fetch size", sum, 12502500L);
                }
                c.commit();
            });
            attempt("transaction", () -> {
                c.setAutoCommit(true);
                s.execute("CREATE TABLE jdbc_tx (n int, t text)");
                c.setAutoCommit(false);
                try (PreparedStatement p = c.prepareStatement("INSERT INTO jdbc_tx VALUES (?, ?)")) {
                    for (int i = 0; i < 10; i++) {
                        p.setInt(1, i);
                        p.setString(2, i % 2 == 0 ? null : "it's " + i);
                        p.addBatch();
                    }
                    check("batch", p.executeBatch().length, 10);
                }
                c.commit();
                check("update count", s.executeUpdate("UPDATE jdbc_tx SET n = n + 1 WHERE n < 5"), 5);
                c.rollback();
                ResultSet r = s.executeQuery("SELECT count(*), sum(n), count(t) FROM jdbc_tx");
                r.next();
                check("rolled back", r.getInt(1) + " " + r.getInt(2) + " " + r.getInt(3), "10 45 5");
                s.execute("DROP TABLE jdbc_tx");
                c.commit();
            });
            attempt("errors", () -> {
                refused("22012", () -> s.executeQuery("SELECT 1/0"));
                refused("25P02", () -> s.executeQuery("SELECT 1"));
                c.rollback();
                c.setAutoCommit(true);
                refused("42703", () -> s.executeQuery("SELECT nothing"));
                refused("42601", () -> s.executeQuery("SELEC"));
                s.setQueryTimeout(1);
                refused("57014", () -> s.executeQuery("SELECT count(*) FROM '" + many + "' AS a, '" + many + "' AS b, '" + many + "' AS c WHERE a.n + b.n + c.n < 0"));
                s.setQueryTimeout(0);
            });
            attempt("copy", () -> {
                StringWriter out = new StringWriter();
                c.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY (SELECT n, word FROM '" + numbers + "') TO STDOUT (FORMAT csv)", out);
                check("copy out", out.toString(), "1,one\n2,\"two, too\"\n3,\n");
                s.execute("CREATE TABLE jdbc_copy (n int, word text)");
                check("copy in", c.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY jdbc_copy FROM STDIN (FORMAT csv)", new StringReader("1,a\n2,\"b\"\n")), 2L);
                s.execute("DROP TABLE jdbc_copy");
            });
            attempt("metadata", () -> {
                ResultSet r = c.getMetaData().getTables(null, null, "%", null);
                check("metadata", r != null, true);
            });
        }
    }
}
