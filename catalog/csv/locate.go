package csv

import (
	"context"
	"io"
	"math"

	"volley/catalog"
)

var _ catalog.RowLocator = (*reader)(nil)

// Line gives the line on which a row of the last batch begins. It reads the
// records of the batch again, and counts the lines before: only failures ask.
func (r *reader) Line(ctx context.Context, row int) (int64, error) {
	offset, err := r.rowOffset(ctx, row)
	if err != nil {
		return 0, err
	}
	return r.lineAt(ctx, offset)
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
