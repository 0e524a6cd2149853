package coordinator

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/catalog/pgcatalog"
	"volley/parser/ast"
	"volley/sqlerr"
	"volley/sqltype"
)

// analyzed is a table that ANALYZE is about: exactly one of managed and external
// is set.
type analyzed struct {
	schema, name string
	managed      *memtable.Table
	external     *catalog.External
	def          *catalog.TableDef
	columns      []int // ordinals
}

// analyzeTables runs ANALYZE: two queries over each table, which run as any others
// do, one for the numbers of rows, NULLs and different values and the bounds of all
// rows, and one for a sample, of which histograms and common values are made.
func (s *Session) analyzeTables(ctx context.Context, st *ast.Analyze) (*Result, error) {
	verbose := st.Verbose
	for _, o := range st.Options {
		v, err := optionText(o)
		if err != nil {
			return nil, err
		}
		switch o.Name {
		case "verbose":
			if verbose, err = optionBool(o, v); err != nil {
				return nil, err
			}
		case "skip_locked":
		default:
			return nil, sqlerr.At(o.Position(), sqlerr.SyntaxError, "unrecognized ANALYZE option \"%s\"", o.Name)
		}
	}
	tables, notices, err := s.tablesToAnalyze(ctx, st)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		if verbose {
			notices = append(notices, &Notice{"INFO", "00000", fmt.Sprintf("analyzing \"%s.%s\"", t.schema, t.name)})
		}
		rows, sampled, err := s.analyzeTable(ctx, t)
		switch {
		case err != nil && len(st.Tables) == 0 && ctx.Err() == nil: // of all tables, some may not be readable
			notices = append(notices, warning(sqlerr.Code(err), fmt.Sprintf("skipping \"%s\" --- %s", t.name, err)))
		case err != nil:
			return nil, err
		case verbose:
			notices = append(notices, &Notice{"INFO", "00000", fmt.Sprintf("\"%s\": %d rows, %d rows in sample", t.name, rows, sampled)})
		}
	}
	return command("ANALYZE", notices...), nil
}

