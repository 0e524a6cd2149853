package catalog

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
)

func table(name string) *Object {
	schema := arrow.NewSchema([]arrow.Field{{Name: "a", Type: sqltype.Int64, Nullable: true}, {Name: "n", Type: sqltype.Numeric, Nullable: true}, {Name: "d", Type: sqltype.Decimal(10, 2)}}, nil)
	return &Object{Schema: DefaultSchema, Name: name, Table: &External{
		Format: "csv",
		Given:  Given{Location: "x/*.csv", Columns: schema, Options: map[string]string{"delim": ";"}, PartitionBy: []arrow.Field{{Name: "y", Type: sqltype.Int32}}},
		Def:    &TableDef{Format: "csv", Location: "x/*.csv", Options: map[string]string{"header": "true"}, Schema: schema, Files: []FileInfo{{Path: "/x/1.csv", Size: 3, Version: "v"}}},
	}}
}

func TestCreateAndDrop(t *testing.T) {
	c := New()
	code := func(err error) string { return sqlerr.Code(err) }
	view := &Object{Schema: DefaultSchema, Name: "v", View: &View{SQL: "SELECT 1"}}
	for _, step := range []struct {
		name string
		err  error
		want string
	}{
		{"create", c.Create(table("t"), false), ""},
		{"create again", c.Create(table("t"), false), "42P07"},
		{"replace", c.Create(table("t"), true), ""},
		{"create view", c.Create(view, false), ""},
		{"replace by another kind", c.Create(&Object{Schema: DefaultSchema, Name: "t", View: &View{}}, true), "42809"},
		{"drop as another kind", c.Drop(DefaultSchema, "t", "view"), "42809"},
		{"drop what is not there", c.Drop(DefaultSchema, "x", "table"), "42P01"},
		{"in a missing schema", c.Create(&Object{Schema: "s", Name: "t", View: &View{}}, false), "3F000"},
		{"in Volley's schema", c.Create(&Object{Schema: "volley", Name: "t", View: &View{}}, false), "42501"},
		{"create schema", c.CreateSchema("s"), ""},
		{"create schema again", c.CreateSchema("s"), "42P06"},
		{"in the new schema", c.Create(&Object{Schema: "s", Name: "t", View: &View{}}, false), ""},
		{"drop the full schema", c.DropSchema("s", false), "2BP01"},
		{"drop it with all in it", c.DropSchema("s", true), ""},
		{"drop", c.Drop(DefaultSchema, "t", "table"), ""},
	} {
		if code(step.err) != step.want {
			t.Errorf("%s: %v, want %q", step.name, step.err, step.want)
		}
	}
	if list := c.As(nil).List(); len(list) != 1 || list[0].Name != "v" {
		t.Fatalf("left: %v", list)
	}
}

// restored is a catalog made of all that is to be kept of another.
func restored(t *testing.T, c *Catalog) *Catalog {
	t.Helper()
	kept := map[string]json.RawMessage{}
	for _, k := range c.Keys() {
		text, err := c.Text(k)
		if err != nil || text == nil {
			t.Fatalf("%q: %s, %v", k, text, err)
		}
		kept[string(k)] = text
	}
	again, err := Restore(kept)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func TestWhatIsKeptIsRestored(t *testing.T) {
	c := New()
	before := c.Version()
	made := table("t")
	made.Comment, made.ColumnComments = "about t", map[int]string{1: "about n"}
	for _, err := range []error{
		c.CreateSchema("s"), c.SetComment(SchemaKey("s"), "about s"), c.SetComment(DatabaseKey, "all"), c.Create(made, false),
		c.Create(&Object{Schema: "s", Name: "v", View: &View{SQL: "SELECT a FROM t", Columns: []string{"b"}}}, false),
		c.DropSchema("none", true),
	} {
		if err != nil && sqlerr.Code(err) != sqlerr.InvalidSchemaName {
			t.Fatal(err)
		}
	}
	if c.Version() == before {
		t.Fatal("the version did not change")
	}
	again := restored(t, c)
	o, ok := again.As(nil).Lookup(DefaultSchema, "t")
	if !ok || !o.Table.Def.Schema.Equal(table("t").Table.Def.Schema) || o.Table.Given.Options["delim"] != ";" ||
		o.Table.Def.Files[0].Path != "/x/1.csv" || o.Table.Given.PartitionBy[0].Name != "y" || o.Comment != "about t" || o.ColumnComments[1] != "about n" {
		t.Fatalf("%+v", o)
	}
	if v, ok := again.As(nil).Lookup("s", "v"); !ok || v.View.SQL != "SELECT a FROM t" || v.View.Columns[0] != "b" {
		t.Fatalf("%+v", v)
	}
	if again.As(nil).Comment(SchemaKey("s")) != "about s" || again.As(nil).Comment(DatabaseKey) != "all" {
		t.Error("comments of the schema or the database are gone")
	}
	if err := again.DropSchema("s", true); err != nil {
		t.Fatal(err)
	}
	if err := again.DropSchema(DefaultSchema, true); err != nil {
		t.Fatal(err)
	}
	if text, err := again.Text(SchemaKey("s")); text != nil || err != nil {
		t.Errorf("a dropped schema is %s, %v", text, err)
	}
	if empty := restored(t, again); len(empty.As(nil).Schemas()) != 0 || empty.As(nil).Comment(SchemaKey("s")) != "" {
		t.Errorf("dropped schemas are back: %v", empty.As(nil).Schemas())
	}
}

func TestDamagedPartsAreRefused(t *testing.T) {
	for _, kept := range []map[string]json.RawMessage{
		{"format": []byte("99")},
		{"format": []byte("{")},
		{"relation\x00public\x00t": []byte(`{"name":"t"}`)},
		{"function\x00public\x00f\x00": []byte(`[]`)},
	} {
		if _, err := Restore(kept); sqlerr.Code(err) != sqlerr.DataCorrupted {
			t.Errorf("%s: %v", kept, err)
		}
	}
}

func TestFilesOfEarlierVersions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.json")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"format":1,"schemas":{"s":[{"name":"v","view":{"SQL":"SELECT 1","Columns":["a"]}}]},
		"functions":[{"schema":"s","name":"f","signature":"integer","sql":"CREATE …"}]}`)
	c, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if o, ok := c.As(nil).Lookup("s", "v"); !ok || o.View.SQL != "SELECT 1" || len(c.As(nil).Functions("s", "f")) != 1 || len(c.As(nil).Schemas()) != 1 {
		t.Errorf("the file gave %v, %v", c.As(nil).List(), c.As(nil).Schemas())
	}
	for name, text := range map[string]string{
		"not JSON": "{", "another format": `{"format": 99}`,
		"no definition": `{"format":1,"schemas":{"public":[{"name":"t"}]}}`,
		"bad schema":    `{"format":1,"schemas":{"public":[{"name":"t","given":{"schema":"AAAA"},"decided":{}}]}}`,
	} {
		write(text)
		if _, err := ReadFile(path); sqlerr.Code(err) != sqlerr.DataCorrupted {
			t.Errorf("%s: %v", name, err)
		}
	}
}
