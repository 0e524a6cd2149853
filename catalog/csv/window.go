package csv

import (
	"context"
	"errors"
	"io"

	"volley/catalog"
)

const (
	blockBytes = 256 << 10
	// pad bytes after the data let loads of a block begin at any byte of it.
	pad = blockLen
	// maxRecord bounds one record, and so what an unclosed quote can make a
	// reader hold in memory. Positions in a window fit in 31 bits.
	maxRecord = 256 << 20
)

var errRecordTooLong = errors.New("record is longer than the limit")

// window is the part of a file that is in memory: buf[:lim] holds the bytes
// from offset base on, of which those before pos are done with.
type window struct {
	src      source
	buf      []byte
	pos, lim int
	base     int64
	eof      bool // nothing follows buf[:lim]
	limit    int  // of one record
	held     catalog.Held
}

func newWindow(src source, base int64) window {
	return window{src: src, base: base, limit: maxRecord}
}

// offset is the file offset of pos.
func (w *window) offset() int64 { return w.base + int64(w.pos) }

// fill drops what is before pos and reads about want more bytes; spans into buf
// become invalid. At the end of the file it sets eof.
func (w *window) fill(ctx context.Context, want int) error {
	if w.eof {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	rest := w.lim - w.pos
	if rest > w.limit {
		return errRecordTooLong
	}
	want = max(want, rest) // doubling keeps a long record's re-reading linear
	if need := rest + want + pad; need > len(w.buf) {
		if err := w.held.Grow(ctx, int64(need+need/8)); err != nil {
			return err
		}
		grown := make([]byte, need+need/8)
		copy(grown, w.buf[w.pos:w.lim])
		w.buf = grown
	} else {
		copy(w.buf, w.buf[w.pos:w.lim])
	}
	w.base += int64(w.pos)
	w.pos, w.lim = 0, rest
	n, err := w.src.read(ctx, w.buf[rest:rest+want])
	w.lim += n
	if errors.Is(err, io.EOF) {
		w.eof = true
		return nil
	}
	return err
}
