// Package catalog knows which tables, views and functions exist and how a
// table's data is cut into splits.
//
// The contract between planning and reading is three plain-data types: a
// ScanSpec says what to read of a table, a Split is one piece of it that one
// reader reads from start to end, and a Format (csv, parquet, memtable, system)
// makes the one from the other and opens splits as streams of Arrow records.
// All three serialise, since they travel to workers inside fragments.
package catalog

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/objstore"
)

// FileInfo identifies a file or object and the version of it that was planned.
type FileInfo struct {
	Path    string // as objstore.Open takes it: absolute local path or s3://bucket/key
	Size    int64  // bytes
	Version string // ETag or modification time; a reader that finds another one fails
}

// Open opens that version of the file; the reader's Info says if it is another one.
func (f FileInfo) Open(ctx context.Context, store objstore.Store) (objstore.Reader, error) {
	return objstore.OpenVersion(ctx, store, objstore.Info(f))
}

// TableDef is what the catalog knows of an external table, or what the planner
// infers for FROM 'file': a format, its files and its options, decided.
type TableDef struct {
	Format   string            // "csv", "parquet", …
	Location string            // path, glob or directory as the user wrote it
	Options  map[string]string // decided options, sniffed ones included, by their read_csv names
	Schema   *arrow.Schema     // columns of the files, then partition columns, then filename if asked for
	Files    []FileInfo
	// Unlisted is the table whose files are to be listed when a query is planned; Files
	// are those that it was last known to have. nil: Files are all.
	Unlisted *External `json:"-"`
	// PartitionColumns are those of Schema whose values come from Hive names in
	// the path (k=v), the last ones of Schema.
	PartitionColumns []string
	// Key are the ordinals of the primary key's columns, nil for none.
	Key []int
	// Uniques are the columns of UNIQUE constraints: no two rows have the same values
	// in all of them. Rows with a NULL there are not compared.
	Uniques [][]int
	// Widened are the values for which Infer has made the sampled types wider,
	// nil for none.
	Widened *Rejects `json:"-"`
	// Notes are decisions of Infer that the files do not settle.
	Notes []Note `json:"-"`
	// Local: the rows are in the coordinator's process, so that only the root
	// stage can read them, or, if they are Portable, tasks whose splits carry them.
	Local, Portable bool
}

// Note is a sentence for people who read a table, or one column of it.
type Note struct {
	Column string // "" for all
	Text   string
}

// ScanSpec is what one scan reads: plain data.
type ScanSpec struct {
	Table      string // as people call it; for messages and EXPLAIN only
	Format     string
	Options    map[string]string
	Schema     *arrow.Schema // all columns of the table
	Projection []int         // ordinals of Schema, in output order; empty: rows without columns are counted
	Partition  []string      // see TableDef.PartitionColumns
	// Pruning are conjuncts that a reader may use to skip data. They never have
	// to be applied exactly: the filter above the scan decides.
	Pruning []Predicate
	// Limit > 0 is how many rows at most are wanted from each split.
	Limit int64
}

// Out is the schema of the records the scan gives.
func (s *ScanSpec) Out() *arrow.Schema {
	fields := make([]arrow.Field, len(s.Projection))
	for i, c := range s.Projection {
		fields[i] = s.Schema.Field(c)
	}
	return arrow.NewSchema(fields, nil)
}

// Predicate is column op value: Op is "=", "<", "<=", ">", ">=", "<>",
// "is null", "is not null" or "in". Values have the column's type, length 1
// each ("in": any number of them).
type Predicate struct {
	Column int // ordinal of ScanSpec.Schema
	Op     string
	Values []arrow.Array
	// Coarse: it is not worth while for single rows. It is not part of a plan.
	Coarse bool
}

