package main

import (
	"strings"

	"volley/bench/taxi"
)

// query is one line of the table. In its SQL %s is the table.
type query struct {
	name string
	sql  string
	on   source
	// most are the ratios that are to be reached, by engine.
	most map[string]float64
	// loose are the engines whose answers are not compared: they round halves
	// to even.
	loose string
}

// source is what a query reads.
type source uint8

const (
	taxiCSV source = iota
	taxiParquet
	lineitemParquet
	lineitemCSV
)

const (
	q1  = "SELECT passenger_count, count(*) AS n FROM %s GROUP BY 1 ORDER BY 2 DESC"
	q2  = "SELECT passenger_count, avg(total_amount) AS a, sum(trip_distance) AS d FROM %s GROUP BY 1 ORDER BY 1"
	q5a = "SELECT date_trunc('minute', tpep_pickup_datetime) AS m, count(*) AS c FROM %s GROUP BY 1 ORDER BY c DESC, m LIMIT 10"
	q5b = "SELECT round(pickup_longitude, 3) AS lo, round(pickup_latitude, 3) AS la, count(*) AS c, avg(total_amount) AS a FROM %s GROUP BY 1, 2 ORDER BY c DESC, lo, la LIMIT 10"
	q5c = "SELECT tpep_pickup_datetime AS t, count(*) AS c FROM %s GROUP BY 1 ORDER BY c DESC, t LIMIT 10"
	h1  = `SELECT l_returnflag, l_linestatus, sum(l_quantity) AS a, sum(l_extendedprice) AS b,
 sum(l_extendedprice * (1 - l_discount)) AS c, sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS d,
 avg(l_quantity) AS e, avg(l_extendedprice) AS f, avg(l_discount) AS g, count(*) AS h
 FROM %s WHERE l_shipdate <= date '1998-09-02' GROUP BY 1, 2 ORDER BY 1, 2`
	h6 = `SELECT sum(l_extendedprice * l_discount) AS revenue FROM %s WHERE l_shipdate >= date '1994-01-01'
 AND l_shipdate < date '1995-01-01' AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24`
)

// queries are the table's lines.
func queries() []query {
	return []query{
		{name: "Q1 csv", sql: q1, on: taxiCSV, most: map[string]float64{"duckdb": 0.12, "polars": 0.25}},
		{name: "Q2 csv", sql: q2, on: taxiCSV, most: map[string]float64{"duckdb": 0.18, "polars": 0.27}},
		{name: "max csv", sql: greatest(), on: taxiCSV, most: map[string]float64{"duckdb": 0.5}},
		{name: "Q3 parquet", sql: q1, on: taxiParquet, most: map[string]float64{"duckdb": 0.3}},
		{name: "Q4 parquet", sql: q2, on: taxiParquet, most: map[string]float64{"duckdb": 0.5}},
		{name: "Q5a parquet", sql: q5a, on: taxiParquet, most: map[string]float64{"duckdb": 0.4, "chdb": 0.6}},
		{name: "Q5b parquet", sql: q5b, on: taxiParquet, most: map[string]float64{"duckdb": 0.35, "chdb": 0.45}, loose: "chdb polars"},
		{name: "Q5c parquet", sql: q5c, on: taxiParquet, most: map[string]float64{"duckdb": 0.25, "chdb": 0.55}},
		{name: "TPC-H 1 parquet", sql: h1, on: lineitemParquet, most: map[string]float64{"duckdb": 0.5}},
		{name: "TPC-H 6 parquet", sql: h6, on: lineitemParquet, most: map[string]float64{"duckdb": 0.7}},
		{name: "TPC-H 1 csv", sql: h1, on: lineitemCSV, most: map[string]float64{"duckdb": 0.3}},
		{name: "TPC-H 6 csv", sql: h6, on: lineitemCSV, most: map[string]float64{"duckdb": 0.3}},
	}
}

// greatest is the greatest value of each column of the trips.
func greatest() string {
	var list []string
	for _, c := range strings.Split(taxi.Header, ",") {
		list = append(list, `max("`+strings.TrimSpace(c)+`")`)
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM %s"
}
