// Package copyto writes the rows of COPY … TO into a directory: one file or
// many, in order or by several threads, and by partitions as Hive names them.
//
//	records → partitions (k=v/…) → sinks (Parquet, text) → files of a store
//
// Files are written under temporary names and appear at Commit, one after the
// other, each whole. Close without Commit leaves nothing behind, the directories
// that were made included. However many partitions there are, few files are open
// and the rows in memory stay below a limit: the sinks that hold most of them
// are flushed first. Where a store holds too much of files that are not ended, the
// largest of them are, and their partitions go on in other files.
package copyto

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/objstore"
	"volley/catalog/parquet"
	"volley/planner/physical"
	"volley/sqlerr"
)

// duplicateFile is PostgreSQL's SQLSTATE for a file that should not be there.
const duplicateFile = "58P02"

// maxOpenFiles is how many files are open at a time.
const maxOpenFiles = 100

// Mode says what happens to files that are in the directory already.
type Mode uint8

// The modes.
const (
	Refuse  Mode = iota // a directory with files is an error
	Replace             // its files are removed when the new ones are there
	Merge               // files of the same name are replaced, others stay
	Append              // new names are used, all files stay
)

// Options say what is written where.
type Options struct {
	Directory string // absolute, or of a store, in any spelling
	Mode      Mode
	Pattern   string // of file names, with {i} and {uuid}
	Extension string // with its dot

	PartitionBy []string // columns
	// KeepPartitions writes the columns of PartitionBy into the files, too.
	KeepPartitions bool
	FileBytes      int64 // a file ends when it has so many; 0: never
	Threads        int   // more than 1: so many files are written at a time
	Memory         int64 // bytes of rows that are kept until they are written
	// Buffers is how many bytes the store may hold of files that are being written
	// (objstore.Buffering): beyond it partitions go on in other files. 0: any number.
	Buffers int64

	Parquet *parquet.WriterOptions // nil: text
	Text    physical.TextFormat
	Header  bool
	Zone    *time.Location
	// Encode gives text in another encoding; nil: UTF-8.
	Encode      func([]byte) ([]byte, error)
	Compression string // of text: "", "gzip", "zstd"
}

// Writer writes records of one schema. Only one goroutine may call it.
type Writer struct {
	ctx    context.Context
	store  objstore.Store
	opts   Options
	dir    string        // Options.Directory as the store names it
	schema *arrow.Schema // of the files
	keep   []int         // their columns, by ordinal of the records
	keys   *partitioner  // nil: one partition
	old    []string      // files that are there, unless new names are used
	had    map[string]bool
	left   int // of old: could not be removed

	mu    sync.Mutex // of what follows
	files []*file    // all that were begun
	open  openFiles
	made  map[string]bool // directories
	undo  []func()

	partitions []*partition
	held       *Held // rows of partitions
	lanes      *lanes
	done       bool
}

// New checks the directory and starts writing to it. ctx is that of the whole
// statement: when it ends, so does the writer.
func New(ctx context.Context, store objstore.Store, schema *arrow.Schema, opts Options) (*Writer, error) {
	w := &Writer{ctx: ctx, store: store, opts: opts, made: map[string]bool{}, had: map[string]bool{}, held: NewHeld(ctx)}
	w.open.limit = maxOpenFiles
	var err error
	if w.dir, err = store.Resolve(ctx, opts.Directory); err != nil {
		return nil, err
	}
	if err := w.checkDirectory(); err != nil {
		return nil, err
	}
	var by []int
	for _, name := range opts.PartitionBy {
		at := slices.IndexFunc(schema.Fields(), func(f arrow.Field) bool { return f.Name == name })
		if at < 0 {
			return nil, sqlerr.New(sqlerr.UndefinedColumn, "column \"%s\" does not exist", name)
		}
		if !slices.Contains(by, at) {
			by = append(by, at)
		}
	}
	var fields []arrow.Field
	for i, f := range schema.Fields() {
		if opts.KeepPartitions || !slices.Contains(by, i) {
			w.keep, fields = append(w.keep, i), append(fields, f)
		}
	}
	if len(fields) == 0 {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "no column to write is left besides those of PARTITION_BY").
			WithHint("Set WRITE_PARTITION_COLUMNS to write them, too.")
	}
	w.schema = arrow.NewSchema(fields, nil)
	if force := opts.Text.ForceQuote; force != nil {
		w.opts.Text.ForceQuote = nil
		for _, c := range w.keep {
			w.opts.Text.ForceQuote = append(w.opts.Text.ForceQuote, force[c])
		}
	}
	switch {
	case len(by) > 0:
		w.keys = newPartitioner(schema, by)
	case opts.Threads > 1:
		w.lanes = newLanes(w, opts.Threads)
	}
	return w, nil
}