// Split is one piece of a table: plain data.
type Split struct {
	Index int // position in the table's order, from 0
	File  FileInfo
	// Start and End are what the format makes of them: byte offsets for csv,
	// rows of the file for parquet, rows for managed tables.
	Start, End int64
	// Exact: Start is a known record boundary (csv). Otherwise the reader
	// speculates and its Bounds are compared with its predecessor's.
	Exact bool
	// Rows and Bytes are estimates; −1 when unknown.
	Rows, Bytes int64
	// Pruned is how many row groups were left out before this split, or after it
	// if it is the last one; for EXPLAIN ANALYZE.
	Pruned int64
	// Inline is data of the split itself, for tables that live in the
	// coordinator: an Arrow IPC stream. Nil: none.
	Inline []byte
}

// Bounds are the byte offsets of the first record a reader really read and of
// the end of its last one. Unknown ends (reader closed early) are −1.
type Bounds struct{ Start, End int64 }

// Reader streams one split.
//
// Next gives the next record, or io.EOF at the end; records are immutable and
// stay valid. A reader is used by one goroutine. Close is idempotent, legal at
// any time, and after it Next gives an error. Panics of underlying libraries
// are turned into errors by the format.
type Reader interface {
	Next(ctx context.Context) (arrow.Record, error)
	// Bounds is valid after Next gave io.EOF. Formats whose splits are exact
	// give the split's own.
	Bounds() Bounds
	Close() error
}

// SplitTarget tells a format how finely to cut.
type SplitTarget struct {
	Slots int // tasks that can run at once on all workers
	// Bytes is the size to aim for; the format keeps its own minimum unless
	// Costly, which asks that even a small file fills every slot several times.
	Bytes  int64
	Costly bool
	// Forced makes Bytes binding: no minimum applies. For tests.
	Forced bool
	// Inline asks a Portable table for splits that carry their rows.
	Inline bool
}

// Format reads one kind of file. Implementations are stateless and safe for
// concurrent use; they are known to every worker by name.
type Format interface {
	Name() string
	// Infer decides options and schema from samples of the files; given are
	// what the user said (columns by declared, options by name). Deterministic.
	Infer(ctx context.Context, store objstore.Store, files []FileInfo, given Given) (*TableDef, error)
	// Splits cuts the files to be read for spec into splits, in file order.
	// Files and row groups that cannot match spec.Pruning are left out.
	Splits(ctx context.Context, store objstore.Store, def *TableDef, spec *ScanSpec, target SplitTarget) ([]Split, error)
	// Open starts reading a split.
	Open(ctx context.Context, store objstore.Store, spec *ScanSpec, split Split) (Reader, error)
}

// EndReader is a Format that reads the end of a file first.
type EndReader interface {
	// EndBytes is how many bytes it reads there, or all of a shorter file.
	EndBytes() int64
}

// Given is what a user said about a table instead of leaving it to Infer.
type Given struct {
	Location string
	Columns  *arrow.Schema     // nil: infer
	Options  map[string]string // lower-case names as in read_csv; values as text
	// PartitionBy are the Hive partition columns in order, if declared.
	PartitionBy []arrow.Field
}

// RowLocator is a Reader that can say where its rows are. Line is the line, from
// 1, of row `row` of the record that Next gave last; it may read the file again.
type RowLocator interface {
	Line(ctx context.Context, row int) (int64, error)
}

// ScanCounts are what a scan read of what there was. Formats that are not made of
// row groups and pages have none.
type ScanCounts struct {
	RowGroups, RowGroupsRead int64
	// Row groups that were left out by their statistics, by Bloom filters and
	// dictionaries, and by the bounds of their pages.
	ByStatistics, ByValues, ByPages int64
	Pages, PagesRead                int64 // of the columns wanted, in the row groups read
	LeftOut                         int64 // rows, by a ValueFilter
}

// Add adds the counts of another scan.
func (c *ScanCounts) Add(o ScanCounts) {
	c.RowGroups += o.RowGroups
	c.RowGroupsRead += o.RowGroupsRead
	c.ByStatistics += o.ByStatistics
	c.ByValues += o.ByValues
	c.ByPages += o.ByPages
	c.Pages += o.Pages
	c.PagesRead += o.PagesRead
	c.LeftOut += o.LeftOut
}

// ScanCounter is a Reader that counts; the counts are whole after it is closed.
type ScanCounter interface{ Counts() ScanCounts }
