// Package job makes data for the Join Order Benchmark (Leis and others, "How Good Are
// Query Optimizers, Really?", 2015): tables with the names and columns of its schema,
// with rows that are made up, since the real ones, of the Internet Movie Database, may
// not be handed on. What makes the benchmark hard is there: a few movies and people
// have most of the rows that refer to them, the same ones in all tables; columns depend
// on one another, also across joins; texts that conditions look for are as frequent or
// rare as names and keywords are; many values are NULL.
//
// The package has none of the benchmark's constants: it reads them out of the queries
// (Read) and puts them among words of its own (Generate), so that conditions find
// something. The same queries and options give the same bytes on every machine.
package job

import "strings"

// Table is a table of the schema.
type Table struct {
	Name string
	// rows is how many it has at scale 1, about a fiftieth of the real one's; small
	// tables have the same at each scale (fixed).
	rows    int
	fixed   bool
	Columns []Column
	make    func(g *generator, row int, out *record)
}

// Column is a column; Type is as in SQL.
type Column struct{ Name, Type string }

// DDL is CREATE TABLE's list of columns, with its parentheses.
func (t *Table) DDL() string {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = c.Name + " " + c.Type
	}
	return "(" + strings.Join(columns, ", ") + ")"
}

// columns reads a list of names; those that begin with # are whole numbers, the others
// texts.
func columns(list string) (out []Column) {
	for _, name := range strings.Fields(list) {
		if number, ok := strings.CutPrefix(name, "#"); ok {
			out = append(out, Column{number, "integer"})
		} else {
			out = append(out, Column{name, "text"})
		}
	}
	return out
}

// Tables are all tables.
func Tables() []*Table {
	return []*Table{
		{"kind_type", 7, true, columns("#id kind"), (*generator).kindType},
		{"info_type", 113, true, columns("#id info"), (*generator).infoType},
		{"company_type", 4, true, columns("#id kind"), (*generator).companyType},
		{"comp_cast_type", 4, true, columns("#id kind"), (*generator).compCastType},
		{"role_type", 12, true, columns("#id role"), (*generator).roleType},
		{"link_type", 18, true, columns("#id link"), (*generator).linkType},
		{"keyword", 2_700, false, columns("#id keyword phonetic_code"), (*generator).keyword},
		{"company_name", 4_700, false, columns("#id name country_code #imdb_id name_pcode_nf name_pcode_sf md5sum"), (*generator).companyName},
		{"char_name", 63_000, false, columns("#id name imdb_index #imdb_id name_pcode_nf surname_pcode md5sum"), (*generator).charName},
		{"name", 83_000, false, columns("#id name imdb_index #imdb_id gender name_pcode_cf name_pcode_nf surname_pcode md5sum"), (*generator).name},
		{"aka_name", 18_000, false, columns("#id #person_id name imdb_index name_pcode_cf name_pcode_nf surname_pcode md5sum"), (*generator).akaName},
		{"person_info", 59_000, false, columns("#id #person_id #info_type_id info note"), (*generator).personInfo},
		{"title", movies, false, columns("#id title imdb_index #kind_id #production_year #imdb_id phonetic_code #episode_of_id #season_nr #episode_nr series_years md5sum"), (*generator).title},
		{"aka_title", 7_200, false, columns("#id #movie_id title imdb_index #kind_id #production_year phonetic_code #episode_of_id #season_nr #episode_nr note md5sum"), (*generator).akaTitle},
		{"cast_info", 725_000, false, columns("#id #person_id #movie_id #person_role_id note #nr_order #role_id"), (*generator).castInfo},
		{"complete_cast", 2_700, false, columns("#id #movie_id #subject_id #status_id"), (*generator).completeCast},
		{"movie_companies", 52_000, false, columns("#id #movie_id #company_id #company_type_id note"), (*generator).movieCompanies},
		{"movie_info", 296_000, false, columns("#id #movie_id #info_type_id info note"), (*generator).movieInfo},
		{"movie_info_idx", 28_000, false, columns("#id #movie_id #info_type_id info note"), (*generator).movieInfoIdx},
		{"movie_keyword", 90_000, false, columns("#id #movie_id #keyword_id"), (*generator).movieKeyword},
		{"movie_link", 1_500, false, columns("#id #movie_id #linked_movie_id #link_type_id"), (*generator).movieLink},
	}
}

// movies is how many there are at scale 1.
const movies = 50_000
