package parquet

import (
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"golang.org/x/sync/errgroup"

	"volley/catalog"
	"volley/catalog/hive"
	"volley/catalog/objstore"
	"volley/sqlerr"
	"volley/sqltype"
)

// footerReaders is how many footers are read at once.
const footerReaders = 16

// options are what read_parquet takes.
type options struct {
	unionByName    bool // a column that a file lacks is null in it
	binaryAsString bool
}

func parseOptions(given map[string]string) (o options, err error) {
	for name, text := range given {
		on, parseErr := sqltype.ParseBool([]byte(text))
		switch name {
		case "union_by_name":
			o.unionByName, err = on, parseErr
		case "binary_as_string":
			o.binaryAsString, err = on, parseErr
		case "filename", "hive_partitioning", "hive_types_autocast":
			continue
		default:
			return o, sqlerr.New(sqlerr.InvalidParameterValue, "unknown option \"%s\" for Parquet files", name).
				WithHint("Known options: binary_as_string, filename, hive_partitioning, hive_types_autocast, union_by_name.")
		}
		if err != nil {
			return o, sqlerr.New(sqlerr.InvalidParameterValue, "option \"%s\" must be true or false, not \"%s\"", name, text)
		}
	}
	return o, nil
}

// Infer takes the columns from the footers of all files. Files must have the
// same columns in any order (those of union_by_name may lack some), whose types
// are the same or widen to one; declared columns are taken as declared, if the
// files' types widen to theirs.
func (p *Format) Infer(ctx context.Context, store objstore.Store, files []catalog.FileInfo, given catalog.Given) (*catalog.TableDef, error) {
	opts, err := parseOptions(given.Options)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		if given.Columns == nil {
			return nil, sqlerr.New(sqlerr.UndefinedFile, "no files match \"%s\"", given.Location)
		}
		return newTableDef(files, given, given.Columns.Fields())
	}
	footers, err := p.footersOf(ctx, store, files)
	if err != nil {
		return nil, err
	}
	var fields []arrow.Field
	if given.Columns != nil {
		fields, err = declaredFields(footers, given, opts)
	} else {
		fields, err = mergedFields(footers, opts)
	}
	if err != nil {
		return nil, err
	}
	return newTableDef(files, given, fields)
}

// newTableDef adds the columns that are not in the files.
func newTableDef(files []catalog.FileInfo, given catalog.Given, fields []arrow.Field) (*catalog.TableDef, error) {
	partitions, err := hive.Fields(files, given)
	if err != nil {
		return nil, err
	}
	def := &catalog.TableDef{Format: "parquet", Location: given.Location, Options: given.Options, Files: files}
	for _, part := range partitions {
		// A partition column hides one of the files, as in Hive.
		fields = slices.DeleteFunc(slices.Clone(fields), func(f arrow.Field) bool { return strings.EqualFold(f.Name, part.Name) })
		def.PartitionColumns = append(def.PartitionColumns, part.Name)
	}
	fields = append(slices.Clone(fields), partitions...)
	if name, ok := hive.FilenameColumn(given.Options); ok {
		if slices.ContainsFunc(fields, func(f arrow.Field) bool { return strings.EqualFold(f.Name, name) }) {
			return nil, sqlerr.New(sqlerr.DuplicateColumn, "option filename adds a column \"%s\", which the files have already", name).
				WithHint("Set filename to another name.")
		}
		fields = append(fields, arrow.Field{Name: name, Type: sqltype.Text, Nullable: true})
	}
	def.Schema = arrow.NewSchema(fields, nil)
	return def, nil
}

// footersOf reads the footers of all files, several at a time.
func (p *Format) footersOf(ctx context.Context, store objstore.Store, files []catalog.FileInfo) ([]*footer, error) {
	footers := make([]*footer, len(files))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(footerReaders)
	for i, f := range files {
		g.Go(func() error {
			var err error
			footers[i], err = p.openFooter(ctx, store, f)
			return err
		})
	}
	return footers, g.Wait()
}

