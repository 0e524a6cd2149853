package coordinator

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/planner"
	"volley/sqlerr"
	"volley/sqltype"
)

// target splits a name into schema and name.
func target(q ast.QName) (schema, name string) {
	name = q.Parts[len(q.Parts)-1]
	if len(q.Parts) > 1 {
		return q.Parts[len(q.Parts)-2], name
	}
	return catalog.DefaultSchema, name
}

func notice(code, message string) *Notice { return &Notice{"NOTICE", code, message} }

// createExternalTable runs CREATE EXTERNAL TABLE: it reads the files' samples
// now and keeps what was decided.
func (s *Session) createExternalTable(ctx context.Context, st *ast.CreateExternalTable) (*Result, error) {
	const tag = "CREATE EXTERNAL TABLE"
	schema, name, err := s.targetOf(st.Name)
	if err != nil {
		return nil, err
	}
	if st.IfNotExists && s.relationExists(schema, name) {
		return command(tag, notice(sqlerr.DuplicateTable, "relation \""+name+"\" already exists, skipping")), nil
	}
	given := catalog.Given{Location: absolute(st.Location), Options: map[string]string{}}
	for _, opt := range st.Options {
		v, err := optionText(opt)
		if err != nil {
			return nil, err
		}
		given.Options[opt.Name] = v
	}
	if len(st.Columns) > 0 {
		columns, err := columnFields(st.Columns)
		if err != nil {
			return nil, err
		}
		given.Columns = arrow.NewSchema(columns, nil)
	}
	if given.PartitionBy, err = columnFields(st.PartitionBy); err != nil {
		return nil, err
	}
	for i, d := range st.PartitionBy { // a bare name takes the type of its column
		if given.Columns == nil || d.Type.Name != "" {
			continue
		}
		if at := given.Columns.FieldIndices(d.Name); len(at) > 0 {
			given.PartitionBy[i].Type = given.Columns.Field(at[0]).Type
		}
	}
	format := strings.ToLower(st.StoredAs)
	def, err := s.c.files.infer(ctx, s.c, format, given, nil)
	if err != nil {
		return nil, err
	}
	if q := rejectsTable(def.Options); q != nil {
		if _, _, err := s.rejectsTarget(*q); err != nil {
			return nil, err
		}
	}
	if def.Widened != nil { // said once: the table's types are wide from now on
		if err := s.reportRejects(ctx, []*scanRejects{widenedRejects(def)}); err != nil {
			return nil, err
		}
		kept := *def
		kept.Widened = nil
		def = &kept
	}
	def = s.tellAllNotes(def)
	o := &catalog.Object{Schema: schema, Name: name, Table: &catalog.External{Format: format, Given: given, Def: def}}
	if err := s.createObject(ctx, o, st.OrReplace); err != nil {
		return nil, sqlerr.Find(err).WithPos(st.Name.Position())
	}
	return command(tag), nil
}

// createObject adds a view or external table, unless a managed table or an
// index has the name. A rollback takes it away, or brings back what it replaced.
func (s *Session) createObject(ctx context.Context, o *catalog.Object, replace bool) error {
	_, exists := s.objects().Lookup(o.Schema, o.Name)
	if exists && !replace || s.tables().Lookup(o.Schema, o.Name) != nil || s.tables().HasIndex(o.Schema, o.Name) {
		return sqlerr.New(sqlerr.DuplicateTable, "relation \"%s\" already exists", o.Name)
	}
	return s.write(ctx, func(ctx context.Context, tx *memtable.Tx) error {
		if old, ok := s.objects().Lookup(o.Schema, o.Name); ok && replace {
			o.Comment, o.ColumnComments = old.Comment, old.ColumnComments
			if o.View != nil && old.View != nil {
				o.View.Defaults = old.View.Defaults
			}
		}
		return s.putObject(ctx, tx, o, replace)
	})
}

