package planner

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"volley/bench/tpcds"
)

// corpora is where the public query sets are, when they are.
const corpora = "../../shared/corpora/"

// querySet is queries over the tables of one schema, all of which plan.
type querySet struct {
	name   string
	glob   string // of files with one query or several, ended by semicolons
	tables func(t testing.TB) string
}

func fixed(tables string) func(testing.TB) string {
	return func(testing.TB) string { return tables }
}

// querySets are the sets of analytical queries.
var querySets = []querySet{
	{"TPC-H", "tpch/queries/*.sql", fixed(tpchTables)},
	{"TPC-DS", "tpcds/queries/*.sql", tpcdsTables},
	{"ClickBench", "clickbench/benchmark/clickbench/queries/q*.sql", clickbenchTables},
	{"h2o group by", "h2o/benchmark/h2oai/group/queries/q*.sql", fixed(h2oTables)},
	{"h2o join", "h2o/benchmark/h2oai/join/queries/q*.sql", fixed(h2oTables)},
	{"JOB", "datafusion-slt/benchmarks/queries/imdb/*.sql", fixed(jobTables)},
}

// queries are the set's queries by the names of their files; none when the
// set is not here.
func (s querySet) queries(t testing.TB) map[string]string {
	files, err := filepath.Glob(corpora + s.glob)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(f), ".sql")
		for i, sql := range strings.Split(string(raw), ";") {
			sql = strings.TrimSpace(sql)
			sql = createAs.ReplaceAllString(sql, "")
			if sql != "" {
				out[name+strings.Repeat("'", i)] = sql
			}
		}
	}
	return out
}

// createAs is what makes a table of a query.
var createAs = regexp.MustCompile(`(?i)^CREATE TEMP TABLE \w+ AS `)

func (s querySet) world(t testing.TB) *world {
	w := &world{tables: map[string]Object{}}
	w.define(s.tables(t), 1<<28)
	return w
}

// TestQuerySets plans all queries of the sets that are here.
func TestQuerySets(t *testing.T) {
	p := newPlanner(t)
	p.Evaluator = evaluator{p.Registry}
	for _, set := range querySets {
		t.Run(set.name, func(t *testing.T) {
			queries := set.queries(t)
			if len(queries) == 0 {
				t.Skipf("%s is not here", set.glob)
			}
			w := set.world(t)
			for name, sql := range queries {
				t.Run(name, func(t *testing.T) {
					if err := planOne(t, p, w, sql); err != nil {
						t.Error(err)
					}
				})
			}
		})
	}
}

func tpcdsTables(t testing.TB) string {
	tables, err := tpcds.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, table := range tables {
		var columns []string
		for _, c := range table.Columns {
			columns = append(columns, c.Name+" "+strings.ReplaceAll(c.Type, ",", ";"))
		}
		lines = append(lines, table.Name+" "+strings.Join(columns, ", "))
	}
	return strings.Join(lines, "\n")
}

// clickbenchTables reads the one table from the set's CREATE TABLE.
func clickbenchTables(t testing.TB) string {
	raw, err := os.ReadFile(corpora + "clickbench/benchmark/clickbench/queries/load.sql")
	if err != nil {
		t.Skip(err)
	}
	_, body, _ := strings.Cut(string(raw), "(\n")
	body, _, _ = strings.Cut(body, "\n);")
	var columns []string
	for _, line := range strings.Split(body, ",\n") {
		line = strings.ToLower(strings.TrimSpace(strings.ReplaceAll(line, "NOT NULL", "")))
		columns = append(columns, strings.TrimSpace(line))
	}
	return "hits " + strings.Join(columns, ", ")
}

const h2oTables = `x_group id1 text, id2 text, id3 text, id4 integer, id5 integer, id6 integer, v1 integer, v2 integer, v3 double precision
x id1 integer, id2 integer, id3 integer, id4 text, id5 text, id6 text, v1 double precision
small id1 integer, id4 text, v2 double precision
medium id1 integer, id2 integer, id4 text, id5 text, v2 double precision
big id1 integer, id2 integer, id3 integer, id4 text, id5 text, id6 text, v2 double precision`

// jobTables are the tables of the Join Order Benchmark.
const jobTables = `aka_name id integer, person_id integer, name text, imdb_index text, name_pcode_cf text, name_pcode_nf text, surname_pcode text, md5sum text
aka_title id integer, movie_id integer, title text, imdb_index text, kind_id integer, production_year integer, phonetic_code text, episode_of_id integer, season_nr integer, episode_nr integer, note text, md5sum text
cast_info id integer, person_id integer, movie_id integer, person_role_id integer, note text, nr_order integer, role_id integer
char_name id integer, name text, imdb_index text, imdb_id integer, name_pcode_nf text, surname_pcode text, md5sum text
comp_cast_type id integer, kind text
company_name id integer, name text, country_code text, imdb_id integer, name_pcode_nf text, name_pcode_sf text, md5sum text
company_type id integer, kind text
complete_cast id integer, movie_id integer, subject_id integer, status_id integer
info_type id integer, info text
keyword id integer, keyword text, phonetic_code text
kind_type id integer, kind text
link_type id integer, link text
movie_companies id integer, movie_id integer, company_id integer, company_type_id integer, note text
movie_info id integer, movie_id integer, info_type_id integer, info text, note text
movie_info_idx id integer, movie_id integer, info_type_id integer, info text, note text
movie_keyword id integer, movie_id integer, keyword_id integer
movie_link id integer, movie_id integer, linked_movie_id integer, link_type_id integer
name id integer, name text, imdb_index text, imdb_id integer, gender text, name_pcode_cf text, name_pcode_nf text, surname_pcode text, md5sum text
person_info id integer, person_id integer, info_type_id integer, info text, note text
role_type id integer, role text
title id integer, title text, imdb_index text, kind_id integer, production_year integer, imdb_id integer, phonetic_code text, episode_of_id integer, season_nr integer, episode_nr integer, series_years text, md5sum text`
