package csv

import (
	"context"
	"errors"
	"io"
	"math"

	"volley/catalog"
	"volley/sqlerr"
)

// fault is a record or value that cannot be read; the reader makes its place
// in the file known.
type fault struct {
	offset int64 // in the file, of the record or value
	column string
	err    error
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

// errMisguided ends a split whose speculative start has turned out wrong: its
// Bounds tell that it does not count.
var errMisguided = errors.New("speculation failed")

func (r *reader) valueFault(s span, schemaOrdinal int, err error) *fault {
	return &fault{
		offset: r.base + int64(s.beg&^quotedBit),
		column: r.spec.Schema.Field(schemaOrdinal).Name,
		err:    err,
	}
}

// judge turns what stopped the reader into what Next gives. A fault found after
// a speculative start counts only if the start is right.
func (r *reader) judge(ctx context.Context, err error) error {
	f := (*fault)(nil)
	if errors.As(err, &f) && r.guessed {
		if e := r.confirmStart(ctx); e != nil {
			err = e
		}
	}
	switch {
	case errors.Is(err, errMisguided):
		r.last = -1
		return io.EOF
	case errors.As(err, &f):
		return r.located(ctx, f)
	}
	return err
}

// confirmStart reads the file from its beginning to see whether the first
// record of this split starts where speculation said. It gives nil,
// errMisguided, or the error that a serial read meets before.
func (r *reader) confirmStart(ctx context.Context) error {
	before := *r.spec
	before.Projection, before.Limit = nil, 0
	split := catalog.Split{File: r.split.File, End: r.split.Start, Exact: true}
	p, err := Format{}.Open(ctx, r.store, &before, split)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	for err == nil {
		_, err = p.Next(ctx)
	}
	switch {
	case !errors.Is(err, io.EOF):
		return err
	case p.Bounds().End != r.first:
		return errMisguided
	}
	r.guessed = false
	return nil
}

// excuse lets reading go on after a bad record, where that is wanted.
func (r *reader) excuse(ctx context.Context, row int) (rows int, err error) {
	if r.fault == nil {
		return 0, nil
	}
	if !r.tolerant() || !excusable(r.fault.err) {
		return 0, r.fault
	}
	return r.tolerate(ctx, row)
}

// located gives a fault its place. Lines are counted now: no reader that meets
// no fault has to know its line.
func (r *reader) located(ctx context.Context, f *fault) error {
	e := *sqlerr.Find(f.err)
	e.Cause = f.err
	e.File, e.Byte, e.Column = r.split.File.Path, f.offset+1, f.column
	if line, err := r.lineAt(ctx, f.offset); err == nil {
		e.Line = line
	}
	if e.Hint == "" && f.column != "" && !r.declared {
		e.Hint = "the column's type was inferred from a sample of the file; declare it, or use sample_size = -1 or all_varchar = true"
	}
	return &e
}

// lineAt is the number of the line that holds the byte at offset.
func (r *reader) lineAt(ctx context.Context, offset int64) (int64, error) {
	src, err := openSource(ctx, r.store, r.options, r.split.File, 0)
	if err != nil {
		return 0, err
	}
	defer func() { _ = src.close() }()
	buf := make([]byte, blockBytes)
	line, after := int64(1), false
	for offset > 0 {
		n, err := src.read(ctx, buf[:min(offset, blockBytes)])
		if err != nil && (!errors.Is(err, io.EOF) || int64(n) < offset) {
			return 0, err
		}
		var more int64
		more, after = r.countNewlines(buf[:n], after)
		line += more
		offset -= int64(n)
	}
	return line, nil
}

// refill is window.fill, but for the record that seems too long because the
// speculative start was wrong.
func (r *reader) refill(ctx context.Context) error {
	err := r.fill(ctx, r.fillBytes())
	if !errors.Is(err, errRecordTooLong) {
		return err
	}
	if r.guessed {
		if err := r.confirmStart(ctx); err != nil {
			return err
		}
		r.limit = maxRecord
		return r.refill(ctx)
	}
	return &fault{offset: r.offset(), err: sqlerr.New(sqlerr.ProgramLimitExceeded,
		"record is longer than %d bytes", min(r.limit, math.MaxInt32))}
}
