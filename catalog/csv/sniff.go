package csv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/sqlerr"
	"volley/sqltype"
)

const (
	headBytes  = 1 << 20  // of the first file are sampled for types
	placeBytes = 32 << 10 // of other places and files
	maxFiles   = 8        // further files that are sampled
)

// sniffer decides what Infer has to decide about a table.
type sniffer struct {
	store   objstore.Store
	opts    map[string]string // given, and decided ones as they come
	given   map[string]string
	o       *options
	files   []catalog.FileInfo
	columns int
	names   []string
	kinds   []columnKind
	rows    int64  // sampled
	bytes   int64  // of them
	head    []kind // of the columns by the first headRows records
	mayMix  bool   // the sample has \n and lone \r
	notes   []catalog.Note
}

// Infer decides options and schema from samples of the files.
func (Format) Infer(ctx context.Context, store objstore.Store, files []catalog.FileInfo, given catalog.Given) (*catalog.TableDef, error) {
	canon, err := canonicalOptions(given.Options)
	if err != nil {
		return nil, err
	}
	s := &sniffer{store: store, opts: maps.Clone(canon), files: files}
	if s.given, err = withoutDetection(canon); err != nil {
		return nil, err
	}
	if s.o, err = parseOptions(canon); err != nil {
		return nil, err
	}
	declared := declaredFields(given)
	first, err := s.firstFile(ctx, declared != nil)
	if err != nil {
		return nil, err
	}
	var others []catalog.FileInfo
	if first != nil && declared == nil {
		others = sampledFiles(s.o, *first, files)
	}
	if fetched := fetchSamples(ctx, store, s.o, first, others); fetched != nil {
		defer fetched.close()
		s.store = fetched.wrap()
	}
	fields := declared
	if first != nil {
		if fields, err = s.columnsOf(ctx, *first, declared); err != nil {
			return nil, err
		}
	}
	s.decideForms(fields, declared != nil)
	s.decide(declared != nil)
	def := &catalog.TableDef{
		Format: "csv", Location: given.Location, Options: s.opts, Files: files, Notes: s.notes,
	}
	if fields, def.PartitionColumns, err = s.partitionFields(fields, given); err != nil {
		return nil, err
	}
	if s.o.filename != "" {
		fields = append(fields, arrow.Field{Name: s.o.filename, Type: sqltype.Text, Nullable: true})
	}
	def.Schema = arrow.NewSchema(fields, nil)
	if s.o.onError == widenOnError && declared == nil && !s.o.allVarchar {
		inFiles := len(s.names)
		if def.Widened, err = s.widen(ctx, fields[:inFiles], def); err != nil {
			return nil, err
		}
		def.Schema = arrow.NewSchema(fields, nil)
	}
	return def, nil
}

// columnsOf decides everything about the files. A place beyond the head of the
// first one can show that they are not UTF-8; then it begins again.
func (s *sniffer) columnsOf(ctx context.Context, first catalog.FileInfo, declared []arrow.Field) ([]arrow.Field, error) {
	for {
		o := *s.o
		if err := s.sniffFirst(ctx, first, declared); err != nil {
			return nil, inFile(err, first.Path)
		}
		err := s.observePlaces(ctx, first)
		if errors.Is(err, errOtherEncoding) {
			o.encoding = s.o.encoding
			*s.o = o
			s.rows, s.bytes, s.head = 0, 0, nil
			continue
		}
		if err != nil || declared != nil {
			return declared, err
		}
		return s.inferFields(ctx, first)
	}
}

// withoutDetection adds, when auto_detect is false, the defaults of what would
// be sniffed of the dialect.
func withoutDetection(given map[string]string) (map[string]string, error) {
	v, ok := given[optAutoDetect]
	if !ok {
		return given, nil
	}
	on, ok := parseBool(v)
	if !ok {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "option %q of csv must be true or false, not %q", optAutoDetect, v)
	}
	out := maps.Clone(given)
	for name, value := range map[string]string{
		optDelim: ",", optQuote: `"`, optEscape: `"`, optHeader: "false", optSkip: "0", optComment: "", optEncoding: "utf-8",
	} {
		if _, given := out[name]; !given && !on {
			out[name] = value
		}
	}
	return out, nil
}

// declaredFields are the user's columns that records have, nil for none.
func declaredFields(given catalog.Given) []arrow.Field {
	if given.Columns == nil {
		return nil
	}
	isPartition := func(f arrow.Field) bool {
		return slices.ContainsFunc(given.PartitionBy, func(p arrow.Field) bool { return p.Name == f.Name })
	}
	return slices.DeleteFunc(slices.Clone(given.Columns.Fields()), isPartition)
}

