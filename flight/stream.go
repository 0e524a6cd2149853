package flight

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	arrowflight "github.com/apache/arrow/go/v15/arrow/flight"
	"github.com/apache/arrow/go/v15/arrow/ipc"

	"volley/sqlerr"
)

// Stream is a fetched output being read: Next gives batches until io.EOF. It is
// used by one goroutine; Close is idempotent and legal at any time.
type Stream struct {
	reader *arrowflight.Reader
	watch  *watchdog
	closed bool
	err    error
}

// newStream waits for the schema, which comes first, or for the error instead.
func newStream(get arrowflight.FlightService_DoGetClient, watch *watchdog) (s *Stream, err error) {
	defer func() {
		if err != nil {
			watch.close()
		}
	}()
	defer recovered(&err, "could not decode a schema")
	r, err := arrowflight.NewRecordReader(unsealer{get, watch}, ipc.WithDelayReadSchema(false))
	if err != nil {
		return nil, streamError(err)
	}
	return &Stream{reader: r, watch: watch}, nil
}

// streamError gives every error of a stream a kind: one of the IPC library's
// own is about bytes it could not read.
func streamError(err error) error {
	if e := (*sqlerr.Error)(nil); errors.As(err, &e) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	e := sqlerr.Wrap(err, sqlerr.DataCorrupted, "could not decode a batch")
	e.Retryable = true
	return e
}

// Schema is that of the batches.
func (s *Stream) Schema() *arrow.Schema { return s.reader.Schema() }

// Next gives the next batch, or io.EOF.
func (s *Stream) Next(ctx context.Context) (rec arrow.Record, err error) {
	if s.err != nil {
		return nil, s.err
	}
	if s.closed {
		return nil, sqlerr.New(sqlerr.ConnectionFailure, "the stream is closed")
	}
	defer func() { s.err = err }()
	defer recovered(&err, "could not decode a batch")
	unwatch := context.AfterFunc(ctx, func() { s.watch.cancel(nil) })
	defer unwatch()
	for {
		rec, err := s.reader.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		case err != nil:
			return nil, streamError(err)
		case rec.NumRows() > 0:
			// the reader releases its record at the next Read
			rec.Retain()
			return rec, nil
		}
	}
}

// Close ends the stream on both sides.
func (s *Stream) Close() error {
	s.closed = true
	s.watch.close()
	return nil
}
