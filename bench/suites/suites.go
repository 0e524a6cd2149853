package main

import "fmt"

// suites are in the order of the table.
var suites = []suite{
	{name: "sqlite select1–3", folder: "sqllogictest-sqlite", run: sqlite("select1.test", "select2.test", "select3.test")},
	{name: "sqlite evidence", folder: "sqllogictest-sqlite", run: sqlite("evidence")},
	{name: "sqlite random", folder: "sqllogictest-sqlite", run: sqlite("random")},
	{name: "sqlite index", folder: "sqllogictest-sqlite", run: sqlite("index")},
	sqllogic("risingwave-slt", 0),
	sqllogic("risinglight-slt", 0),
	sqllogic("glaredb-slt", 0, "/standard/"),
	sqllogic("datafusion-slt", 0, "/sqllogictest/"),
	regression(0),
	sqllogic("risinglight-slt", 2),
	regression(2, "select", "join", "numeric", "with"),
	{name: "sqllogictest-rs", folder: "sqllogictest-rs-examples", run: goTest("./sqltest", "^TestExamplesOfTheFormat$")},
	{name: "dialect constructs", folder: "dialect", run: constructs},
	{name: "dialect precedence", folder: "dialect", run: precedence},
	{name: "psql meta queries, parsed", folder: "dialect", run: metaQueriesParsed},
	{name: "psql meta queries, run", folder: "dialect", run: metaQueriesRun},
	{name: "query sets parse", folder: "tpcds", run: goTest("./parser", "^(TestQueryCorpora|TestClientQueries)$")},
	{name: "query sets bind and plan", folder: "tpcds", run: goTest("./planner", "^(TestCorpora|TestQuerySets)$")},
	{name: "tpch SF0.01, 1 process", folder: "tpch", run: tpch(0)},
	{name: "tpch SF0.01, 2 workers", folder: "tpch", run: usually(tpch(2))},
	{name: "tpcds, 1 process", folder: "tpcds", run: usually(tpcdsRun{}.run), record: tpcdsRun{}.record},
	{name: "tpcds, 2 workers", folder: "tpcds", run: tpcdsRun{workers: 2}.run},
	{name: "nyc-taxi-ge, cluster", folder: "nyc-taxi-ge", run: goTest("./app", "^TestTaxi")},
	{name: "csv-spectrum", folder: "csv-spectrum", run: goTest("./catalog/csv", "^TestSpectrum$")},
	{name: "csv splits", folder: "duckdb-data", run: goTest("./catalog/csv", "^TestOddFiles$")},
	files("duckdb-data csv", "duckdb-data", "duckdb-data/data/csv"),
	files("duckdb-data parquet", "duckdb-data", "duckdb-data/data/parquet-testing"),
	files("parquet-testing", "parquet-testing", "parquet-testing"),
	files("arrow-testing", "arrow-testing", "arrow-testing/data/parquet", "arrow-testing/data/csv"),
	files("files of other suites", "glaredb-slt", "glaredb-slt/testdata", "datafusion-slt/datafusion/core/tests/data"),
	{name: "parquet, errors of the user", folder: "parquet-testing", run: goTest("./catalog/parquet", "^(TestCorpora|TestBadData|TestEncrypted)$")},
}

// sqllogic is a suite of sqllogictest files, in this process or on workers.
func sqllogic(folder string, workers int, only ...string) suite {
	x := slt{name: folder, folder: folder, workers: workers, only: only}
	if workers > 0 {
		return suite{name: fmt.Sprintf("%s, %d workers", folder, workers), folder: folder, run: usually(x.run)}
	}
	return suite{name: folder, folder: folder, run: x.run, record: x.record}
}

// regression is PostgreSQL's regression suite, or some of its scripts.
func regression(workers int, only ...string) suite {
	x := regress{name: "pg-regress", workers: workers, only: only}
	if workers > 0 {
		return suite{name: fmt.Sprintf("pg-regress, %d workers", workers), folder: "pg-regress", run: usually(x.run)}
	}
	return suite{name: "pg-regress", folder: "pg-regress", run: x.run, record: x.record}
}
