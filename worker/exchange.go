package worker

import (
	"context"
	"errors"
	"io"

	"volley/exec"
	"volley/flight"
	"volley/planner/physical"
	"volley/sqlerr"
)

// exchange opens the inputs of a worker's tasks: its own outputs directly, all
// others by Config.Remote.
type exchange struct{ w *Worker }

func (x exchange) Open(ctx context.Context, src physical.Source, partition int) (exec.Operator, error) {
	if src.Worker == x.w.cfg.ID {
		return x.w.Open(src.Task, partition)
	}
	if x.w.cfg.Remote == nil {
		return nil, &exec.LostSource{Source: src, Err: sqlerr.New(sqlerr.ConnectionFailure, "worker %s has no way to it", x.w.cfg.ID)}
	}
	return x.w.cfg.Remote.Open(ctx, src, partition)
}

// Remote opens outputs of other processes over Flight. It is an
// exec.ExchangeReader. A connection that breaks is made anew, and the output
// read on from where it was, see remoteSource.
type Remote struct {
	Pool *flight.Pool
	// Whole fetches all of an output before Open returns, so that its worker
	// may die afterwards: what the root stage needs, since it cannot start
	// again. What Memory refuses goes to a file in SpillDir.
	Whole    bool
	Memory   *exec.Memory
	SpillDir string
}

// Open opens one partition. Whatever goes wrong, but for the end of ctx, is a
// LostSource: the output can be made again.
func (r *Remote) Open(ctx context.Context, src physical.Source, partition int) (exec.Operator, error) {
	if src.Address == "" {
		return nil, lost(ctx, src, sqlerr.New(sqlerr.ConnectionFailure, "worker %s is not of this process and has no address", src.Worker))
	}
	in, err := r.fetch(ctx, src, partition)
	if err != nil {
		return nil, err
	}
	if !r.Whole {
		return in, nil
	}
	defer in.Close()
	out := newOutput(in.Schema(), 1, r.Memory, r.SpillDir)
	whole, err := out.readAll(ctx, in)
	if err != nil {
		out.free()
		return nil, err
	}
	return whole, nil
}

// readAll writes all of in, and gives the output's only reader.
func (o *output) readAll(ctx context.Context, in exec.Operator) (*outputReader, error) {
	for {
		rec, err := in.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = o.Write(0, rec)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := o.seal(); err != nil {
		return nil, err
	}
	r, err := o.open(0)
	if err == nil {
		r.whole = true
	}
	return r, err
}

// Forget closes the connection to a worker that is lost: whoever reads from it
// is told at once.
func (r *Remote) Forget(address string) { r.Pool.Forget(address) }

// lost makes err a LostSource unless the reader itself gave up.
func lost(ctx context.Context, src physical.Source, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &exec.LostSource{Source: src, Err: err}
}
