package coordinator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/exec/kernel"
	"volley/parser/ast"
	"volley/planner"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// createTable runs CREATE TABLE and CREATE TABLE AS.
func (s *Session) createTable(ctx context.Context, p *Prepared, st *ast.CreateTable, params []arrow.Array) (*Result, error) {
	tag := "CREATE TABLE"
	query := st.As != nil || st.Execute != nil
	if query {
		tag = "CREATE TABLE AS"
	}
	if st.Materialized != "" {
		tag = "CREATE MATERIALIZED VIEW"
	}
	schema, err := s.creationSchema(st.Name, st.Temp)
	if err != nil {
		return nil, err
	}
	name := st.Name.Parts[len(st.Name.Parts)-1]
	if s.relationExists(schema, name) {
		if st.IfNotExists {
			return command(tag, notice(sqlerr.DuplicateTable, "relation \""+name+"\" already exists, skipping")), nil
		}
		if old := s.tables().Lookup(schema, name); old == nil || !st.OrReplace {
			return nil, sqlerr.At(st.Name.Position(), sqlerr.DuplicateTable, "relation \"%s\" already exists", name)
		}
	}
	d := &tableDefinition{s: s, def: &memtable.Definition{Schema: schema, Name: name, Query: st.Materialized}}
	if query {
		err = d.fromQuery(st, p.bound.Schema)
	} else {
		err = d.fromColumns(ctx, st)
	}
	if err != nil {
		return nil, err
	}
	n := int64(0)
	err = s.write(ctx, func(ctx context.Context, tx *memtable.Tx) error {
		if err := p.checkMeanings(); err != nil { // before the name means the new table
			return err
		}
		if old := s.tables().Lookup(schema, name); old != nil && st.OrReplace {
			if err := s.dropTable(ctx, tx, old); err != nil {
				return err
			}
		}
		if err := s.awaitSchema(ctx, tx, schema); err != nil {
			return sqlerr.Find(err).WithPos(st.Name.Position())
		}
		t, err := tx.Create(ctx, d.def)
		if err != nil {
			return sqlerr.Find(err).WithPos(st.Name.Position())
		}
		s.refreshed(t)
		if len(d.likePlain) > 0 {
			if err := tx.SetPlainIndexes(ctx, t, d.likePlain); err != nil {
				return err
			}
		}
		for _, q := range d.sequences {
			if _, err := tx.CreateSequence(ctx, q); err != nil {
				return err
			}
		}
		if !query || st.WithNoData {
			return nil
		}
		n, err = s.fill(ctx, tx, t, p, params)
		return err
	})
	if err != nil {
		return nil, err
	}
	if query && !st.WithNoData {
		tag = fmt.Sprintf("SELECT %d", n)
	}
	return command(tag, d.notices...), nil
}

// fill adds the rows of CREATE TABLE AS.
func (s *Session) fill(ctx context.Context, tx *memtable.Tx, t *memtable.Table, p *Prepared, params []arrow.Array) (n int64, err error) {
	add := func(rec arrow.Record) error {
		cols := make([]arrow.Array, rec.NumCols())
		for i := range cols {
			var err error
			if cols[i], err = kernel.Decode(rec.Column(i)); err != nil {
				return err
			}
		}
		n += rec.NumRows()
		rec, err := t.Conform(cols, rec.NumRows())
		if err == nil {
			_, err = tx.Apply(ctx, t, memtable.Change{Insert: []arrow.Record{rec}})
		}
		return err
	}
	if p.change != nil {
		rows, _, e := s.change(ctx, tx, p, params)
		if err = e; err == nil {
			err = rows.Each(ctx, add)
		}
	} else {
		err = p.each(ctx, p.bound, params, add)
	}
	if s.observed != nil {
		s.observed.changed = n
	}
	return n, err
}

// creationSchema is where a new table goes.
func (s *Session) creationSchema(q ast.QName, temp bool) (string, error) {
	if len(q.Parts) == 1 && !temp {
		return s.currentSchema(q.Position())
	}
	schema, _ := target(q)
	if len(q.Parts) > 1 {
		schema = s.realSchema(schema)
		if temp && !isTemp(schema) {
			return "", sqlerr.At(q.Position(), sqlerr.InvalidTableDefinition, "cannot create temporary relation in non-temporary schema")
		}
	}
	switch {
	case temp || isTemp(schema):
		if s.temp == "" {
			s.temp = tempPrefix + strconv.FormatUint(s.c.temps.Add(1), 10)
		}
		return s.temp, nil
	case !s.objects().HasSchema(schema):
		return "", sqlerr.At(q.Position(), sqlerr.InvalidSchemaName, "schema \"%s\" does not exist", schema)
	case !slices.Contains(s.objects().Schemas(), schema):
		return "", sqlerr.At(q.Position(), sqlerr.InsufficientPrivilege, "permission denied for schema %s", schema)
	}
	return schema, nil
}