// firstFile is the first one that is not empty.
func (s *sniffer) firstFile(ctx context.Context, declared bool) (*catalog.FileInfo, error) {
	for i := range s.files {
		if s.files[i].Size > 0 {
			return &s.files[i], nil
		}
	}
	switch {
	case declared:
		return nil, nil
	case len(s.files) == 0:
		return nil, sqlerr.New(sqlerr.UndefinedFile, "no files to read")
	}
	return nil, emptyFile(s.files[0].Path)
}

func emptyFile(path string) error {
	return sqlerr.New(sqlerr.BadCopyFileFormat, "file is empty: neither a header nor rows to infer columns from").
		WithFile(path, 0, "").WithHint("declare the columns")
}

func inFile(err error, path string) error {
	if e := sqlerr.Find(err); e != nil && e.File == "" {
		c := *e
		c.File = path
		return &c
	}
	return err
}

// sniffFirst decides encoding, dialect, header and, from the head of the first
// file, what the columns can be.
func (s *sniffer) sniffFirst(ctx context.Context, file catalog.FileInfo, declared []arrow.Field) error {
	r, err := s.openHead(ctx, file)
	if err != nil {
		return err
	}
	defer func() { _ = r.src.close() }()
	if _, ok := s.given[optNewLine]; !ok {
		s.o.newline = sniffNewline(r.buf[:min(r.lim, dialectBytes)])
		s.mayMix = hasLoneReturn(r.buf[:min(r.lim, dialectBytes)])
		r.newline = s.o.newline
	}
	if _, err := r.skipHead(ctx, blockBytes); err != nil {
		return err
	}
	if err := r.fillLines(ctx, dialectLines); err != nil {
		return err
	}
	fit := s.dialect(r, len(declared))
	s.o.dialect, r.dialect = fit.dialect, fit.dialect
	s.columns = fit.columns
	if _, given := s.given[optComment]; fit.inline && !given {
		s.notes = append(s.notes, catalog.Note{Text: fmt.Sprintf("what follows %q in a line is taken for a comment (inline_comments = true)", fit.comment)})
	}
	s.o.skip += fit.skip
	if err := r.skipLines(ctx, fit.skip); err != nil {
		return err
	}
	first, err := r.firstRecord(ctx)
	if err != nil {
		return err
	}
	if first == nil && declared == nil {
		return emptyFile(file.Path)
	}
	s.reset()
	if err := s.observe(ctx, r, headBytes); err != nil {
		return err
	}
	s.sniffHeader(first, declared)
	return nil
}

// dialect finds the dialect of what r's window holds. It needs to look at the
// whole window only when the head of it has misled.
func (s *sniffer) dialect(r *rowFinder, columns int) sniffed {
	fit := s.dialectOf(r, columns)
	if !s.mayMix {
		return fit
	}
	s.o.mixed = true
	mixed := s.dialectOf(r, columns)
	if mixed.better(fit) || mixed.splits(fit) {
		return mixed
	}
	s.o.mixed = false
	return fit
}

func (s *sniffer) dialectOf(r *rowFinder, columns int) sniffed {
	sample := r.buf[r.pos:r.lim]
	head := linesEnd(sample, r.newline, dialectLines, dialectBytes)
	if len(sample) <= head {
		return sniffDialect(sample, r.eof, s.o, s.given, columns)
	}
	quick := sniffDialect(sample[:head], false, s.o, s.given, columns)
	if quick.dialect.fit(sample, r.eof, quick.columns, s.given).ratio >= quick.ratio {
		return quick
	}
	return sniffDialect(sample, r.eof, s.o, s.given, columns)
}

// linesEnd is the end of the first n lines of b, but at least least.
func linesEnd(b []byte, newline byte, n, least int) int {
	end := 0
	for range n {
		at := bytes.IndexByte(b[end:], newline)
		if at < 0 {
			return max(len(b), least)
		}
		end += at + 1
	}
	return max(end, least)
}

// fillLines reads on until the window has n lines or maxDialect bytes: lines can
// be longer than a block.
func (r *rowFinder) fillLines(ctx context.Context, n int) error {
	for !r.eof && r.lim-r.pos < maxDialect && linesEnd(r.buf[r.pos:r.lim], r.newline, n, 0) >= r.lim-r.pos {
		if err := r.fill(ctx, blockBytes); err != nil {
			return err
		}
	}
	return nil
}

