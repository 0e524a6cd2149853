package coordinator

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/hive"
	"volley/catalog/objstore"
	"volley/sqlerr"
)

// fileTables remembers what was inferred of files, by what the user said, for
// as long as the same versions of the same files are there. It is safe for
// concurrent use.
type fileTables struct {
	mu   sync.Mutex
	defs map[string]*catalog.TableDef
	// whole are locations whose files have turned out to have other columns than those
	// that were looked at first.
	whole map[string]bool

	listed listings
}

// maxFileTables bounds how many are remembered.
const maxFileTables = 1000

// infer finds the files of a location and what is in them. Where an outline of them does,
// since values of partition columns of these names are worth it (nil: none are), they are
// listed when the statement is planned.
func (f *fileTables) infer(ctx context.Context, c *Coordinator, format string, given catalog.Given, worth func(names []string) bool) (*catalog.TableDef, error) {
	reader, ok := c.cfg.Formats[format]
	if !ok {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "format %q is not supported", format)
	}
	key := signature(format, &given)
	ctx = f.glancing(ctx, reader, key, given.Location)
	if worth != nil && outlinable(&given) && !f.isWhole(key) {
		files, def, err := f.outline(ctx, c, reader, key, given, worth)
		switch {
		case err != nil || def != nil:
			return def, err
		case files != nil:
			return f.inferred(ctx, c, reader, key, files, given)
		}
	}
	files, err := f.list(ctx, c, &given, nil)
	if err != nil {
		return nil, err
	}
	return f.inferred(ctx, c, reader, key, files, given)
}

// glancing asks for the end of a file of which nothing is known yet by the request that
// finds it, if that is what its format reads first.
func (f *fileTables) glancing(ctx context.Context, reader catalog.Format, key, location string) context.Context {
	r, ok := reader.(catalog.EndReader)
	name := location
	if scheme := objstore.Scheme(location); scheme == "http" || scheme == "https" {
		name, _, _ = strings.Cut(location, "?")
	} else if scheme == "" {
		return ctx
	}
	if !ok || strings.HasSuffix(name, "/") || objstore.HasMeta(name) || strings.Contains(location, "\n") {
		return ctx
	}
	f.mu.Lock()
	known := f.defs[key] != nil
	f.mu.Unlock()
	if known {
		return ctx
	}
	return objstore.WithGlance(ctx, &objstore.Glance{Len: r.EndBytes()})
}

// inferred is what is in files, remembered by key.
func (f *fileTables) inferred(ctx context.Context, c *Coordinator, reader catalog.Format, key string, files []catalog.FileInfo, given catalog.Given) (*catalog.TableDef, error) {
	f.mu.Lock()
	def := f.defs[key]
	f.mu.Unlock()
	if def != nil && slices.Equal(def.Files, files) {
		return def, nil
	}
	def, err := reader.Infer(ctx, objstore.GlanceOf(ctx).Wrap(c.cfg.Store), files, ofFormat(given))
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.defs == nil || len(f.defs) >= maxFileTables {
		f.defs = map[string]*catalog.TableDef{}
	}
	f.defs[key] = def
	return def, nil
}

// forget gives up what is remembered.
func (f *fileTables) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.defs, f.whole = nil, nil
	f.listed.forget()
}

// refresh gives an external table's definition with the files that are there
// now, but for some that are not wanted (nil: all are). Its columns and options stay what
// they were when it was made.
func (f *fileTables) refresh(ctx context.Context, c *Coordinator, t *catalog.External, wanted catalog.Wanted) (*catalog.TableDef, error) {
	files, err := f.list(ctx, c, &t.Given, hive.Directories(ctx, partitionFields(t.Def), wanted))
	if err != nil {
		return nil, err
	}
	if t.Sampled {
		if err := f.checkSampled(ctx, c, t, files); err != nil {
			return nil, err
		}
	}
	if slices.Equal(t.Def.Files, files) {
		return t.Def, nil
	}
	def := *t.Def
	def.Files = files
	return &def, nil
}

// partitionFields are the partition columns of a table.
func partitionFields(def *catalog.TableDef) []arrow.Field {
	var fields []arrow.Field
	for _, name := range def.PartitionColumns {
		if found, ok := def.Schema.FieldsByName(name); ok {
			fields = append(fields, found...)
		}
	}
	return fields
}

// list finds the files of a table, which has one or more locations (one a line), but for some below
// directories that are not wanted; nil: all are.
func (f *fileTables) list(ctx context.Context, c *Coordinator, of *catalog.Given, wanted func(dir string) bool) ([]catalog.FileInfo, error) {
	var files []catalog.FileInfo
	left := false
	asked := map[string]bool{}
	keep := func(dir string) bool {
		is, known := asked[dir]
		if !known {
			is = wanted(dir)
			asked[dir], left = is, left || !is
		}
		return is
	}
	if wanted == nil {
		keep = nil
	}
	for _, pattern := range strings.Split(of.Location, "\n") {
		infos, err := f.glob(ctx, c, of, pattern, keep)
		if err != nil {
			return nil, err
		}
		if len(infos) == 0 && !left {
			return nil, sqlerr.New(sqlerr.UndefinedFile, "no files match %q", pattern)
		}
		for _, i := range infos {
			if keep != nil && !keep(directoryOf(i.Path)) {
				continue
			}
			files = append(files, catalog.FileInfo{Path: i.Path, Size: i.Size, Version: i.Version})
		}
	}
	return files, nil
}

// signature is all that a user said about a table, as one text.
func signature(format string, g *catalog.Given) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\x00%s\x00", format, g.Location)
	keys := make([]string, 0, len(g.Options))
	for k := range g.Options {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Fprintf(&b, "%s\x00%s\x00", k, g.Options[k])
	}
	if g.Columns != nil {
		b.WriteString(g.Columns.Fingerprint() + g.Columns.String())
	}
	for _, p := range g.PartitionBy {
		b.WriteString("\x00" + p.String())
	}
	return b.String()
}

// directoryOf is the directory of a file, as stores name directories.
func directoryOf(file string) string {
	return file[:max(strings.LastIndexByte(file, '/'), 0)]
}
