package spill

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/zeebo/xxh3"

	"volley/sqlerr"
)

// Pages is a file of records that are read in any order, also while others are
// still being written. Each is a block as in other files, though of any length:
// an Arrow IPC stream of one record.
type Pages struct {
	schema *arrow.Schema
	file   *os.File
	ends   []int64 // by page
	buf    bytes.Buffer
}

// CreatePages makes an empty file for records of schema.
func (d *Dir) CreatePages(schema *arrow.Schema) (*Pages, error) {
	f, err := d.create("pages-*.arrow")
	if err != nil {
		return nil, err
	}
	return &Pages{schema: schema, file: f}, nil
}

// Append writes a record, whose number is that of the records before it.
func (p *Pages) Append(rec arrow.Record) error {
	p.buf.Reset()
	p.buf.Write(make([]byte, headerBytes))
	w := ipc.NewWriter(&p.buf, ipc.WithSchema(p.schema), ipc.WithLZ4())
	if err := errors.Join(w.Write(rec), w.Close()); err != nil {
		return fileError(err)
	}
	block := p.buf.Bytes()
	binary.LittleEndian.PutUint32(block, uint32(len(block)-headerBytes))
	binary.LittleEndian.PutUint64(block[4:], xxh3.Hash(block[headerBytes:]))
	if _, err := p.file.Write(block); err != nil {
		return fileError(err)
	}
	p.ends = append(p.ends, p.Bytes()+int64(len(block)))
	return nil
}

// Bytes is the size of the file.
func (p *Pages) Bytes() int64 {
	if len(p.ends) == 0 {
		return 0
	}
	return p.ends[len(p.ends)-1]
}

// Page reads record i.
func (p *Pages) Page(i int) (rec arrow.Record, err error) {
	defer func() {
		if v := recover(); v != nil { // the decoder panics on what it cannot read
			rec, err = nil, p.readError(errors.New(fmt.Sprint(v)))
		}
	}()
	begin := int64(0)
	if i > 0 {
		begin = p.ends[i-1]
	}
	block := make([]byte, p.ends[i]-begin)
	if _, err := p.file.ReadAt(block, begin); err != nil {
		return nil, p.readError(err)
	}
	body := block[headerBytes:]
	if int(binary.LittleEndian.Uint32(block)) != len(body) || xxh3.Hash(body) != binary.LittleEndian.Uint64(block[4:]) {
		return nil, p.readError(errors.New("a block does not match its checksum"))
	}
	r, err := ipc.NewReader(bytes.NewReader(body))
	if err == nil {
		rec, err = r.Read()
	}
	if err != nil {
		return nil, p.readError(err)
	}
	return rec, nil
}

func (p *Pages) readError(err error) error {
	return sqlerr.Wrap(err, sqlerr.DataCorrupted, "could not read spill file %s", p.file.Name())
}

// Close removes the file. It is idempotent.
func (p *Pages) Close() error {
	if p.file == nil {
		return nil
	}
	f := p.file
	p.file = nil
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
