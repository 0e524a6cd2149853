package pgcatalog

import (
	_ "embed" // relations.tsv
	"strconv"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/sqltype"
)

// relationsText has a line for each catalog: schema.name, oid, relkind and the
// columns "name type" in order, those that are never NULL marked by "!".
//
//go:embed relations.tsv
var relationsText string

// systemRelation is a catalog: its columns, and how its rows are made.
type systemRelation struct {
	Relation
	schema   *arrow.Schema
	ordinals map[string]int
	notNull  []bool
}

// Schemas of the catalogs.
const (
	CatalogSchema     = "pg_catalog"
	InformationSchema = "information_schema"
)

// systemRelations are the catalogs by schema and name.
var systemRelations = sync.OnceValue(func() map[string]map[string]*systemRelation {
	all := map[string]map[string]*systemRelation{CatalogSchema: {}, InformationSchema: {}}
	for line := range strings.Lines(relationsText) {
		fields := strings.Split(strings.TrimRight(line, "\n"), "\t")
		schema, name, _ := strings.Cut(fields[0], ".")
		all[schema][name] = newSystemRelation(schema, name, fields[1], fields[2][0], fields[3])
	}
	return all
})

func newSystemRelation(schema, name, oid string, kind byte, columns string) *systemRelation {
	n, _ := strconv.ParseUint(oid, 10, 32)
	r := &systemRelation{
		Relation: Relation{OID: uint32(n), Schema: schema, Name: name, Kind: Kind(kind), Rows: -1, System: true},
		ordinals: map[string]int{},
	}
	var fields []arrow.Field
	for _, c := range strings.Split(columns, ",") {
		column, typeName, _ := strings.Cut(c, " ")
		typeName, notNull := strings.CutSuffix(typeName, "!")
		r.ordinals[column] = len(fields)
		r.notNull = append(r.notNull, notNull)
		fields = append(fields, arrow.Field{Name: column, Type: storedType(typeName), Nullable: true})
		r.Columns = append(r.Columns, Column{Name: column, Type: typeNumber(typeName), Mod: -1, NotNull: notNull})
	}
	r.schema = arrow.NewSchema(fields, nil)
	return r
}

// storedType is the type in which a column of a catalog is kept; text where
// Volley does not have PostgreSQL's.
func storedType(name string) arrow.DataType {
	switch name {
	case "int2vector":
		return arrow.ListOf(sqltype.Int16)
	case "oidvector":
		return arrow.ListOf(sqltype.OID)
	}
	if t, err := sqltype.Resolve(name, nil, 0); err == nil {
		return t
	}
	return sqltype.Text
}

// Def is the definition of a catalog for the planner, nil when there is none of
// that name.
func Def(schema, name string) *catalog.TableDef {
	r := systemRelations()[schema][name]
	if r == nil {
		return nil
	}
	return &catalog.TableDef{
		Format: FormatName, Location: schema + "." + name, Schema: r.schema, Local: true,
		Options: map[string]string{"schema": schema, "name": name},
	}
}

// OID is the number of a catalog, 0 for none.
func OID(schema, name string) uint32 {
	if r := systemRelations()[schema][name]; r != nil {
		return r.OID
	}
	return 0
}

// TableNames are the catalogs' names without their schema.
func TableNames(schema string) []string {
	var out []string
	for name := range systemRelations()[schema] {
		out = append(out, name)
	}
	return out
}