// tempPrefix begins the names of schemas of temporary tables, one a session.
const tempPrefix = "pg_temp_"

func isTemp(schema string) bool { return schema == "pg_temp" || strings.HasPrefix(schema, tempPrefix) }

// realSchema is the session's own schema for pg_temp, any other as it is.
func (s *Session) realSchema(schema string) string {
	if schema == "pg_temp" && s.temp != "" {
		return s.temp
	}
	return schema
}

// relationExists tells whether a schema has a table, view or index of a name.
func (s *Session) relationExists(schema, name string) bool {
	_, ok := s.objects().Lookup(schema, name)
	return ok || s.tables().Lookup(schema, name) != nil || s.tables().HasIndex(schema, name)
}

// tableDefinition collects a new table's definition.
type tableDefinition struct {
	s      *Session
	def    *memtable.Definition
	schema *arrow.Schema
	used   map[string]bool // names of constraints
	// sequences are those of serial and identity columns.
	sequences []memtable.SequenceDefinition
	notices   []*Notice
	// likeKeys are keys taken from other tables.
	likeKeys []ast.Constraint
	// likeIndexes are unique indexes taken from other tables, likePlain others.
	likeIndexes, likePlain []memtable.Unique
}

// fromQuery takes the columns from a query's result.
func (d *tableDefinition) fromQuery(st *ast.CreateTable, schema *arrow.Schema) error {
	if len(st.Columns) > schema.NumFields() {
		return sqlerr.At(st.Position(), sqlerr.SyntaxError, "too many column names were specified")
	}
	if len(st.Constraints) > 0 {
		return sqlerr.At(st.Constraints[0].Position(), sqlerr.SyntaxError, "constraints are not allowed in CREATE TABLE AS")
	}
	for i, f := range schema.Fields() {
		c := memtable.Column{Name: f.Name, Type: sqltype.Logical(f.Type)}
		if n := sqltype.CharLength(f); n > 0 {
			c.Length, c.Char, c.Declared = n, true, "bpchar"
		} else if n, ok := sqltype.Varchar(f); ok {
			c.Length, c.Declared = n, "varchar"
		} else {
			c.Length = sqltype.BitLength(f)
		}
		pos := st.Position()
		if i < len(st.Columns) {
			c.Name, pos = st.Columns[i].Name, st.Columns[i].Position()
		}
		if err := d.addColumn(c, pos); err != nil {
			return err
		}
	}
	return nil
}

// fromColumns takes columns and constraints as they are written.
func (d *tableDefinition) fromColumns(ctx context.Context, st *ast.CreateTable) error {
	for i, c := range st.Columns {
		if err := d.addLikes(ctx, st, i); err != nil {
			return err
		}
		t, serial, err := d.columnType(&c)
		if err != nil {
			return err
		}
		col := memtable.Column{
			Name: c.Name, Type: t, NotNull: c.NotNull || c.PrimaryKey || serial, Default: c.DefaultText,
			Identity: identities[c.Identity], Generated: c.GeneratedText,
		}
		if col.Length, col.Char = length(c.Type); col.Length == 0 && !sqltype.IsDecimal(t) && c.Type.Array == 0 {
			col.Mods = c.Type.Mods
		}
		if t.ID() == arrow.STRING {
			col.Declared = c.Type.Name
		}
		if serial && c.Type.Array == 0 || c.Identity != "" {
			if err := d.addSequence(&col, &c); err != nil {
				return err
			}
		}
		if err := d.addColumn(col, c.Position()); err != nil {
			return err
		}
		if c.Default != nil {
			if _, err := d.s.bindDefault(ctx, c.Default, col); err != nil {
				return err
			}
		}
	}
	if err := d.addLikes(ctx, st, len(st.Columns)); err != nil {
		return err
	}
	if d.used == nil {
		d.used = map[string]bool{}
	}
	for i := range st.Columns {
		c := &st.Columns[i]
		for _, k := range c.Constraints {
			if k.Kind == "check" {
				continue
			}
			k.Columns = []string{c.Name}
			if err := d.addKey(&k); err != nil {
				return err
			}
		}
	}
	for i := range st.Constraints {
		c := &st.Constraints[i]
		switch c.Kind {
		case "primary key", "unique":
			if err := d.addKey(c); err != nil {
				return err
			}
		case "foreign key":
			d.notices = append(d.notices, warning("0A000", "foreign keys are not enforced"))
		}
	}
	for i := range d.likeKeys {
		if err := d.addKey(&d.likeKeys[i]); err != nil {
			return err
		}
	}
	if err := errors.Join(d.nameIndexes(d.likeIndexes), d.nameIndexes(d.likePlain)); err != nil {
		return err
	}
	d.def.Uniques = append(d.def.Uniques, d.likeIndexes...)
	if err := d.addChecks(ctx, st); err != nil {
		return err
	}
	return d.checkGenerated(ctx, st)
}

