package csv

import (
	"context"
	"errors"
	"io"
	"math"

	"volley/catalog"
	"volley/catalog/objstore"
)

var _ catalog.RowLocator = (*reader)(nil)

// Line gives the line on which a row of the last batch begins. It reads the
// records of the batch again, and counts the lines before: only failures ask.
func (r *reader) Line(ctx context.Context, row int) (int64, error) {
	if row < len(r.rejects.records) {
		return r.lineAt(ctx, r.rejects.records[row])
	}
	if r.late != nil && row < len(r.late.kept) {
		row = int(r.late.kept[row])
	}
	offset, err := r.rowOffset(ctx, row)
	if err != nil {
		return 0, err
	}
	return r.lineAt(ctx, offset)
}

var _ catalog.LineFinder = Format{}

// Lines counts the newlines before each offset, in one pass.
func (Format) Lines(ctx context.Context, store objstore.Store, spec *catalog.ScanSpec, file catalog.FileInfo, offsets []int64) ([]int64, error) {
	o, err := parseOptions(spec.Options)
	if err != nil {
		return nil, err
	}
	src, err := openSource(ctx, store, o, file, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.close() }()
	buf := make([]byte, blockBytes)
	lines := make([]int64, len(offsets))
	line, at, after := int64(1), int64(0), false
	for i, want := range offsets {
		for at < want {
			n, err := src.read(ctx, buf[:min(want-at, blockBytes)])
			at += int64(n)
			var more int64
			more, after = o.countNewlines(buf[:n], after)
			line += more
			if err != nil && (!errors.Is(err, io.EOF) || at < want) {
				return nil, err
			}
		}
		lines[i] = line
	}
	return lines, nil
}

// rowOffset is the offset of the first field of a row of the last batch.
func (r *reader) rowOffset(ctx context.Context, row int) (int64, error) {
	at := r.from
	if r.layout.whole {
		at = 0 // a compressed file is read from its start only
	}
	src, err := openSource(ctx, r.store, r.options, r.split.File, at)
	if err != nil {
		return 0, err
	}
	defer func() { _ = src.close() }()
	f := rowFinder{
		window: newWindow(src, at), options: r.options, columns: r.columns,
		need: []int{0}, spans: [][]span{make([]span, 1)},
	}
	for f.offset() < r.from {
		if err := f.fill(ctx, blockBytes); err != nil {
			return 0, err
		}
		if f.lim == 0 {
			return 0, io.ErrUnexpectedEOF
		}
		f.pos = int(min(int64(f.lim), r.from-f.base))
	}
	for found := 0; found <= row; {
		n, _ := f.find(1, math.MaxInt64)
		found += n
		if n > 0 {
			continue
		}
		if f.fault != nil || f.eof {
			return 0, io.ErrUnexpectedEOF
		}
		if err := f.fill(ctx, blockBytes); err != nil {
			return 0, err
		}
	}
	return f.base + int64(f.spans[0][0].beg&^quotedBit), nil
}
