package coordinator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/objstore"
	"volley/catalog/parquet"
	"volley/coordinator/copyto"
	"volley/exec"
	"volley/parser/ast"
	"volley/sqlerr"
	"volley/sqltype"
)

// copyFiles are the options of COPY TO that say how files are laid out.
type copyFiles struct {
	parquet     parquet.WriterOptions
	parquetOnly string // an option that was given and only Parquet files have

	partitionBy    columnChoice
	keepPartitions bool
	perThread      bool
	fileBytes      int64
	mode           copyto.Mode
	pattern        string
	extension      string
}

// directory tells whether the target is a directory of files.
func (f *copyFiles) directory() bool {
	return f.partitionBy.given() || f.perThread || f.fileBytes > 0
}

// read takes an option; false: it is none of these.
func (f *copyFiles) read(opt ast.Option, name, v string) (known bool, err error) {
	switch name {
	case "partition_by":
		f.partitionBy, err = columnList(opt)
	case "write_partition_columns":
		f.keepPartitions, err = optionBool(opt, v)
	case "per_thread_output":
		f.perThread, err = optionBool(opt, v)
	case "file_size_bytes":
		f.fileBytes, err = optionBytes(opt, v)
	case "overwrite":
		err = f.setMode(opt, v, copyto.Replace)
	case "overwrite_or_ignore":
		err = f.setMode(opt, v, copyto.Merge)
	case "append":
		err = f.setMode(opt, v, copyto.Append)
	case "filename_pattern":
		if f.pattern = v; strings.Contains(v, "/") {
			err = sqlerr.At(opt.Position(), sqlerr.InvalidParameterValue, "%s must not contain a directory", opt.Name)
		}
	case "file_extension":
		f.extension = strings.TrimPrefix(v, ".")
	default:
		if known, err = f.readParquet(opt, name, v); known {
			f.parquetOnly = strings.ToUpper(name)
		}
		return known, err
	}
	return true, err
}

func (f *copyFiles) setMode(opt ast.Option, v string, mode copyto.Mode) error {
	on, err := optionBool(opt, v)
	switch {
	case err != nil || !on:
		return err
	case f.mode != copyto.Refuse:
		return sqlerr.At(opt.Position(), sqlerr.SyntaxError, "OVERWRITE, OVERWRITE_OR_IGNORE and APPEND exclude each other")
	}
	f.mode = mode
	return nil
}

// readParquet takes an option of Parquet files.
func (f *copyFiles) readParquet(opt ast.Option, name, v string) (known bool, err error) {
	off := func(to *bool) {
		var on bool
		if on, err = optionBool(opt, v); err == nil {
			*to = !on
		}
	}
	switch p := &f.parquet; name {
	case "row_group_size":
		p.RowGroupRows, err = optionInt(opt, v)
	case "row_group_size_bytes":
		p.RowGroupBytes, err = optionBytes(opt, v)
	case "compression_level":
		level, parseErr := strconv.Atoi(v)
		if parseErr != nil {
			return true, sqlerr.At(opt.Position(), sqlerr.InvalidParameterValue, "%s requires an integer", opt.Name)
		}
		p.Level = &level
	case "dictionary":
		off(&p.NoDictionary)
	case "statistics":
		off(&p.NoStatistics)
	case "page_index":
		off(&p.NoPageIndex)
	case "bloom_filter":
		p.Bloom, err = bloomColumns(opt, v)
	case "bloom_filter_false_positive_ratio":
		p.BloomFPP, err = strconv.ParseFloat(v, 64)
		if err != nil || p.BloomFPP <= 0 || p.BloomFPP >= 1 {
			err = sqlerr.At(opt.Position(), sqlerr.InvalidParameterValue, "%s must lie between 0 and 1", opt.Name)
		}
	default:
		return false, nil
	}
	return true, err
}

// columnList reads a list of columns, or a single one.
func columnList(opt ast.Option) (columnChoice, error) {
	switch opt.Value.(type) {
	case *ast.Column, *ast.Literal:
		name, err := exprText(opt.Value)
		return columnChoice{names: []string{name}}, err
	}
	c, err := optionColumns(opt)
	if err == nil && (c.all || len(c.names) == 0) {
		err = sqlerr.At(opt.Position(), sqlerr.InvalidParameterValue, "argument to option %q must be a list of column names", opt.Name)
	}
	return c, err
}

// bloomColumns reads BLOOM_FILTER, which is a boolean or a list of columns.
func bloomColumns(opt ast.Option, v string) ([]string, error) {
	switch opt.Value.(type) {
	case *ast.Array, *ast.Row, *ast.Star:
		c, err := optionColumns(opt)
		if c.all {
			return []string{"*"}, err
		}
		return c.names, err
	}
	if on, err := checkBool(v); err == nil {
		if on == "on" {
			return []string{"*"}, nil
		}
		return nil, nil
	}
	return []string{v}, nil
}

// byteUnits are the suffixes of sizes.
var byteUnits = []struct {
	suffix string
	factor int64
}{
	{"KIB", 1 << 10},
	{"MIB", 1 << 20},
	{"GIB", 1 << 30},
	{"KB", 1e3},
	{"MB", 1e6},
	{"GB", 1e9},
	{"B", 1},
}