// identities are the forms of GENERATED … AS IDENTITY as memtable has them.
var identities = map[string]byte{"always": 'a', "by default": 'd'}

// serialTypes are the types of columns that number their rows.
var serialTypes = map[string]arrow.DataType{
	"smallserial": sqltype.Int16, "serial2": sqltype.Int16,
	"serial": sqltype.Int32, "serial4": sqltype.Int32,
	"bigserial": sqltype.Int64, "serial8": sqltype.Int64,
}

// length is the n of varchar(n) and char(n), and that of bits and their arrays.
func length(t ast.TypeName) (n int32, char bool) {
	if len(t.Mods) > 0 {
		n = t.Mods[0]
	}
	switch {
	case t.Name == "bit", t.Name == "varbit":
		return n, false
	case t.Array > 0:
		return 0, false
	}
	switch t.Name {
	case "varchar", "character varying":
		return n, false
	case "char", "character":
		return max(n, 1), true
	case "bpchar":
		return n, true
	}
	return 0, false
}

// columnType is the type of a column as it is written; serial ones have a
// default of their own.
func (d *tableDefinition) columnType(c *ast.ColumnDef) (t arrow.DataType, serial bool, err error) {
	t, serial = serialTypes[c.Type.Name]
	if !serial || c.Type.Array > 0 {
		if t, err = sqltype.Resolve(c.Type.Name, c.Type.Mods, c.Type.Array); err != nil {
			return nil, false, sqlerr.Find(err).WithPos(c.Type.Position())
		}
	} else if c.Default != nil {
		return nil, false, sqlerr.At(c.Default.Position(), sqlerr.SyntaxError, "multiple default values specified for column \"%s\" of table \"%s\"", c.Name, d.def.Name)
	}
	if len(c.Collation.Parts) == 0 {
		return t, serial, nil
	}
	if err := planner.CheckCollation(c.Collation); err != nil {
		return nil, false, err
	}
	if elem := sqltype.ElementType(t); !sqltype.IsString(elem) {
		return nil, false, sqlerr.At(c.Collation.Position(), sqlerr.DatatypeMismatch, "collations are not supported by type %s", sqltype.Name(elem))
	}
	return t, serial, nil
}

func (d *tableDefinition) addColumn(c memtable.Column, pos int) error {
	if c.Name == memtable.RowNumber {
		return sqlerr.At(pos, sqlerr.DuplicateColumn, "column name \"%s\" conflicts with a system column name", c.Name)
	}
	if d.def.Ordinal(c.Name) >= 0 {
		return sqlerr.At(pos, sqlerr.DuplicateColumn, "column \"%s\" specified more than once", c.Name)
	}
	if sqltype.Equal(c.Type, sqltype.Unknown) {
		c.Type = sqltype.Text
	}
	d.def.Columns = append(d.def.Columns, c)
	return nil
}