// checkDirectory lists the files that are there.
func (w *Writer) checkDirectory() error {
	if w.opts.Mode == Append {
		return nil
	}
	infos, err := w.store.Glob(w.ctx, w.dir)
	switch {
	case sqlerr.Code(err) == sqlerr.UndefinedFile:
		return nil
	case err != nil:
		return err
	case w.opts.Mode != Merge && len(infos) == 1 && infos[0].Path == strings.TrimSuffix(w.dir, "/"):
		return sqlerr.New(sqlerr.WrongObjectType, "\"%s\" is a file, not a directory", w.opts.Directory)
	case len(infos) > 0 && w.opts.Mode == Refuse:
		return sqlerr.New(duplicateFile, "directory \"%s\" is not empty", w.opts.Directory).
			WithHint("Use OVERWRITE to replace its files, OVERWRITE_OR_IGNORE to keep those of other names, or APPEND to keep all.")
	}
	for _, i := range infos {
		w.old, w.had[i.Path] = append(w.old, i.Path), true
	}
	return nil
}

// Write adds the rows of a record.
func (w *Writer) Write(rec arrow.Record) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	switch {
	case w.lanes != nil:
		return w.lanes.write(rec)
	case w.keys == nil:
		if len(w.partitions) == 0 {
			w.partitions = append(w.partitions, &partition{w: w})
		}
		if err := w.partitions[0].write(rec, nil); err != nil {
			return err
		}
		return w.limitMemory()
	}
	return w.writePartitions(rec)
}

// Commit makes the files appear.
func (w *Writer) Commit() error {
	if w.lanes != nil {
		if err := w.lanes.finish(); err != nil {
			return err
		}
	}
	if len(w.files) == 0 && w.keys == nil { // no rows are a file without rows
		w.partitions = append(w.partitions, &partition{w: w})
		if err := w.partitions[0].begin(); err != nil {
			return err
		}
	}
	for _, p := range w.partitions {
		if err := p.finish(); err != nil {
			return err
		}
	}
	w.held.Release()
	if err := w.commitFiles(); err != nil {
		return err
	}
	w.done = true
	if w.opts.Mode == Replace {
		w.removeOld()
	}
	return nil
}

// Left is how many files that were to be replaced could not be removed.
func (w *Writer) Left() int { return w.left }

// Close discards what was not committed. It may be called again.
func (w *Writer) Close() {
	if w.lanes != nil {
		_ = w.lanes.finish()
	}
	for _, f := range w.files {
		_ = f.w.Close()
	}
	if !w.done {
		for i := len(w.undo) - 1; i >= 0; i-- {
			w.undo[i]()
		}
	}
	w.files, w.undo = nil, nil
	w.held.Release()
}

// newFile begins a file of a partition, the n-th.
func (w *Writer) newFile(dir string, n int) (*file, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	full := w.dir
	if dir != "" {
		full = strings.TrimSuffix(full, "/") + "/" + dir
	}
	if !w.made[full] {
		undo, err := w.store.MakeDirectory(w.ctx, full)
		if err != nil {
			return nil, err
		}
		w.made[full], w.undo = true, append(w.undo, undo)
	}
	name := w.fileName(n)
	f := &file{set: &w.open, mu: &w.mu, path: strings.TrimSuffix(full, "/") + "/" + name}
	if err := w.open.makeRoom(); err != nil {
		return nil, err
	}
	var err error
	if f.w, err = w.store.Create(w.ctx, f.path); err != nil {
		return nil, err
	}
	w.open.add(f)
	w.files = append(w.files, f)
	return f, nil
}

// fileName is the name of the n-th file of a partition.
func (w *Writer) fileName(n int) string {
	pattern := w.opts.Pattern
	if pattern == "" {
		pattern = "data_{i}"
		if w.opts.Mode == Append {
			pattern = "data_{uuid}"
		}
	}
	if !strings.Contains(pattern, "{i}") && !strings.Contains(pattern, "{uuid}") {
		pattern += "{i}"
	}
	name := strings.ReplaceAll(pattern, "{i}", fmt.Sprint(n))
	name = strings.ReplaceAll(name, "{uuid}", newUUID())
	return path.Base(name) + w.opts.Extension
}
