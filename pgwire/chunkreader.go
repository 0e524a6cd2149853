package pgwire

import (
	"bufio"
	"io"
	"slices"

	"volley/sqlerr"
)

const (
	maxStartupBytes = 10_000   // MAX_STARTUP_PACKET_LENGTH of PostgreSQL
	maxMessageBytes = 64 << 20 // any other message
	growBytes       = 1 << 20  // how far the client's word about a length is trusted
)

// chunkReader gives pgproto3 the bytes it asks for and refuses lengths that no
// honest client sends. A long message's buffer grows only as its bytes really
// arrive, so that a header alone cannot make the server allocate.
type chunkReader struct {
	r       *bufio.Reader
	limit   int
	partial []byte // what there is of a chunk whose reading was interrupted
}

func newChunkReader(r io.Reader) *chunkReader {
	return &chunkReader{r: bufio.NewReaderSize(r, 16<<10), limit: maxStartupBytes}
}

// Next gives the next n bytes in a buffer of their own. After an error, such as a
// deadline's, the next call must be for as many, and goes on where this one stopped.
func (c *chunkReader) Next(n int) ([]byte, error) {
	if n < 0 || n > c.limit {
		return nil, sqlerr.New(sqlerr.ProtocolViolation, "invalid message length %d (at most %d)", n, c.limit)
	}
	buf := c.partial
	c.partial = nil
	if buf == nil {
		buf = make([]byte, 0, min(n, growBytes))
	}
	for len(buf) < n {
		have := len(buf)
		buf = slices.Grow(buf, min(n-have, max(have, growBytes)))
		read, err := io.ReadFull(c.r, buf[have:min(n, cap(buf))])
		buf = buf[:have+read]
		if err != nil {
			c.partial = buf
			return nil, err
		}
	}
	return buf, nil
}
