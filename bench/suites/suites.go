package main

// suites are in the order of the table.
var suites = []suite{
	{"sqlite select1–3", "sqllogictest-sqlite", sqlite("select1.test", "select2.test", "select3.test")},
	{"sqlite evidence", "sqllogictest-sqlite", sqlite("evidence")},
	{"sqlite random", "sqllogictest-sqlite", sqlite("random")},
	{"sqlite index", "sqllogictest-sqlite", sqlite("index")},
	{"sqllogictest-rs", "sqllogictest-rs-examples", goTest("./sqltest", "^TestExamplesOfTheFormat$")},
	{"dialect constructs", "dialect", constructs},
	{"dialect precedence", "dialect", precedence},
	{"psql meta queries, parsed", "dialect", metaQueriesParsed},
	{"psql meta queries, run", "dialect", metaQueriesRun},
	{"query sets parse", "tpcds", goTest("./parser", "^(TestQueryCorpora|TestClientQueries)$")},
	{"query sets bind and plan", "tpcds", goTest("./planner", "^TestCorpora$")},
	{"tpch SF0.01, 1 process", "tpch", tpch(0)},
	{"tpch SF0.01, 2 workers", "tpch", tpch(2)},
	{"nyc-taxi-ge, cluster", "nyc-taxi-ge", goTest("./app", "^TestTaxi")},
	{"csv-spectrum", "csv-spectrum", goTest("./catalog/csv", "^TestSpectrum$")},
	{"csv splits", "duckdb-data", goTest("./catalog/csv", "^TestOddFiles$")},
	{"duckdb-data csv", "duckdb-data", files("duckdb-data/data/csv")},
	{"duckdb-data parquet", "duckdb-data", files("duckdb-data/data/parquet-testing")},
	{"parquet-testing", "parquet-testing", files("parquet-testing")},
	{"arrow-testing", "arrow-testing", files("arrow-testing/data/parquet", "arrow-testing/data/csv")},
	{"parquet, errors of the user", "parquet-testing", goTest("./catalog/parquet", "^(TestCorpora|TestBadData|TestEncrypted)$")},
}
