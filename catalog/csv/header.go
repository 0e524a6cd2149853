package csv

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/hive"
	"volley/sqlerr"
)

// sniffHeader decides whether the first record names the columns, and names
// them. A header it is when a value would not fit the type of the values below
// it, or when all columns are text, or when the record is empty.
func (s *sniffer) sniffHeader(first []string, declared []arrow.Field) {
	if _, ok := s.given[optHeader]; !ok {
		if declared != nil {
			s.o.header = looksDeclared(first, declared, s.o)
		} else {
			s.o.header = s.looksLikeHeader(first)
		}
	}
	if s.o.header {
		if n := len(first) - 1; n == s.columns && first[n] == "" { // a delimiter ends the line
			first = first[:n]
		}
		s.names = columnNames(first, max(s.columns, len(first)))
		s.columns = len(s.names)
		for len(s.kinds) < s.columns {
			s.kinds = append(s.kinds, columnKind{nulls: newNulls(s.o, 0), options: s.o})
		}
		return
	}
	s.names = columnNames(nil, s.columns)
	if first != nil {
		s.rows++
	}
	for i := range s.kinds {
		if i < len(first) && !slices.Contains(s.o.nulls, first[i]) && first[i] != "" {
			s.kinds[i].add([]byte(first[i]))
		}
	}
}

// looksLikeHeader compares the first record with the kinds of the others.
func (s *sniffer) looksLikeHeader(first []string) bool {
	allText, allNull, misfit := true, true, false
	for i, text := range first {
		below := kindNone
		if i < len(s.head) {
			below = s.head[i]
		} else if i < len(s.kinds) {
			below = s.kinds[i].kind
		}
		if s.rows == 0 { // a lone record is judged by itself
			below = kindNone
			// Names seldom begin with a digit.
			if text != "" && (s.o.classify([]byte(text)) != kindText || text[0] >= '0' && text[0] <= '9') {
				allText = false
			}
		}
		if below != kindNone && below != kindText {
			allText = false
		}
		if text == "" || slices.Contains(s.o.nulls, text) {
			continue
		}
		allNull = false
		if below != kindText && !below.holds(s.o.classify([]byte(text))) {
			misfit = true
		}
	}
	return (allText && !allSame(first)) || allNull || misfit
}

// allSame tells whether all fields are one text, which names would not be.
func allSame(first []string) bool {
	n := 0
	for _, text := range first {
		if text == "" {
			continue
		}
		if n++; text != first[0] {
			return false
		}
	}
	return n > 1
}

// looksDeclared tells whether a record names declared columns, or holds what
// cannot be a value of them.
func looksDeclared(first []string, declared []arrow.Field, o *options) bool {
	for i, text := range first {
		text = strings.TrimSpace(text)
		if i >= len(declared) || text == "" || slices.Contains(o.nulls, text) {
			continue
		}
		if strings.EqualFold(text, declared[i].Name) {
			return true
		}
		c := newColumn(declared[i], o, 1)
		if bad, _ := c.append(append([]byte(text), make([]byte, pad)...), []span{{0, uint32(len(text))}}); bad >= 0 {
			return true
		}
	}
	return false
}

// observePlaces samples the first file beyond its head.
func (s *sniffer) observePlaces(ctx context.Context, file catalog.FileInfo) error {
	for _, at := range samplePlaces(s.o, file) {
		if err := s.observePlace(ctx, file, at); err != nil {
			return err
		}
	}
	return nil
}

// samplePlaces are where the first file is sampled beyond its head.
func samplePlaces(o *options, file catalog.FileInfo) []int64 {
	if o.sampleRows < 0 || o.allVarchar || file.Size <= headBytes+4*placeBytes || !splittable(o, file.Path) {
		return nil
	}
	return []int64{file.Size / 3, file.Size / 3 * 2, file.Size - placeBytes}
}

func (s *sniffer) observePlace(ctx context.Context, file catalog.FileInfo, at int64) error {
	r, err := s.open(ctx, file, at)
	if err != nil {
		return err
	}
	defer func() { _ = r.src.close() }()
	if err := r.fill(ctx, 2*placeBytes); err != nil {
		return err
	}
	if s.guessEncoding(bytes.TrimLeftFunc(r.buf[:r.lim], func(c rune) bool { return c == utf8.RuneError })) {
		return errOtherEncoding
	}
	r.columns = s.columns
	start, whole := r.bestStart()
	if !whole {
		return nil
	}
	r.pos = start
	return s.observe(ctx, r, placeBytes)
}

// observeFiles samples other files; with union_by_name all of them give columns.
func (s *sniffer) observeFiles(ctx context.Context, first catalog.FileInfo) error {
	for _, f := range sampledFiles(s.o, first, s.files) {
		if err := s.checkEncoding(ctx, f); err != nil {
			return err
		}
		if err := s.observeFile(ctx, f); err != nil {
			return inFile(err, f.Path)
		}
	}
	return nil
}

// sampledFiles are those that are sampled besides the first.
func sampledFiles(o *options, first catalog.FileInfo, files []catalog.FileInfo) (sampled []catalog.FileInfo) {
	step := 1
	if !o.byName && o.sampleRows >= 0 {
		step = max(1, len(files)/maxFiles)
	}
	for i := 0; i < len(files); i += step {
		if f := files[i]; f.Path != first.Path && f.Size > 0 {
			sampled = append(sampled, f)
		}
	}
	return sampled
}

func (s *sniffer) observeFile(ctx context.Context, file catalog.FileInfo) error {
	r, err := s.open(ctx, file, 0)
	if err != nil {
		return err
	}
	defer func() { _ = r.src.close() }()
	r.header = s.o.header
	header, err := r.skipHead(ctx, placeBytes)
	if err != nil {
		return err
	}
	limit := int64(placeBytes)
	if s.o.sampleRows < 0 {
		limit = 1 << 62 // observe ignores it
	}
	if !s.o.byName || header == nil {
		return s.observe(ctx, r, limit)
	}
	own := &sniffer{o: s.o, names: columnNames(header, len(header)), columns: len(header)}
	own.reset()
	if err := own.observe(ctx, r, limit); err != nil {
		return err
	}
	s.union(own)
	return nil
}

// union adds the columns of another file by name.
func (s *sniffer) union(t *sniffer) {
	for i, name := range t.names {
		at := slices.IndexFunc(s.names, func(n string) bool { return strings.EqualFold(n, name) })
		if at < 0 {
			s.names = append(s.names, name)
			s.kinds = append(s.kinds, t.kinds[i])
			continue
		}
		s.kinds[at].join(t.kinds[i])
	}
}

// partitionFields adds the columns that come from the paths. One that is
// declared must not be a column of the files; one that was merely found in the
// paths gives way to it.
func (s *sniffer) partitionFields(fields []arrow.Field, given catalog.Given) (_ []arrow.Field, names []string, _ error) {
	given.Options = s.given
	partitions, err := hive.Fields(s.files, given)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range partitions {
		if slices.ContainsFunc(fields, func(f arrow.Field) bool { return strings.EqualFold(f.Name, p.Name) }) {
			if len(given.PartitionBy) > 0 {
				return nil, nil, sqlerr.New(sqlerr.DuplicateColumn, "partition column %q is a column of the files, too", p.Name)
			}
			continue
		}
		fields = append(fields, p)
		names = append(names, p.Name)
	}
	return fields, names, nil
}
