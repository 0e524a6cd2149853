package coordinator

import (
	"context"
	"path"
	"slices"
	"sort"
	"strings"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/catalog/pgcatalog"
	"volley/planner"
	"volley/sqlerr"
)

// systemSchema is the schema of Volley's own tables.
const systemSchema = "volley"

// names finds tables and views for the planner: system tables, then managed
// tables, then the catalog.
type names struct{ s *Session }

// Resolve finds a table or view by one to three name parts.
func (n *names) Resolve(ctx context.Context, parts []string) (planner.Object, error) {
	schemas, name := n.s.searchPath(), parts[len(parts)-1]
	if len(parts) > 1 {
		schemas = []string{n.s.realSchema(parts[len(parts)-2])}
	}
	if len(parts) > 3 || len(parts) == 3 && parts[0] != n.s.database {
		return planner.Object{}, sqlerr.New(sqlerr.FeatureNotSupported, "cross-database references are not implemented: %q", strings.Join(parts, "."))
	}
	if len(parts) == 1 && n.table(pgcatalog.CatalogSchema, name) != nil && !slices.Contains(schemas, pgcatalog.CatalogSchema) {
		schemas = []string{pgcatalog.CatalogSchema}
	}
	for _, schema := range schemas {
		o, err := n.lookup(ctx, schema, name)
		if err != nil || o.Table != nil || o.View != nil {
			return o, err
		}
	}
	return planner.Object{}, nil
}

// table is a system table, nil for none.
func (n *names) table(schema, name string) *catalog.TableDef {
	if schema == systemSchema {
		return systemDef(name)
	}
	return pgcatalog.Def(schema, name)
}

func (n *names) lookup(ctx context.Context, schema, name string) (planner.Object, error) {
	out := planner.Object{Schema: schema, Name: name}
	if schema == systemSchema || systemSchemaOf(schema) {
		if out.Table = n.table(schema, name); schema != systemSchema {
			out.OID = pgcatalog.OID(schema, name)
		}
		return out, nil
	}
	if !n.s.peeking {
		if err := n.s.tables().Await(ctx, schema, name); err != nil {
			return out, err
		}
	}
	t, o := n.s.relation(schema, name)
	if t != nil {
		n.s.readManaged(t)
		out.Table, out.Stats, out.OID = t.Def(), t.Stats(n.s.writes), n.s.c.numbers.Of("table", t.Origin())
		return out, nil
	}
	if o == nil {
		return out, nil
	}
	if o.View != nil {
		v, err := n.s.c.parseView(o)
		if err != nil {
			return out, err
		}
		n.s.text += " " + o.View.SQL
		out.View, out.ViewColumns = v.query, o.View.Columns
		return out, nil
	}
	def := *o.Table.Def
	def.Unlisted = o.Table
	out.Table = &def
	// For plans of any values, which are made before the files are listed.
	switch {
	case o.Table.Analyzed != nil:
		out.Stats = o.Table.Analyzed.Stats
	case len(def.Files) > 0 && objstore.Scheme(def.Files[0].Path) == "":
		out.Stats = n.s.c.statistics.of(ctx, n.s.c, &def)
	}
	return out, nil
}

// File makes a table of files.
func (n *names) File(ctx context.Context, format string, given catalog.Given) (*catalog.TableDef, *catalog.Stats, error) {
	if format == "" {
		var err error
		if format, err = formatOf(given.Location); err != nil {
			return nil, nil, err
		}
	}
	look := func(ctx context.Context) (*catalog.TableDef, error) {
		return n.s.c.files.infer(ctx, n.s.c, format, given, n.s.mentions)
	}
	def, err := look(ctx)
	if err == nil && def.Unlisted != nil { // listed by each execution
		key := signature(format, &given)
		n.s.files = append(n.s.files, fileUse{moved: func() bool { return n.s.c.files.isWhole(key) }})
		return def, nil, nil
	}
	n.s.files = append(n.s.files, fileUse{def: def, look: look})
	if err != nil {
		return nil, nil, err
	}
	return def, n.s.c.statistics.of(ctx, n.s.c, def), nil
}

// mentions tells whether the statement that is being bound, with the views that it reads
// so far, has conditions and names one of these columns, so that it is worth a few requests
// to know which of their values there are.
func (s *Session) mentions(columns []string) bool {
	text := strings.ToLower(s.text)
	if !strings.Contains(text, "where") && !strings.Contains(text, "join") {
		return false
	}
	return slices.ContainsFunc(columns, func(c string) bool { return strings.Contains(text, strings.ToLower(c)) })
}

// formatOf decides a file's format by its name.
func formatOf(location string) (string, error) {
	name := strings.ToLower(strings.SplitN(location, "\n", 2)[0])
	if scheme := objstore.Scheme(name); scheme == "http" || scheme == "https" {
		name, _, _ = strings.Cut(name, "?")
	}
	for _, zip := range []string{".gz", ".zst", ".bz2", ".xz", ".lz4", ".sz", ".snappy", ".gzip", ".zstd"} {
		name = strings.TrimSuffix(name, zip)
	}
	switch path.Ext(name) {
	case ".parquet", ".pq", ".parq":
		return "parquet", nil
	case ".csv", ".tsv", ".txt", ".tbl", ".psv", ".dat":
		return "csv", nil
	}
	if strings.HasSuffix(name, "/") || path.Ext(name) == "" && strings.ContainsAny(name, "*?[{/") {
		return "csv", nil
	}
	return "", sqlerr.New(sqlerr.UndefinedTable, "cannot tell the format of %q by its name", location).
		WithHint("Say read_csv('…') or read_parquet('…').")
}

// Names are those of all tables and views, for suggestions.
func (n *names) Names(context.Context) []string {
	out := n.s.tables().TableNames()
	for _, o := range n.s.objects().List() {
		out = append(out, o.Name)
	}
	for name := range systemTables {
		out = append(out, systemSchema+"."+name)
	}
	sort.Strings(out)
	return out
}
