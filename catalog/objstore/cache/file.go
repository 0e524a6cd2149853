package cache

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/zeebo/xxh3"
)

// An entry's file:
//
//	magic "VLYRANG2"   8 bytes
//	object id         16
//	offset             8, little endian
//	length             8
//	XXH3               8 of each block of the bytes, seeded by the header, in order
//	bytes
//
// Blocks begin at multiples of their length in the object, so that readers who go by such
// multiples read whole ones, wherever ranges begin and end: the first and the last block of
// a range may be shorter.
const (
	magic      = "VLYRANG2"
	headerLen  = len(magic) + len(objectID{}) + 8 + 8
	blockLen   = 64 << 10
	sumLen     = 8
	maxWritten = 1 << 30 // longer ranges are not kept
)

// errTorn is a file that is not what was written.
var errTorn = errors.New("entry is damaged")

// blocksOf is how many blocks the range of n bytes from off on has.
func blocksOf(off, n int64) int64 { return (off+n+blockLen-1)/blockLen - off/blockLen }

// fileLen is how many bytes its file has.
func fileLen(off, n int64) int64 { return int64(headerLen) + sumLen*blocksOf(off, n) + n }

func header(id objectID, off, n int64) []byte {
	h := make([]byte, 0, headerLen)
	h = append(h, magic...)
	h = append(h, id[:]...)
	h = binary.LittleEndian.AppendUint64(h, uint64(off))
	return binary.LittleEndian.AppendUint64(h, uint64(n))
}

// seed is that of the checksums of a file's blocks, so that blocks of another range do not
// match.
func seed(h []byte) uint64 { return xxh3.Hash(h[:headerLen]) }

// blockAt is the length of the block that begins at off, or is the rest of one, of which no
// more than n bytes are there.
func blockAt(off, n int64) int64 { return min(blockLen-off%blockLen, n) }

// writeFile writes a range under a name that is none of an entry.
func writeFile(name string, id objectID, off int64, data []byte) error {
	h := slices.Grow(header(id, off, int64(len(data))), int(sumLen*blocksOf(off, int64(len(data)))))
	by := seed(h)
	for rest := data; len(rest) > 0; {
		n := blockAt(off, int64(len(rest)))
		h = binary.LittleEndian.AppendUint64(h, xxh3.HashSeed(rest[:n], by))
		rest, off = rest[n:], off+n
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
	seed  uint64 // of checksums
	sums  []byte
	data  int64 // where the bytes begin
	// block is the one of which a part was read last; it begins at kept, an offset of the
	// object.
	block []byte
	kept  int64
}

// openEntry opens the file of an entry.
func openEntry(name string, e *entry) (*entryFile, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	head := make([]byte, fileLen(e.off, e.len)-e.len)
	err = readWhole(f, head, 0)
	if err == nil && string(head[:headerLen]) != string(header(e.object.id, e.off, e.len)) {
		err = fmt.Errorf("%w: its header is another one's", errTorn)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &entryFile{File: f, entry: e, seed: seed(head), sums: head[headerLen:], data: int64(len(head))}, nil
}

// readRange fills p with the bytes of an entry from off, an offset of the object. Of
// a block that p has in part the rest is read too, for its checksum, and kept for who
// reads on.
func (f *entryFile) readRange(p []byte, off int64) error {
	for len(p) > 0 {
		n := int64(0)
		switch whole := f.wholeBlocks(off, int64(len(p))); {
		case f.kept <= off && off < f.kept+int64(len(f.block)):
			n = int64(copy(p, f.block[off-f.kept:]))
		case whole > 0:
			n = whole
			if err := f.readBlocks(p[:n], off); err != nil {
				return err
			}
		default:
			if err := f.keep(off); err != nil {
				return err
			}
		}
		p, off = p[n:], off+n
	}
	return nil
}

// begin is where the entry's block with the byte at off begins.
func (f *entryFile) begin(off int64) int64 { return max(off-off%blockLen, f.entry.off) }

// wholeBlocks is how many of n bytes from off on are whole blocks.
func (f *entryFile) wholeBlocks(off, n int64) int64 {
	switch {
	case off != f.begin(off):
		return 0
	case off+n == f.entry.end():
		return n
	}
	return max(0, n-(off+n)%blockLen)
}

// readBlocks fills p with whole blocks from off on.
func (f *entryFile) readBlocks(p []byte, off int64) error {
	if err := readWhole(f.File, p, f.data+off-f.entry.off); err != nil {
		return err
	}
	for i := off/blockLen - f.entry.off/blockLen; len(p) > 0; i++ {
		n := blockAt(off, int64(len(p)))
		if xxh3.HashSeed(p[:n], f.seed) != binary.LittleEndian.Uint64(f.sums[sumLen*i:]) {
			return fmt.Errorf("%w: block %d does not match its checksum", errTorn, i)
		}
		p, off = p[n:], off+n
	}
	return nil
}

// keep reads the block with the byte at off and keeps it.
func (f *entryFile) keep(off int64) error {
	begin := f.begin(off)
	n := blockAt(begin, f.entry.end()-begin)
	if f.block == nil {
		f.block = make([]byte, 0, min(blockLen, f.entry.len))
	}
	f.block, f.kept = f.block[:n], begin
	err := f.readBlocks(f.block, begin)
	if err != nil {
		f.block = f.block[:0]
	}
	return err
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