// tablesToAnalyze finds the tables of a statement, and warns of what are none.
func (s *Session) tablesToAnalyze(ctx context.Context, st *ast.Analyze) (out []analyzed, notices []*Notice, err error) {
	if len(st.Tables) == 0 {
		for _, t := range s.tables().Tables() {
			if d := t.Definition(); !isTemp(d.Schema) || d.Schema == s.temp {
				out = append(out, analyzed{schema: d.Schema, name: d.Name, managed: t, def: t.Def()})
			}
		}
		for _, o := range s.objects().List() {
			if o.Table != nil {
				out = append(out, analyzed{schema: o.Schema, name: o.Name, external: o.Table, def: o.Table.Def})
			}
		}
		return out, nil, nil
	}
	for _, a := range st.Tables {
		o, err := (&names{s: s}).Resolve(ctx, a.Name.Parts)
		if err != nil {
			return nil, nil, sqlerr.Find(err).WithPos(a.Name.Position())
		}
		if o.Table == nil && o.View == nil {
			return nil, nil, sqlerr.At(a.Name.Position(), sqlerr.UndefinedTable, "relation \"%s\" does not exist", strings.Join(a.Name.Parts, "."))
		}
		t := analyzed{schema: o.Schema, name: o.Name, def: o.Table, managed: s.tables().Lookup(o.Schema, o.Name)}
		if found, ok := s.objects().Lookup(o.Schema, o.Name); ok && t.managed == nil {
			t.external = found.Table
		}
		if t.managed == nil && t.external == nil {
			notices = append(notices, warning("01000", fmt.Sprintf("skipping \"%s\" --- cannot analyze non-tables or special system tables", o.Name)))
			continue
		}
		for _, c := range a.Columns {
			at := t.def.Schema.FieldIndices(c)
			if len(at) == 0 {
				return nil, nil, sqlerr.New(sqlerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", c, o.Name)
			}
			if slices.Contains(t.columns, at[0]) {
				return nil, nil, sqlerr.New(sqlerr.DuplicateColumn, "column \"%s\" of relation \"%s\" appears more than once", c, o.Name)
			}
			t.columns = append(t.columns, at[0])
		}
		out = append(out, t)
	}
	return out, notices, nil
}

// analyzeTable makes and keeps a table's statistics; those of columns that are not
// asked for stay.
func (s *Session) analyzeTable(ctx context.Context, t analyzed) (rows, sampled int64, err error) {
	if t.external != nil {
		if t.def, err = s.c.files.refresh(ctx, s.c, t.external, nil); err != nil {
			return 0, 0, err
		}
	}
	stats := &catalog.Stats{Bytes: -1, Columns: make([]catalog.ColumnStats, t.def.Schema.NumFields())}
	for i := range stats.Columns {
		stats.Columns[i] = catalog.ColumnStats{NullCount: -1, Distinct: -1}
	}
	if before := t.before(s.writes); before != nil && len(before.Columns) == len(stats.Columns) {
		copy(stats.Columns, before.Columns)
	}
	if t.columns == nil {
		for i := range stats.Columns {
			t.columns = append(t.columns, i)
		}
	}
	if err := s.countColumns(ctx, &t, stats); err != nil {
		return 0, 0, err
	}
	if sampled, err = s.sampleColumns(ctx, &t, stats); err != nil {
		return 0, 0, err
	}
	err = s.write(ctx, func(ctx context.Context, tx *memtable.Tx) error {
		if t.managed == nil {
			return s.setAnalyzed(ctx, tx, t.schema, t.name, t.external, &catalog.Analyzed{Files: t.def.Files, Stats: stats})
		}
		t.managed.SetStats(tx, stats)
		return nil
	})
	s.c.cfg.Catalog.Touch()
	return stats.Rows, sampled, err
}

// before are the statistics that are still good.
func (t *analyzed) before(tx *memtable.Tx) *catalog.Stats {
	if t.managed != nil {
		return t.managed.Analyzed(tx)
	}
	return currentStats(t.external, t.def, false)
}

// currentStats are those of the last ANALYZE if the files are still the same, or, if
// they may be, are some of them, which a query's conditions have left.
func currentStats(t *catalog.External, def *catalog.TableDef, some bool) *catalog.Stats {
	if t.Analyzed == nil || len(def.Files) > len(t.Analyzed.Files) || !some && len(def.Files) < len(t.Analyzed.Files) {
		return nil
	}
	known := t.Analyzed.Files
	for _, f := range def.Files {
		i := slices.Index(known, f)
		if i < 0 {
			return nil
		}
		known = known[i+1:]
	}
	return t.Analyzed.Stats
}

func (t *analyzed) from() string {
	return " FROM " + pgcatalog.QuoteIdent(t.schema) + "." + pgcatalog.QuoteIdent(t.name)
}

// column is a column as SQL; char(n) without its blanks, as it is inside of plans.
func (t *analyzed) column(i int) string {
	f := t.def.Schema.Field(i)
	if sqltype.Equal(f.Type, sqltype.Text) {
		return pgcatalog.QuoteIdent(f.Name) + "::text"
	}
	return pgcatalog.QuoteIdent(f.Name)
}

// longestBound is how many characters of the least and the greatest text are kept.
const longestBound = 256

// countColumns looks at all rows: how many there are, and of each column how many
// are NULL, how many values there are, and the least and the greatest.
func (s *Session) countColumns(ctx context.Context, t *analyzed, stats *catalog.Stats) error {
	list := []string{"count(*)"}
	for _, c := range t.columns {
		name, typ := t.column(c), t.def.Schema.Field(c).Type
		low, high := "NULL", "NULL"
		switch {
		case typ.ID() == arrow.BOOL:
			low, high = "bool_and("+name+")", "bool_or("+name+")"
		case typ.ID() == arrow.DATE32, typ.ID() == arrow.TIMESTAMP, sqltype.IsNumeric(typ), sqltype.Equal(typ, sqltype.Text):
			low, high = "min("+name+")", "max("+name+")"
		}
		if sqltype.Equal(typ, sqltype.Text) {
			low, high = fmt.Sprintf("left(%s, %d)", low, longestBound), fmt.Sprintf("left(%s, %d)", high, longestBound)
		}
		list = append(list, "count("+name+")", "approx_count_distinct("+name+")", low, high)
	}
	recs, err := s.collect(ctx, "SELECT "+strings.Join(list, ", ")+t.from())
	if err != nil {
		return err
	}
	if len(recs) == 0 || recs[0].NumRows() == 0 {
		return sqlerr.New(sqlerr.InternalError, "ANALYZE has counted nothing")
	}
	row := recs[0]
	number := func(i int) int64 {
		if a, ok := row.Column(i).(*array.Int64); ok {
			return a.Value(0)
		}
		return 0
	}
	stats.Rows = number(0)
	for i, c := range t.columns {
		at := 1 + 4*i
		out := catalog.ColumnStats{NullCount: stats.Rows - number(at)}
		out.Distinct = min(number(at+1), number(at))
		if low, high := row.Column(at+2), row.Column(at+3); !low.IsNull(0) && sqltype.Equal(low.DataType(), t.def.Schema.Field(c).Type) {
			out.Min, out.Max = array.NewSlice(low, 0, 1), array.NewSlice(high, 0, 1)
		}
		stats.Columns[c] = out
	}
	return nil
}