// optionBytes reads a size: bytes, 64MB, 1GiB.
func optionBytes(opt ast.Option, v string) (int64, error) {
	text, factor := strings.ToUpper(strings.TrimSpace(v)), int64(1)
	for _, u := range byteUnits {
		if rest, ok := strings.CutSuffix(text, u.suffix); ok {
			text, factor = strings.TrimSpace(rest), u.factor
			break
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > 1<<60/factor {
		return 0, sqlerr.At(opt.Position(), sqlerr.InvalidParameterValue, "%s requires a positive size, such as 100MB", opt.Name)
	}
	return n * factor, nil
}

// sortingColumns are the columns that a query's ORDER BY sorts its rows by, as
// far as they are among those that are written.
func sortingColumns(q *ast.Query, schema *arrow.Schema) []parquet.SortingColumn {
	if q == nil {
		return nil
	}
	var out []parquet.SortingColumn
	for _, item := range q.OrderBy {
		s := parquet.SortingColumn{Column: -1, Descending: item.Desc, NullsFirst: item.Desc}
		if item.NullsFirst != nil {
			s.NullsFirst = *item.NullsFirst
		}
		switch e := item.Expr.(type) {
		case *ast.Column:
			if at := schema.FieldIndices(e.Parts[len(e.Parts)-1]); len(e.Parts) == 1 && len(at) == 1 {
				s.Column = at[0]
			}
		case *ast.Literal:
			if n, err := strconv.Atoi(e.Text); err == nil && n >= 1 && n <= schema.NumFields() {
				s.Column = n - 1
			}
		}
		if s.Column < 0 || item.Using != "" || !fileOrder(schema.Field(s.Column).Type) {
			break
		}
		out = append(out, s)
	}
	return out
}

// fileOrder tells whether SQL orders values of a type as Parquet does. NaN is
// above all numbers in SQL, and nowhere in Parquet.
func fileOrder(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.BOOL, arrow.INT16, arrow.INT32, arrow.INT64, arrow.DECIMAL128, arrow.STRING, arrow.BINARY,
		arrow.DATE32, arrow.TIME64, arrow.TIMESTAMP:
		return true
	}
	return false
}

const (
	// maxCopyMemory is how many bytes of rows COPY TO a directory keeps at most.
	maxCopyMemory = 48 << 20
	// copyMemoryShare of the memory that there is may be kept so.
	copyMemoryShare = 4
	// maxCopyBuffers is how many bytes a store may hold of its files at most.
	maxCopyBuffers = 512 << 20
	// copyBufferShare of the memory that there is may be held so.
	copyBufferShare = 8
)

// account makes one for what a statement holds besides its query's operators.
func (s *Session) account() *exec.Memory {
	return exec.NewMemory(s.c.cfg.Scheduler.Memory(), s.settings.integer("volley.memory"))
}

// copyToDirectory writes a result into files of a directory and gives the number
// of rows.
func (s *Session) copyToDirectory(ctx context.Context, rows *Result, path string, opt *copyOptions, schema *arrow.Schema) (n int64, err error) {
	o := copyto.Options{
		Mode: opt.files.mode, Pattern: opt.files.pattern, Extension: opt.files.extensionOf(opt),
		PartitionBy: opt.files.partitionBy.names, KeepPartitions: opt.files.keepPartitions,
		FileBytes: opt.files.fileBytes, Memory: maxCopyMemory,
		Text: opt.text, Header: opt.header, Compression: opt.compression,
	}
	if opt.files.perThread {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if opt.format == "parquet" {
		o.Parquet = &opt.files.parquet
	}
	if opt.encoding != nil {
		o.Encode = opt.encoding.Encode
	}
	if o.Zone, err = sqltype.LoadZone(opt.text.TimeZone); err != nil {
		return 0, err
	}
	if o.Directory, err = absolutePath(path); err != nil {
		return 0, err
	}
	account := s.account()
	o.Buffers = maxCopyBuffers
	if limit := account.Limit(); limit > 0 {
		o.Memory = min(o.Memory, limit/copyMemoryShare)
		o.Buffers = min(o.Buffers, limit/copyBufferShare)
	}
	w, err := copyto.New(objstore.WithMemory(ctx, account), s.c.cfg.Store, schema, o)
	if err != nil {
		return 0, err
	}
	defer w.Close()
	for {
		rec, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			if err := w.Commit(); err != nil {
				return n, err
			}
			if left := w.Left(); left > 0 {
				s.notices = append(s.notices, *warning("01000", fmt.Sprintf("%d old files of directory \"%s\" could not be removed", left, path)))
			}
			return n, nil
		}
		if err != nil {
			return 0, err
		}
		n += rec.NumRows()
		if err := w.Write(rec); err != nil {
			return 0, err
		}
	}
}

// extensionOf is the extension of the files, with its dot.
func (f *copyFiles) extensionOf(opt *copyOptions) string {
	if f.extension != "" {
		return "." + f.extension
	}
	ext := "." + opt.format
	if opt.format == "text" {
		ext = ".txt"
	}
	if opt.format != "parquet" {
		ext += map[string]string{"gzip": ".gz", "zstd": ".zst"}[opt.compression]
	}
	return ext
}