// absolute makes a local location independent of the working directory.
func absolute(location string) string {
	if strings.Contains(location, "://") || filepath.IsAbs(location) {
		return location
	}
	dir, err := os.Getwd()
	if err != nil {
		return location
	}
	out := filepath.Join(dir, location)
	if strings.HasSuffix(location, "/") {
		out += "/"
	}
	return out
}

// columnFields are the Arrow fields of column definitions; a column without a
// type (a partition column whose type is inferred) is text.
func columnFields(defs []ast.ColumnDef) ([]arrow.Field, error) {
	var out []arrow.Field
	seen := map[string]bool{}
	for _, d := range defs {
		if seen[d.Name] {
			return nil, sqlerr.At(d.Position(), sqlerr.DuplicateColumn, "column %q specified more than once", d.Name)
		}
		seen[d.Name] = true
		t := sqltype.Text
		if d.Type.Name != "" {
			var err error
			if t, err = sqltype.Resolve(d.Type.Name, d.Type.Mods, d.Type.Array); err != nil {
				return nil, sqlerr.Find(err).WithPos(d.Type.Position())
			}
		}
		out = append(out, sqltype.DeclaredField(arrow.Field{Name: d.Name, Type: t, Nullable: true}, d.Type.Name, d.Type.Mods, d.Type.Array))
	}
	return out, nil
}

// createView runs CREATE VIEW; the query is bound once, so that a wrong one is
// refused here.
func (s *Session) createView(ctx context.Context, st *ast.CreateView) (*Result, error) {
	const tag = "CREATE VIEW"
	schema, name, err := s.targetOf(st.Name)
	if err != nil {
		return nil, err
	}
	if st.IfNotExists && s.relationExists(schema, name) {
		return command(tag, notice(sqlerr.DuplicateTable, "relation \""+name+"\" already exists, skipping")), nil
	}
	if planner.ChangesData(st.Query) {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "views must not contain data-modifying statements in WITH")
	}
	b, err := s.bindQuery(ctx, st.Query, nil)
	if err != nil {
		return nil, err
	}
	if len(b.Params) > 0 {
		return nil, sqlerr.At(st.Position(), sqlerr.UndefinedParameter, "there is no parameter $1")
	}
	if len(st.Columns) > len(b.Names) {
		return nil, sqlerr.At(st.Position(), sqlerr.SyntaxError, "CREATE VIEW specifies more column names than columns")
	}
	seen := map[string]bool{}
	for i, n := range b.Names {
		if i < len(st.Columns) {
			n = st.Columns[i]
		}
		if seen[n] {
			return nil, sqlerr.At(st.Position(), sqlerr.DuplicateColumn, "column %q specified more than once", n)
		}
		seen[n] = true
	}
	o := &catalog.Object{Schema: schema, Name: name, View: &catalog.View{SQL: st.Text, Columns: st.Columns}}
	if o.View.CheckOption, err = s.checkOption(st); err != nil {
		return nil, err
	}
	if err := s.createObject(ctx, o, st.OrReplace); err != nil {
		return nil, sqlerr.Find(err).WithPos(st.Name.Position())
	}
	return command(tag), nil
}

// createSchema runs CREATE SCHEMA.
func (s *Session) createSchema(ctx context.Context, st *ast.CreateSchema) (*Result, error) {
	if st.IfNotExists && s.objects().HasSchema(st.Name) {
		return command("CREATE SCHEMA", notice("42P06", "schema \""+st.Name+"\" already exists, skipping")), nil
	}
	if st.Name == "" {
		st = &ast.CreateSchema{Pos: st.Pos, Name: s.user}
	}
	if strings.HasPrefix(st.Name, "pg_") {
		return nil, sqlerr.At(st.Position(), "42939", "unacceptable schema name \"%s\"", st.Name).
			WithDetail("The prefix \"pg_\" is reserved for system schemas.")
	}
	err := s.write(ctx, func(ctx context.Context, tx *memtable.Tx) error { return s.putSchema(ctx, tx, st.Name) })
	return command("CREATE SCHEMA"), err
}
