package coordinator

import (
	"context"
	"sort"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/sqlerr"
	"volley/sqltype"
)

// showSchema is the result of SHOW.
func showSchema(st *ast.Show) *arrow.Schema {
	switch strings.ToLower(st.Name) {
	case "all":
		return settingsSchema
	case "tables":
		return tablesSchema
	}
	return textSchema(displayName(strings.ToLower(st.Name)))
}

// show runs SHOW name, SHOW ALL and SHOW TABLES.
func (s *Session) show(_ context.Context, st *ast.Show) (*Result, error) {
	schema := showSchema(st)
	switch strings.ToLower(st.Name) {
	case "all":
		var rows [][]string
		for _, n := range s.settings.names() {
			v, _ := s.settings.get(n)
			rows = append(rows, []string{displayName(n), v, ""})
		}
		return textRows("SHOW", schema, rows), nil
	case "tables":
		return textRows("SHOW", schema, s.tableRows()), nil
	}
	v, err := s.settings.get(st.Name)
	if err != nil {
		return nil, err
	}
	return textRows("SHOW", schema, [][]string{{v}}), nil
}

// tableRows lists tables and views by schema and name.
func (s *Session) tableRows() [][]string {
	var rows [][]string
	for _, o := range s.objects().List() {
		kind, location := "table", ""
		if o.Table != nil {
			location = o.Table.Def.Location
		} else {
			kind = "view"
		}
		rows = append(rows, []string{o.Schema, o.Name, kind, location})
	}
	for _, t := range s.tables().Tables() {
		if def := t.Definition(); !isTemp(def.Schema) || def.Schema == s.temp {
			rows = append(rows, []string{def.Schema, def.Name, "table", ""})
		}
	}
	sort.Slice(rows, func(i, j int) bool {
		return rows[i][0]+"\x00"+rows[i][1] < rows[j][0]+"\x00"+rows[j][1]
	})
	return rows
}

// set runs SET. A list of values is joined as PostgreSQL does.
func (s *Session) set(st *ast.Set) (*Result, error) {
	if st.Values == nil {
		return command("SET"), s.settings.reset(st.Name)
	}
	if err := s.setSetting(st.Name, strings.Join(st.Values, ", "), st.Local); err != nil {
		return nil, err
	}
	if st.Local && s.tx.status == 'I' {
		return command("SET", warning(sqlerr.NoActiveTransaction, "SET LOCAL can only be used in transaction blocks")), nil
	}
	return command("SET"), nil
}

// describeRows are DESCRIBE's rows: one a column, DuckDB's layout.
func describeRows(schema *arrow.Schema) [][]string {
	var rows [][]string
	for _, f := range schema.Fields() {
		rows = append(rows, []string{f.Name, sqltype.Name(f.Type), "YES", "", "", ""})
	}
	return rows
}