// addKey adds a PRIMARY KEY or UNIQUE constraint.
func (d *tableDefinition) addKey(c *ast.Constraint) error {
	u := memtable.Unique{
		Name: c.Name, Primary: c.Kind == "primary key", Constraint: true,
		Deferrable: c.Deferrable, Deferred: c.Deferred, NullsNotDistinct: c.NullsNotDistinct,
	}
	if u.Primary && slices.ContainsFunc(d.def.Uniques, func(u memtable.Unique) bool { return u.Primary }) {
		return sqlerr.At(c.Position(), sqlerr.InvalidTableDefinition, "multiple primary keys for table \"%s\" are not allowed", d.def.Name)
	}
	for _, name := range c.Columns {
		at := d.def.Ordinal(name)
		if at < 0 {
			return sqlerr.At(c.Position(), sqlerr.UndefinedColumn, "column \"%s\" named in key does not exist", name)
		}
		if slices.Contains(u.Columns, at) {
			return sqlerr.At(c.Position(), sqlerr.DuplicateColumn, "column \"%s\" appears twice in %s constraint", name, c.Kind)
		}
		if t := d.def.Columns[at].Type; !memtable.CanIndex(t) {
			return noKeyType(t, c.Position())
		}
		u.Columns = append(u.Columns, at)
		if u.Primary {
			d.def.Columns[at].NotNull = true
		}
	}
	switch {
	case u.Name != "":
		if d.used[u.Name] || d.s.relationExists(d.def.Schema, u.Name) {
			return sqlerr.At(c.Position(), sqlerr.DuplicateTable, "relation \"%s\" already exists", u.Name)
		}
		d.used[u.Name] = true
	case u.Primary:
		u.Name = d.freeName(d.def.Name + "_pkey")
	default:
		u.Name = d.freeName(d.def.Name + "_" + strings.Join(c.Columns, "_") + "_key")
	}
	d.def.Uniques = append(d.def.Uniques, u)
	return nil
}

// freeName is base, or base and the first number that no relation has.
func (d *tableDefinition) freeName(base string) string {
	name := base
	for i := 1; d.used[name] || d.s.relationExists(d.def.Schema, name); i++ {
		name = base + strconv.Itoa(i)
	}
	d.used[name] = true
	return name
}

// addChecks binds the CHECK constraints and names them as PostgreSQL does, by
// the one column they are about, if it is one. Those of a row are checked in
// the order of their names.
func (d *tableDefinition) addChecks(ctx context.Context, st *ast.CreateTable) error {
	fields := make([]arrow.Field, len(d.def.Columns))
	for i, c := range d.def.Columns {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type, Nullable: true}
	}
	d.schema = arrow.NewSchema(fields, nil)
	for _, c := range st.Columns {
		for i := range c.Constraints {
			if err := d.addCheck(ctx, &c.Constraints[i], d.def.Name+"_"+c.Name+"_check"); err != nil {
				return err
			}
		}
	}
	for i := range st.Constraints {
		if err := d.addCheck(ctx, &st.Constraints[i], ""); err != nil {
			return err
		}
	}
	sort.SliceStable(d.def.Checks, func(i, j int) bool { return d.def.Checks[i].Name < d.def.Checks[j].Name })
	return nil
}

// addCheck adds a constraint if it is a check; base is of what its name is made, "" if of
// its columns.
func (d *tableDefinition) addCheck(ctx context.Context, c *ast.Constraint, base string) error {
	if c.Kind != "check" {
		return nil
	}
	x, err := d.s.bindCheck(ctx, c.Check, d.schema)
	if err != nil {
		return err
	}
	if base == "" {
		base = d.checkName(x)
	}
	name := c.Name
	if name == "" {
		name = d.freeName(base)
	} else if d.used[name] {
		return sqlerr.At(c.Position(), sqlerr.DuplicateObject, "constraint \"%s\" for relation \"%s\" already exists", name, d.def.Name)
	}
	d.used[name] = true
	d.def.Checks = append(d.def.Checks, memtable.Check{Name: name, Text: c.Text})
	return nil
}

func (d *tableDefinition) checkName(x expr.Expr) string {
	column, several := -1, false
	expr.EachColumn(x, func(c *expr.Column) {
		several = several || column >= 0 && column != c.Index
		column = c.Index
	})
	if column < 0 || several {
		return d.def.Name + "_check"
	}
	return d.def.Name + "_" + d.def.Columns[column].Name + "_check"
}

// noKeyType is the error of a key with a column whose values have no order.
func noKeyType(t arrow.DataType, pos int) error {
	if sqltype.Equal(t, sqltype.JSON) || sqltype.Equal(t, sqltype.JSONPath) {
		return sqlerr.At(pos, sqlerr.UndefinedObject, "data type %s has no default operator class for access method \"btree\"", sqltype.Name(t)).
			WithHint("You must specify an operator class for the index or define a default operator class for the data type.")
	}
	return sqlerr.At(pos, sqlerr.FeatureNotSupported, "a key with a column of type %s is not supported", sqltype.Name(t))
}
