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

// readFile fills p with the bytes of an entry from off, both relative to the object.
// Of blocks that p has in part the rest is read too, for their checksums.
func readFile(f *os.File, id objectID, e *entry, p []byte, off int64) error {
	h := make([]byte, headerLen)
	if err := readWhole(f, h, 0); err != nil {
		return err
	}
	if string(h) != string(header(id, e.off, e.len)) {
		return fmt.Errorf("%w: its header is another one's", errTorn)
	}
	from := off - e.off // relative to the entry
	to := from + int64(len(p))
	first, last := from/blockLen, (to-1)/blockLen
	sums := make([]byte, 4*(last-first+1))
	if err := readWhole(f, sums, int64(headerLen)+4*first); err != nil {
		return err
	}
	data := int64(headerLen) + 4*blocksOf(e.len)
	head := make([]byte, from-first*blockLen)
	tail := make([]byte, min((last+1)*blockLen, e.len)-to)
	for _, part := range []struct {
		bytes []byte
		at    int64
	}{{head, first * blockLen}, {p, from}, {tail, to}} {
		if err := readWhole(f, part.bytes, data+part.at); err != nil {
			return err
		}
	}
	start := seed(h)
	for b := first; b <= last; b++ {
		sum := start
		if b == first {
			sum = crc32.Update(sum, castagnoli, head)
		}
		sum = crc32.Update(sum, castagnoli, p[max(b*blockLen, from)-from:min((b+1)*blockLen, to)-from])
		if b == last {
			sum = crc32.Update(sum, castagnoli, tail)
		}
		if sum != binary.LittleEndian.Uint32(sums[4*(b-first):]) {
			return fmt.Errorf("%w: block %d does not match its checksum", errTorn, b)
		}
	}
	return nil
}

// readWhole is ReadAt for which the file's end is damage.
func readWhole(f *os.File, p []byte, off int64) error {
	if len(p) == 0 {
		return nil
	}
	if _, err := f.ReadAt(p, off); errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it ends too early", errTorn)
	} else if err != nil {
		return err
	}
	return nil
}
