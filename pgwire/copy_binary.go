package pgwire

import (
	"context"
	"encoding/binary"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/jackc/pgproto3/v2"

	"volley/sqlerr"
)

// BinaryResult is a Result that may be of COPY … TO STDOUT (FORMAT binary): its
// records are then the rows themselves, not chunks of data.
type BinaryResult interface{ CopyBinary() bool }

// BinaryCopyIn is a CopyIn that may take rows instead of data. BinaryTypes are
// the columns' types for COPY … FROM STDIN (FORMAT binary), nil otherwise.
type BinaryCopyIn interface {
	BinaryTypes() []arrow.DataType
	WriteRows(rec arrow.Record) error
}

// The format (PostgreSQL documentation, COPY, "Binary Format"):
//
//	PGCOPY\n\377\r\n\0  flags (4 bytes)  length of the extension (4 bytes)
//	a row: number of fields (2 bytes), each its length (4 bytes, −1: NULL) and bytes
//	−1 (2 bytes)
const copySignature = "PGCOPY\n\xff\r\n\x00"

// copyOutBinary sends rows in the binary format, some of them a message.
func (c *conn) copyOutBinary(ctx context.Context, res Result) error {
	enc, err := newRowEncoder(res.Schema(), []int16{1}, c.session.Text())
	if err != nil {
		return err
	}
	codes := make([]uint16, res.CopyOut())
	for i := range codes {
		codes[i] = 1
	}
	c.send(&pgproto3.CopyOutResponse{OverallFormat: 1, ColumnFormatCodes: codes})
	data := append([]byte(copySignature), make([]byte, 8)...)
	for {
		rec, err := res.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		for row := range int(rec.NumRows()) {
			at := len(data)
			if data, err = enc.appendRow(data, rec, row); err != nil {
				return err
			}
			data = append(data[:at], data[at+5:]...) // without the message's head
			if len(data) >= flushBytes {
				c.send(&pgproto3.CopyData{Data: data})
				data = nil
				if err := c.flushFull(ctx); err != nil {
					return err
				}
			}
		}
	}
	c.send(&pgproto3.CopyData{Data: append(data, 0xff, 0xff)})
	c.send(&pgproto3.CopyDone{})
	c.complete(res)
	return nil
}

// binaryRows reads rows in the binary format. The data comes in pieces of any
// size.
type binaryRows struct {
	in       BinaryCopyIn
	types    []arrow.DataType
	builders []array.Builder
	schema   *arrow.Schema
	buf      []byte
	begun    bool // the head has been read
	ended    bool
	rows     int
}

// binaryBatch is how many rows are handed on at once.
const binaryBatch = 8192

func newBinaryRows(in BinaryCopyIn) *binaryRows {
	r := &binaryRows{in: in, types: in.BinaryTypes()}
	fields := make([]arrow.Field, len(r.types))
	for i, t := range r.types {
		fields[i] = arrow.Field{Type: t, Nullable: true}
		r.builders = append(r.builders, array.NewBuilder(memory.DefaultAllocator, t))
	}
	r.schema = arrow.NewSchema(fields, nil)
	return r
}

// feed takes the next piece.
func (r *binaryRows) feed(p []byte) error {
	r.buf = append(r.buf, p...)
	if !r.begun {
		n := len(copySignature)
		if len(r.buf) < n+8 {
			return nil
		}
		if string(r.buf[:n]) != copySignature {
			return sqlerr.New(sqlerr.BadCopyFileFormat, "COPY file signature not recognized")
		}
		extension := int(binary.BigEndian.Uint32(r.buf[n+4:]))
		if extension < 0 || extension > 1<<20 {
			return sqlerr.New(sqlerr.BadCopyFileFormat, "invalid COPY file header (wrong length)")
		}
		if len(r.buf) < n+8+extension {
			return nil
		}
		r.buf, r.begun = r.buf[n+8+extension:], true
	}
	at := 0
	for !r.ended {
		n, err := r.row(r.buf[at:])
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		at += n
	}
	r.buf = append(r.buf[:0], r.buf[at:]...)
	return nil
}

// row reads a row and gives its length, 0 when there is no whole one.
func (r *binaryRows) row(b []byte) (int, error) {
	if len(b) < 2 {
		return 0, nil
	}
	count := int16(binary.BigEndian.Uint16(b))
	if count == -1 {
		r.ended = true
		return 2, nil
	}
	if int(count) != len(r.types) {
		return 0, sqlerr.New(sqlerr.BadCopyFileFormat, "row field count is %d, expected %d", count, len(r.types))
	}
	at := 2
	for range r.types {
		if len(b) < at+4 {
			return 0, nil
		}
		size := int32(binary.BigEndian.Uint32(b[at:]))
		if at += 4; size > 0 {
			at += int(size)
		}
		if size < -1 {
			return 0, sqlerr.New(sqlerr.BadCopyFileFormat, "invalid field size")
		}
	}
	if len(b) < at {
		return 0, nil
	}
	end := at
	at = 2
	for i, t := range r.types {
		size := int32(binary.BigEndian.Uint32(b[at:]))
		if at += 4; size == -1 {
			r.builders[i].AppendNull()
			continue
		}
		if err := decodeBinary(r.builders[i], t, b[at:at+int(size)]); err != nil {
			return 0, err
		}
		at += int(size)
	}
	if r.rows++; r.rows == binaryBatch {
		return end, r.flush()
	}
	return end, nil
}

// flush hands on the rows read.
func (r *binaryRows) flush() error {
	cols := make([]arrow.Array, len(r.builders))
	for i, b := range r.builders {
		cols[i] = b.NewArray()
	}
	rec := array.NewRecord(r.schema, cols, int64(r.rows))
	r.rows = 0
	return r.in.WriteRows(rec)
}

// end tells that there is no more data.
func (r *binaryRows) end() error {
	if len(r.buf) > 0 || !r.begun {
		return sqlerr.New(sqlerr.BadCopyFileFormat, "unexpected EOF in COPY data")
	}
	return r.flush()
}

// cursorColumns sends what a DECLAREd cursor gives: cursors are portals too.
func (c *conn) cursorColumns(name string) bool {
	s, ok := c.session.(interface {
		CursorSchema(name string) (*arrow.Schema, bool)
	})
	if !ok {
		return false
	}
	schema, ok := s.CursorSchema(name)
	if ok {
		c.send(rowDescription(schema, nil))
	}
	return ok
}
