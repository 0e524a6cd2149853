package coordinator

import (
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/hive"
	"volley/catalog/objstore"
	"volley/sqlerr"
	"volley/sqltype"
)

// errOtherColumns ends the planning of a statement whose files have other columns than
// those of them that were looked at when it was bound. It is bound again, with all files.
var errOtherColumns = sqlerr.New(sqlerr.InvalidTableDefinition, "files have other columns than those that were looked at first").
	WithHint("Run the statement again.")

// outlinable tells whether a table's columns follow from some files and the names of all
// directories.
func outlinable(given *catalog.Given) bool {
	if given.Columns != nil || given.PartitionBy != nil || strings.Contains(given.Location, "\n") {
		return false
	}
	for _, all := range []string{"union_by_name", "on_error", "sample_size", "hive_partitioning"} {
		if _, ok := given.Options[all]; ok {
			return false
		}
	}
	return true
}

// outline makes a table of what a few requests tell of its files, which are still to be
// listed. Where that does not settle the columns, there is none; files are all files then,
// if they have been listed.
func (f *fileTables) outline(ctx context.Context, c *Coordinator, reader catalog.Format, key string, given catalog.Given, worth func(names []string) bool) (files []catalog.FileInfo, _ *catalog.TableDef, _ error) {
	o := objstore.Outline{Worth: worth}
	files, err := f.list(objstore.WithOutline(ctx, &o), c, &given, nil)
	if err != nil || o.Directories == nil {
		return files, nil, err
	}
	all := make([]catalog.FileInfo, len(o.Directories))
	for i, dir := range o.Directories {
		all[i].Path = dir + "/file"
	}
	if !hive.Settled(all) {
		return nil, nil, nil
	}
	fields, err := hive.Fields(all, given)
	if err != nil {
		return nil, nil, err
	}
	def, err := f.inferred(ctx, c, reader, key+"\x00some", files, given)
	if err != nil || !sameFields(fields, partitionFields(def)) {
		return nil, nil, ctx.Err()
	}
	t := &catalog.External{Format: def.Format, Given: given, Sampled: true}
	some := *def
	some.Files, t.Def = nil, &some
	bound := some
	bound.Unlisted = t
	return nil, &bound, nil
}

func sameFields(a, b []arrow.Field) bool {
	return len(a) > 0 && slices.EqualFunc(a, b, func(x, y arrow.Field) bool { return x.Name == y.Name && sqltype.Equal(x.Type, y.Type) })
}

// checkSampled tells whether the files that a statement wants have the columns of those
// that were looked at when it was bound. Of CSV files only names of directories can be
// others: columns are those of samples however many files there are.
func (f *fileTables) checkSampled(ctx context.Context, c *Coordinator, t *catalog.External, files []catalog.FileInfo) error {
	if len(files) == 0 {
		return nil
	}
	key := signature(t.Format, &t.Given)
	found, err := hive.Fields(files, t.Given)
	same := err == nil && slices.EqualFunc(found, t.Def.PartitionColumns, func(f arrow.Field, name string) bool { return f.Name == name })
	if same && t.Format != "csv" {
		def, err := f.inferred(ctx, c, c.cfg.Formats[t.Format], key+"\x00wanted", files, t.Given)
		if ctx.Err() != nil {
			return err
		}
		inFiles := t.Def.Schema.NumFields() - len(t.Def.PartitionColumns)
		same = err == nil && slices.EqualFunc(t.Def.Schema.Fields()[:inFiles], def.Schema.Fields()[:min(inFiles, def.Schema.NumFields())], func(x, y arrow.Field) bool {
			return x.Name == y.Name && sqltype.Equal(x.Type, y.Type)
		})
	}
	if same {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.whole == nil || len(f.whole) >= maxFileTables {
		f.whole = map[string]bool{}
	}
	f.whole[key] = true
	return errOtherColumns
}

// isWhole tells whether all files of a location are to be listed.
func (f *fileTables) isWhole(key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.whole[key]
}
