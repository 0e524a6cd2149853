package objstore

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"volley/sqlerr"
)

// ReadParts is the ReadAt of an object whose bytes come in parts: part fills the
// beginning of what it is given, which is within the object. Where it gives 0 bytes
// and no error it is called again.
func ReadParts(info Info, p []byte, off int64, part func(p []byte, off int64) (int, error)) (int, error) {
	if off < 0 {
		return 0, sqlerr.New(sqlerr.IOError, "negative offset %d in an object", off)
	}
	want := int(max(0, min(int64(len(p)), info.Size-off)))
	done := 0
	for done < want {
		n, err := part(p[done:want], off+int64(done))
		done += n
		if err != nil {
			return done, err
		}
	}
	if done < len(p) {
		return done, io.EOF
	}
	return done, nil
}

// errStalled is the cause of a request that was cancelled for want of progress.
var errStalled = errors.New("no data for too long")

// Stall cancels a context when Progress is not called for too long.
type Stall struct {
	timer *time.Timer
	limit time.Duration
	stop  context.CancelCauseFunc
}

// WithStall gives a context that ends when there is no progress for so long. Cancel
// must be called.
func WithStall(ctx context.Context, limit time.Duration) (context.Context, *Stall) {
	ctx, stop := context.WithCancelCause(ctx)
	return ctx, &Stall{time.AfterFunc(limit, func() { stop(errStalled) }), limit, stop}
}

// Progress begins the time anew.
func (s *Stall) Progress() { s.timer.Reset(s.limit) }

// Cancel ends the context and the timer.
func (s *Stall) Cancel() {
	s.timer.Stop()
	s.stop(nil)
}

// Stalled tells whether a context of WithStall has ended for want of progress.
func Stalled(ctx context.Context) bool { return context.Cause(ctx) == errStalled }

// Fill reads as many bytes as p has from an answer. Fewer are io.ErrUnexpectedEOF:
// an answer cut short is no end of the object.
func (s *Stall) Fill(body io.Reader, p []byte) (int, error) {
	n := 0
	for n < len(p) {
		m, err := body.Read(p[n:])
		if n += m; m > 0 {
			s.Progress()
		}
		if errors.Is(err, io.EOF) && n < len(p) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil && n < len(p) {
			return n, err
		}
	}
	return n, nil
}

// Passing is an error that the same call may not meet again (58030).
func Passing(format string, args ...any) *sqlerr.Error {
	e := sqlerr.New(sqlerr.IOError, format, args...)
	e.Retryable = true
	return e
}

// Changed is the error of reading a version of an object that is not there any more.
func Changed(path string) error {
	return sqlerr.New(sqlerr.DataCorrupted, "object \"%s\" changed while it was read", path)
}

// SizeOfRange is the object's size in a Content-Range, "bytes 0-0/1234"; false where
// the header does not say it.
func SizeOfRange(header string) (int64, bool) {
	_, text, _ := strings.Cut(header, "/")
	size, err := strconv.ParseInt(text, 10, 64)
	return size, err == nil && strings.HasPrefix(header, "bytes ")
}