// mergedFields are the columns of all files, in the order they are met first.
func mergedFields(footers []*footer, opts options) ([]arrow.Field, error) {
	var fields []arrow.Field
	first := map[string]string{} // the file each column was met in first
	for n, f := range footers {
		known := len(fields)
		found := 0
		for _, c := range f.columns {
			t := c.readType(opts)
			i := slices.IndexFunc(fields, func(f arrow.Field) bool { return f.Name == c.name })
			if i < 0 {
				if n > 0 && !opts.unionByName {
					return nil, missingColumn(c.name, footers[0].path, f.path)
				}
				fields = append(fields, arrow.Field{Name: c.name, Type: t, Nullable: true})
				first[c.name] = f.path
				continue
			}
			if found++; sqltype.Equal(fields[i].Type, t) {
				continue
			}
			wider, ok := widerType(fields[i].Type, t)
			if !ok {
				return nil, sqlerr.New(sqlerr.DatatypeMismatch, "column \"%s\" is %s in \"%s\" and %s in \"%s\"",
					c.name, sqltype.Name(fields[i].Type), first[c.name], sqltype.Name(t), f.path)
			}
			fields[i].Type = wider
		}
		if n > 0 && found < known && !opts.unionByName {
			for _, field := range fields[:known] {
				if f.find(field.Name) == nil {
					return nil, missingColumn(field.Name, f.path, footers[0].path)
				}
			}
		}
	}
	return fields, nil
}

func missingColumn(column, without, with string) error {
	return sqlerr.New(sqlerr.UndefinedColumn, "file \"%s\" has no column \"%s\", which \"%s\" has", without, column, with).
		WithHint("Set union_by_name = true to read missing columns as null.")
}

// declaredFields checks the columns that the user declared against the files.
// Columns that are partition columns besides are not looked for.
func declaredFields(footers []*footer, given catalog.Given, opts options) ([]arrow.Field, error) {
	fields := slices.Clone(given.Columns.Fields())
	for i := range fields {
		name, t := fields[i].Name, fields[i].Type
		for _, f := range footers {
			c := f.find(name)
			if c == nil {
				if opts.unionByName {
					continue
				}
				return nil, sqlerr.New(sqlerr.UndefinedColumn, "file \"%s\" has no column \"%s\"", f.path, name).
					WithHint("The file's columns: %s.", f.columnNames())
			}
			if wider, ok := widerType(t, c.readType(opts)); !ok || !sqltype.Equal(wider, t) {
				return nil, sqlerr.New(sqlerr.DatatypeMismatch, "column \"%s\" is %s in \"%s\", not %s",
					c.name, sqltype.Name(c.readType(opts)), f.path, sqltype.Name(t))
			}
		}
	}
	return fields, nil
}

// find gives the column of a name: exactly, or else the only one that differs
// in case; nil when there is none.
func (f *footer) find(name string) *column {
	for _, c := range f.columns {
		if c.name == name {
			return c
		}
	}
	var folded *column
	for _, c := range f.columns {
		if strings.EqualFold(c.name, name) {
			if folded != nil {
				return nil
			}
			folded = c
		}
	}
	return folded
}

func (f *footer) columnNames() string {
	names := make([]string, len(f.columns))
	for i, c := range f.columns {
		names[i] = c.name
	}
	text := strings.Join(names, ", ")
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "…"
	}
	return text
}

// readType is the type of c as the options have it read.
func (c *column) readType(opts options) arrow.DataType {
	if opts.binaryAsString {
		return c.asText().typ
	}
	return c.typ
}

// asText gives c with its unannotated byte arrays read as text.
func (c *column) asText() *column {
	if c.kind != leafColumn {
		return c
	}
	if l := c.leaf.asText(); l != c.leaf {
		d := *c
		d.leaf, d.typ = l, l.typ
		return &d
	}
	return c
}
