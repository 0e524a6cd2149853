package csv

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/sqltype"
)

// widen reads all of the files once with the sampled types, and widens those
// that do not hold every value. It gives the values that did not fit, nil if
// there are none; the pass keeps nothing else.
func (s *sniffer) widen(ctx context.Context, fields []arrow.Field, def *catalog.TableDef) (*catalog.Rejects, error) {
	schema := arrow.NewSchema(append(append([]arrow.Field(nil), fields...), def.Schema.Fields()[len(fields):]...), nil)
	spec := &catalog.ScanSpec{Format: "csv", Options: def.Options, Schema: schema, Partition: def.PartitionColumns}
	for i := range fields {
		spec.Projection = append(spec.Projection, i)
	}
	sampled := slices.Clone(s.kinds)
	// open is whether the sample has decided a column's type, not the user.
	open := func(f arrow.Field) bool {
		i := slices.Index(s.names, f.Name)
		return sqltype.Equal(sampled[i].typ(), f.Type)
	}
	var all catalog.Rejects
	for _, file := range s.files {
		if file.Size == 0 {
			continue
		}
		r, err := s.openTolerant(ctx, spec, file)
		if err != nil {
			return nil, err
		}
		r.misfit = func(column int, b []byte) {
			found, k := s.o.classify(b), &s.kinds[column].kind
			if sampled[column].kind.holds(found) { // of the kind, but not of the type: too large
				found = kindText
			}
			*k = k.join(found)
		}
		for err == nil {
			_, err = r.Next(ctx)
		}
		_ = r.Close()
		if !errors.Is(err, io.EOF) {
			return nil, err
		}
		all.Values += r.rejects.Values
		all.Cut = all.Cut || r.rejects.Cut
		for _, j := range r.rejects.List {
			if !slices.ContainsFunc(fields, func(f arrow.Field) bool { return f.Name == j.Column && open(f) }) {
				all.Values-- // reading will fail
				continue
			}
			if all.Cut = all.Cut || len(all.List) >= s.o.rejectsLimit; !all.Cut {
				all.List = append(all.List, j)
			}
		}
	}
	if len(all.List) == 0 {
		return nil, nil
	}
	for i := range fields {
		if t := s.kinds[i].typ(); open(fields[i]) && !sqltype.Equal(t, fields[i].Type) && s.kinds[i].kind != kindNone {
			fields[i].Type = t
		}
	}
	return &all, nil
}

// openTolerant opens a whole file so that values that do not fit become NULL.
func (s *sniffer) openTolerant(ctx context.Context, spec *catalog.ScanSpec, file catalog.FileInfo) (*reader, error) {
	opened, err := Format{}.Open(ctx, s.store, spec, catalog.Split{File: file, End: file.Size, Exact: true})
	if err != nil {
		return nil, err
	}
	r := opened.(*reader)
	r.onError = nullOnError
	return r, nil
}
