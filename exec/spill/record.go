package spill

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/zeebo/xxh3"

	"volley/exec/kernel"
	"volley/sqlerr"
)

// Encode appends a record as an Arrow IPC stream of its own, compressed with LZ4.
func Encode(b *bytes.Buffer, rec arrow.Record) (err error) {
	defer func() {
		if p := recover(); p != nil { // as of the IPC writer for arrays that are not whole
			err = sqlerr.New(sqlerr.InternalError, "could not encode rows: %s", fmt.Sprint(p))
		}
	}()
	w := ipc.NewWriter(b, ipc.WithSchema(rec.Schema()), ipc.WithLZ4())
	if err := errors.Join(w.Write(kernel.Writable(rec)), w.Close()); err != nil {
		return sqlerr.Wrap(err, sqlerr.InternalError, "could not encode rows")
	}
	return nil
}

// Decode reads what Encode wrote, whose xxh3 is sum: that comes first, since the IPC
// reader panics on some corrupt input. The error says what is wrong, not where.
func Decode(b []byte, sum uint64) (rec arrow.Record, err error) {
	if xxh3.Hash(b) != sum {
		return nil, errors.New("its checksum is wrong")
	}
	defer func() {
		if p := recover(); p != nil {
			err = errors.New(fmt.Sprint(p))
		}
	}()
	r, err := ipc.NewReader(bytes.NewReader(b), ipc.WithDelayReadSchema(false))
	if err != nil {
		return nil, err
	}
	rec, err = r.Read()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return rec, err
}
