package catalog

import (
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
	c, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
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
	if list := c.List(); len(list) != 1 || list[0].Name != "v" {
		t.Fatalf("left: %v", list)
	}
}

func TestPersistence(t *testing.T) {
	dir := t.TempDir()
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	before := c.Version()
	if err := c.Create(table("t"), false); err != nil {
		t.Fatal(err)
	}
	if err := c.Create(&Object{Schema: DefaultSchema, Name: "v", View: &View{SQL: "SELECT a FROM t", Columns: []string{"b"}}}, false); err != nil {
		t.Fatal(err)
	}
	if c.Version() == before {
		t.Fatal("the version did not change")
	}
	again, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	o, ok := again.Lookup(DefaultSchema, "t")
	if !ok || !o.Table.Def.Schema.Equal(table("t").Table.Def.Schema) || o.Table.Given.Options["delim"] != ";" ||
		o.Table.Def.Files[0].Path != "/x/1.csv" || o.Table.Given.PartitionBy[0].Name != "y" {
		t.Fatalf("%+v", o)
	}
	if v, ok := again.Lookup(DefaultSchema, "v"); !ok || v.View.SQL != "SELECT a FROM t" || v.View.Columns[0] != "b" {
		t.Fatalf("%+v", v)
	}
}

func TestDamagedFilesAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON": "{", "another format": `{"format": 99}`,
		"no definition": `{"format":1,"schemas":{"public":[{"name":"t"}]}}`,
		"bad schema":    `{"format":1,"schemas":{"public":[{"name":"t","given":{"schema":"AAAA"},"decided":{}}]}}`,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, fileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir); sqlerr.Code(err) != sqlerr.DataCorrupted {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFailedWriteChangesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := c.Create(table("t"), false); sqlerr.Code(err) != sqlerr.IOError {
		t.Fatal(err)
	}
	if _, ok := c.Lookup(DefaultSchema, "t"); ok {
		t.Fatal("the table is there all the same")
	}
}