// openHead opens the first file and reads its first block. It knows UTF-16 by
// its byte order mark, and Windows-1252 by what the block has.
func (s *sniffer) openHead(ctx context.Context, file catalog.FileInfo) (*rowFinder, error) {
	for {
		r, err := s.open(ctx, file, 0)
		if err != nil {
			return nil, err
		}
		if err := r.fill(ctx, blockBytes); err != nil {
			_ = r.src.close()
			return nil, err
		}
		if _, given := s.given[optEncoding]; given || s.o.encoding != "utf-8" {
			return r, nil
		}
		if hasUTF16Mark(r.buf[:r.lim]) {
			s.o.encoding = "utf-16"
		} else if !s.guessEncoding(r.buf[:r.lim]) {
			return r, nil
		}
		if err := r.src.close(); err != nil {
			return nil, err
		}
	}
}

func hasUTF16Mark(b []byte) bool {
	return len(b) >= 2 && (b[0] == 0xff && b[1] == 0xfe || b[0] == 0xfe && b[1] == 0xff)
}

func (s *sniffer) open(ctx context.Context, file catalog.FileInfo, at int64) (*rowFinder, error) {
	src, err := openSource(ctx, s.store, s.o, file, at)
	if err != nil {
		return nil, err
	}
	o := *s.o
	o.header = false
	return &rowFinder{window: newWindow(src, at), options: &o}, nil
}

// headRows are what the header is compared with: a bad value far below must not
// make a column of numbers one of text, whose first record then looks like a name.
const headRows = 2048

func headKinds(kinds []columnKind) []kind {
	out := make([]kind, len(kinds))
	for i := range kinds {
		out[i] = kinds[i].kind
	}
	return out
}

// reset forgets what was observed of the columns.
func (s *sniffer) reset() {
	s.kinds = make([]columnKind, s.columns)
	for i := range s.kinds {
		s.kinds[i] = columnKind{nulls: newNulls(s.o, 0), options: s.o}
	}
}

// observe looks at the records of r: those that start in the next limit bytes.
// Bad records end it; the reader will complain about them.
func (s *sniffer) observe(ctx context.Context, r *rowFinder, limit int64) error {
	r.columns = s.columns
	r.nullPadding = true
	r.need = make([]int, s.columns)
	r.spans = make([][]span, s.columns)
	for k := range r.need {
		r.need[k] = k
		r.spans[k] = make([]span, 1024)
	}
	left := int64(s.o.sampleRows)
	end := r.offset() + limit
	if left < 0 {
		left, end = 1<<62, 1<<62
	}
	for left > 0 && r.fault == nil {
		start := r.offset()
		n, more := r.find(int(min(left, 1024)), end)
		for k := range s.kinds {
			s.kinds[k].observe(r.buf, r.spans[k][:n])
		}
		left -= int64(n)
		if s.rows += int64(n); s.head == nil && (s.rows >= headRows || !more) {
			s.head = headKinds(s.kinds)
		}
		s.bytes += r.offset() - start
		if n > 0 {
			continue
		}
		if !more || r.eof {
			return nil
		}
		if err := r.fill(ctx, blockBytes); err != nil {
			return err
		}
	}
	return nil
}

// inferFields samples further files and gives the columns.
func (s *sniffer) inferFields(ctx context.Context, first catalog.FileInfo) ([]arrow.Field, error) {
	if err := s.observeFiles(ctx, first); err != nil {
		return nil, err
	}
	if err := s.rename(); err != nil {
		return nil, err
	}
	fields := make([]arrow.Field, len(s.names))
	for i, name := range s.names {
		t := s.kinds[i].typ()
		if s.o.allVarchar {
			t = sqltype.Text
		}
		if lower := strings.ToLower(name); s.o.dateFormats[lower] != nil {
			t = sqltype.Date
		} else if f := s.o.timestampFormats[lower]; f != nil && f.zoned {
			t = sqltype.TimestampTZ
		} else if f != nil {
			t = sqltype.Timestamp
		}
		fields[i] = arrow.Field{Name: name, Type: t, Nullable: true}
	}
	return fields, s.typed(fields)
}

// decide writes everything decided into the options.
func (s *sniffer) decide(declared bool) {
	char := func(c byte) string {
		if c == 0 {
			return ""
		}
		return string(rune(c))
	}
	set := func(name, value string) { s.opts[name] = value }
	set(optDelim, char(s.o.delim)+s.o.more)
	set(optQuote, char(s.o.quote))
	set(optEscape, char(s.o.escape))
	set(optComment, char(s.o.comment))
	if s.o.comment != 0 {
		set(optInline, strconv.FormatBool(s.o.inline))
	}
	set(optNewLine, s.o.newlineName())
	set(optHeader, strconv.FormatBool(s.o.header))
	set(optSkip, strconv.Itoa(s.o.skip))
	set(optEncoding, s.o.encoding)
	set(optCompression, s.o.compression)
	set(optDeclared, strconv.FormatBool(declared))
	if s.rows > 0 {
		set(optRowBytes, fmt.Sprintf("%.1f", float64(s.bytes)/float64(s.rows)))
	}
}
