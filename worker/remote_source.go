package worker

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/flight"
	"volley/planner/physical"
	"volley/sqlerr"
)

// A broken stream is taken up again after these pauses, for as long as refetchFor
// in all. Whoever does not answer then is not worth waiting for: its outputs are
// made again.
var refetchPauses = []time.Duration{20 * time.Millisecond, 80 * time.Millisecond, 320 * time.Millisecond}

const refetchFor = 2 * time.Second

// remoteSource is an output being read from another process. An output never
// changes, so a stream that breaks off is continued by another one that begins
// after the batches already read: a connection may be reset any number of times
// as long as every one of them brings something.
type remoteSource struct {
	pool      *flight.Pool
	src       physical.Source
	partition int
	life      context.Context // of the streams
	stream    *flight.Stream
	batches   int       // read so far
	asked     time.Time // when the batch that is waited for was asked for
}

// fetch opens an output. Its error is a LostSource, or that of ctx.
func (r *Remote) fetch(ctx context.Context, src physical.Source, partition int) (*remoteSource, error) {
	s := &remoteSource{pool: r.Pool, src: src, partition: partition, life: ctx, asked: time.Now()}
	var err error
	if s.stream, err = r.Pool.Fetch(ctx, src.Address, src.Task, partition, 0); err != nil {
		if err = s.resume(ctx, err); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Schema is that of the batches.
func (s *remoteSource) Schema() *arrow.Schema { return s.stream.Schema() }

// Next gives the next batch, io.EOF, or a LostSource.
func (s *remoteSource) Next(ctx context.Context) (arrow.Record, error) {
	s.asked = time.Now()
	for {
		rec, err := s.stream.Next(ctx)
		if err == nil {
			s.batches++
			return rec, nil
		}
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		if err := s.resume(ctx, err); err != nil {
			return nil, err
		}
	}
}

// resume opens the stream again after err, if that is a fault of the way and not
// of the output.
func (s *remoteSource) resume(ctx context.Context, err error) error {
	for _, pause := range refetchPauses {
		if !sqlerr.Find(err).Retryable || time.Since(s.asked)+pause > refetchFor || ctx.Err() != nil {
			break
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		var next *flight.Stream
		if next, err = s.pool.Fetch(s.life, s.src.Address, s.src.Task, s.partition, s.batches); err == nil {
			if s.stream != nil {
				s.stream.Close()
			}
			s.stream = next
			return nil
		}
	}
	return lost(ctx, s.src, err)
}

// Close ends the stream.
func (s *remoteSource) Close() error { return s.stream.Close() }
