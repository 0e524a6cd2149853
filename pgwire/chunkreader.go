package pgwire

import (
	"bufio"
	"io"

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
	r     *bufio.Reader
	limit int
}

func newChunkReader(r io.Reader) *chunkReader {
	return &chunkReader{r: bufio.NewReaderSize(r, 16<<10), limit: maxStartupBytes}
}

// Next gives the next n bytes in a buffer of their own.
func (c *chunkReader) Next(n int) ([]byte, error) {
	if n < 0 || n > c.limit {
		return nil, sqlerr.New(sqlerr.ProtocolViolation, "invalid message length %d (at most %d)", n, c.limit)
	}
	buf := make([]byte, min(n, growBytes))
	if _, err := io.ReadFull(c.r, buf); err != nil {
		return nil, err
	}
	for len(buf) < n {
		have := len(buf)
		buf = append(buf, make([]byte, min(n-have, max(have, growBytes)))...)
		if _, err := io.ReadFull(c.r, buf[have:]); err != nil {
			return nil, err
		}
	}
	return buf, nil
}
