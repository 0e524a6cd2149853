package cache

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
)

// An entry's file:
//
//	magic "VLYRANGE"   8 bytes
//	object id         16
//	offset             8, little endian
//	length             8
//	CRC-32C            4 of each block of the bytes and the header before, in order
//	bytes
const (
	magic      = "VLYRANGE"
	headerLen  = len(magic) + len(objectID{}) + 8 + 8
	blockLen   = 64 << 10
	maxWritten = 1 << 30 // longer ranges are not kept
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errTorn is a file that is not what was written.
var errTorn = errors.New("entry is damaged")

func blocksOf(n int64) int64 { return (n + blockLen - 1) / blockLen }

// fileLen is how many bytes the file of a range of n bytes has.
func fileLen(n int64) int64 { return int64(headerLen) + 4*blocksOf(n) + n }

func header(id objectID, off, n int64) []byte {
	h := make([]byte, 0, headerLen)
	h = append(h, magic...)
	h = append(h, id[:]...)
	h = binary.LittleEndian.AppendUint64(h, uint64(off))
	return binary.LittleEndian.AppendUint64(h, uint64(n))
}

// seed is what checksums of a file's blocks begin with, so that blocks of another
// range do not match.
func seed(h []byte) uint32 { return crc32.Checksum(h[:headerLen], castagnoli) }

// writeFile writes a range under a name that is none of an entry.
func writeFile(name string, id objectID, off int64, data []byte) error {
	h := slices.Grow(header(id, off, int64(len(data))), int(4*blocksOf(int64(len(data)))))
	first := seed(h)
	for rest := data; len(rest) > 0; {
		block := rest[:min(len(rest), blockLen)]
		h = binary.LittleEndian.AppendUint32(h, crc32.Update(first, castagnoli, block))
		rest = rest[len(block):]
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(h)
	if err == nil {
		_, err = f.Write(data)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// entryFile is the open file of an entry, whose header and checksums have been read.
type entryFile struct {
	*os.File
	entry *entry
	first uint32 // what checksums begin with
	sums  []byte
	data  int64 // where the bytes begin
	// block is the one of which a part was read last, the one with the number kept.
	block []byte
	kept  int64
}

// openEntry opens the file of an entry.
func openEntry(name string, e *entry) (*entryFile, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	head := make([]byte, fileLen(e.len)-e.len)
	err = readWhole(f, head, 0)
	if err == nil && string(head[:headerLen]) != string(header(e.object.id, e.off, e.len)) {
		err = fmt.Errorf("%w: its header is another one's", errTorn)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &entryFile{File: f, entry: e, first: seed(head), sums: head[headerLen:], data: int64(len(head))}, nil
}

// readRange fills p with the bytes of an entry from off, an offset of the object. Of
// a block that p has in part the rest is read too, for its checksum, and kept for who
// reads on.
func (f *entryFile) readRange(p []byte, off int64) error {
	for at := off - f.entry.off; len(p) > 0; {
		b := at / blockLen
		n := int64(0)
		switch whole := f.wholeBlocks(at, int64(len(p))); {
		case f.block != nil && f.kept == b:
			n = int64(copy(p, f.block[at-b*blockLen:]))
		case whole > 0:
			n = whole
			if err := f.readBlocks(p[:n], b); err != nil {
				return err
			}
		default:
			if err := f.keep(b); err != nil {
				return err
			}
		}
		p, at = p[n:], at+n
	}
	return nil
}

// wholeBlocks is how many of n bytes from at on are whole blocks.
func (f *entryFile) wholeBlocks(at, n int64) int64 {
	switch {
	case at%blockLen != 0:
		return 0
	case at+n == f.entry.len:
		return n
	}
	return n - n%blockLen
}

// readBlocks fills p with whole blocks, of which b is the first.
func (f *entryFile) readBlocks(p []byte, b int64) error {
	if err := readWhole(f.File, p, f.data+b*blockLen); err != nil {
		return err
	}
	for ; len(p) > 0; b++ {
		n := min(len(p), blockLen)
		if crc32.Update(f.first, castagnoli, p[:n]) != binary.LittleEndian.Uint32(f.sums[4*b:]) {
			return fmt.Errorf("%w: block %d does not match its checksum", errTorn, b)
		}
		p = p[n:]
	}
	return nil
}

// keep reads a block and keeps it.
func (f *entryFile) keep(b int64) error {
	n := min(blockLen, f.entry.len-b*blockLen)
	if f.block == nil {
		f.block = make([]byte, 0, min(blockLen, f.entry.len))
	}
	f.block, f.kept = f.block[:n], b
	return f.readBlocks(f.block, b)
}

// readWhole is ReadAt for which the file's end is damage.
func readWhole(f *os.File, p []byte, off int64) error {
	if _, err := f.ReadAt(p, off); errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it ends too early", errTorn)
	} else if err != nil {
		return err
	}
	return nil
}
