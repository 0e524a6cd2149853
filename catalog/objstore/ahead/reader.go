package ahead

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

// reader is one object being read. Its fields are guarded by the lock of Ahead.
type reader struct {
	objstore.Reader
	ahead *Ahead

	plan   []plan   // announced and not begun
	nearby []plan   // announced, and on a disk when their turn came
	pieces []*piece // begun, in no order
	queued bool     // among those that wait
	active bool     // counted in Ahead
	closed bool
}

// plan is a range that will be fetched for an announcement.
type plan struct {
	objstore.Range
	asked []objstore.Range // what of it was announced, in order
	ctx   context.Context
}

// wanted is how many bytes of [off, end) were announced.
func (p *plan) wanted(off, end int64) (n int64) {
	for _, x := range p.asked {
		n += max(0, min(x.End, end)-max(x.Off, off))
	}
	return n
}

// piece is a range that is being fetched, or has been.
type piece struct {
	objstore.Range
	wanted   int64 // bytes that are still to be read
	reserved int64 // in the process's account
	users    int   // that read from it now, or wait for it
	gone     bool  // nobody else will
	buf      *objstore.Buffer
	err      error
	done     chan struct{}
	cancel   context.CancelFunc
}

// Announce plans requests for ranges and begins the first ones.
func (r *reader) Announce(ctx context.Context, ranges []objstore.Range) {
	a := r.ahead
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.closed {
		return
	}
	gap, size := a.link.gap(), r.Info().Size
	var joined []plan
	for _, x := range ranges {
		x.Off, x.End = max(x.Off, 0), min(x.End, size)
		if x.Off >= x.End {
			continue
		}
		if n := len(joined) - 1; n >= 0 && x.Off >= joined[n].End && x.Off-joined[n].End <= gap {
			joined[n].End = x.End
			joined[n].asked = append(joined[n].asked, x)
			continue
		}
		joined = append(joined, plan{x, []objstore.Range{x}, ctx})
	}
	r.plan = append(r.plan, joined...)
	r.passNear()
	if len(r.plan) > 0 {
		r.activate()
	}
	r.pump()
}

// activate counts the reader among those that fetch. The lock is held.
func (r *reader) activate() {
	if !r.active {
		r.active = true
		r.ahead.active++
	}
}

// pump begins requests for what is planned while there are any to be had. The lock
// is held.
func (r *reader) pump() {
	for r.passNear(); len(r.plan) > 0 && !r.closed; r.passNear() {
		if len(r.pieces) >= r.ahead.share() || !r.start(0, false) {
			if !r.queued {
				r.queued = true
				r.ahead.waiting = append(r.ahead.waiting, r)
			}
			return
		}
	}
}

// passNear passes over what is planned next and lies on a disk. The lock is held.
func (r *reader) passNear() {
	for len(r.plan) > 0 {
		p := &r.plan[0]
		n := min(r.near(p.Off), p.End-p.Off)
		if n <= 0 {
			return
		}
		if i := len(r.nearby) - 1; i >= 0 && r.nearby[i].End == p.Off && &r.nearby[i].asked[0] == &p.asked[0] {
			r.nearby[i].End += n
		} else {
			r.nearby = append(r.nearby, plan{objstore.Range{Off: p.Off, End: p.Off + n}, p.asked, p.ctx})
		}
		if p.Off += n; p.Off == p.End {
			r.plan = slices.Delete(r.plan, 0, 1)
		}
	}
}

// lost plans again what was on a disk, with the byte at off, and is not any more. The
// lock is held.
func (r *reader) lost(off int64) {
	for i, p := range r.nearby {
		if p.Off <= off && off < p.End && !r.closed {
			r.nearby = slices.Delete(r.nearby, i, i+1)
			p.Off = off
			r.plan = slices.Insert(r.plan, 0, p)
			r.activate()
			return
		}
	}
}

// start begins a request for the beginning of a plan. The lock is held.
func (r *reader) start(i int, forced bool) bool {
	p := &r.plan[i]
	n, whole := p.End-p.Off, true
	if limit := r.ahead.link.pieceLen(); n > limit+limit/2 { // no small rest
		n, whole = limit, false
	}
	reserved, ok := r.ahead.begin(n, forced)
	if !ok {
		return false
	}
	ctx, cancel := context.WithCancel(p.ctx)
	x := &piece{
		Range: objstore.Range{Off: p.Off, End: p.Off + n}, wanted: p.wanted(p.Off, p.Off+n), reserved: reserved,
		done: make(chan struct{}), cancel: cancel,
	}
	if whole {
		r.plan = slices.Delete(r.plan, i, i+1)
	} else {
		p.Off += n
	}
	r.pieces = append(r.pieces, x)
	go r.fetch(ctx, x)
	return true
}

// near is how many bytes from off on are at hand on a disk of this machine.
func (r *reader) near(off int64) int64 {
	if n, ok := r.Reader.(Nearby); ok {
		return n.Near(off)
	}
	return 0
}

// fetch makes one request.
func (r *reader) fetch(ctx context.Context, x *piece) {
	began := time.Now()
	a, n := r.ahead, x.End-x.Off
	var err error
	defer func() {
		if p := recover(); p != nil {
			err = sqlerr.New(sqlerr.InternalError, "reading \"%s\" failed: %v", r.Info().Path, p)
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.running--
		if err == nil {
			a.link.measured(n, time.Since(began))
		}
		x.err = err
		x.cancel()
		close(x.done)
		a.next()
	}()
	x.buf = a.buffers.Get(n)
	got, err := objstore.ReadBuffer(ctx, r.Reader, x.buf, x.Off)
	_, err = whole(got, int(n), err)
}

// readBelow reads all of p from the store.
func (r *reader) readBelow(ctx context.Context, p []byte, off int64) (int, error) {
	n, err := r.Reader.ReadAt(ctx, p, off)
	return whole(n, len(p), err)
}

// whole is the outcome of reading n of the bytes wanted, of which none may be missing.
func whole(n, want int, err error) (int, error) {
	if n == want {
		return n, nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// ReadAt gives bytes of what was fetched, waiting for it if need be, and reads
// the rest from the store.
func (r *reader) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	return objstore.ReadParts(r.Info(), p, off, func(p []byte, off int64) (int, error) { return r.part(ctx, p, off) })
}

// part fills the beginning of p.
func (r *reader) part(ctx context.Context, p []byte, off int64) (int, error) {
	x, gapEnd := r.find(off, off+int64(len(p)))
	if x == nil {
		return r.readBelow(ctx, p[:gapEnd-off], off)
	}
	select {
	case <-x.done:
	case <-ctx.Done():
		r.drop(x, 0)
		return 0, context.Cause(ctx)
	}
	if x.err != nil {
		r.drop(x, x.End-x.Off)                                      // all of it
		if ctx.Err() == nil && errors.Is(x.err, context.Canceled) { // of the announcement, whose context is another one
			return r.readBelow(ctx, p[:min(int64(len(p)), x.End-off)], off)
		}
		return 0, x.err
	}
	n := copy(p, x.buf.Bytes[off-x.Off:])
	r.drop(x, int64(n))
	return n, nil
}

// find gives the piece with the byte at off, begun now if it was only planned, or
// else the end of the gap that begins there. The piece stays until drop.
func (r *reader) find(off, end int64) (*piece, int64) {
	a := r.ahead
	a.mu.Lock()
	defer a.mu.Unlock()
	for {
		for _, x := range r.pieces {
			if x.Off <= off && off < x.End {
				x.users++
				return x, 0
			}
			if x.Off > off {
				end = min(end, x.Off)
			}
		}
		if n := r.near(off); n > 0 {
			return nil, min(end, off+n)
		}
		r.lost(off)
		planned := false
		for i, p := range r.plan {
			if p.Off <= off && off < p.End && !r.closed {
				if off-p.Off > a.link.gap() { // the reader has jumped
					r.plan = slices.Insert(r.plan, i, plan{objstore.Range{Off: p.Off, End: off}, p.asked, p.ctx})
					i++
					r.plan[i].Off = off
				}
				r.start(i, true)
				planned = true
				break
			}
			if p.Off > off {
				end = min(end, p.Off)
			}
		}
		if !planned {
			return nil, end
		}
	}
}

// drop ends the use of a piece, of which n bytes were read, and lets go of it after the
// last one.
func (r *reader) drop(x *piece, n int64) {
	a := r.ahead
	a.mu.Lock()
	defer a.mu.Unlock()
	x.wanted -= n
	x.users--
	if i := slices.Index(r.pieces, x); x.wanted <= 0 && i >= 0 {
		r.pieces = slices.Delete(r.pieces, i, i+1)
		x.gone = true
	}
	if x.gone && x.users == 0 {
		a.free(x)
		a.next()
		r.pump()
	}
}

// free lets go of a piece's bytes. The lock is held.
func (a *Ahead) free(x *piece) {
	a.held -= x.End - x.Off
	if x.reserved > 0 {
		a.memory.Release(x.reserved)
	}
	if x.buf != nil {
		x.buf.Release()
		x.buf = nil
	}
}

// Close ends what is under way.
func (r *reader) Close() error {
	a := r.ahead
	a.mu.Lock()
	r.closed = true
	pieces := r.pieces
	r.pieces, r.plan, r.nearby = nil, nil, nil
	for _, x := range pieces {
		x.cancel()
	}
	a.mu.Unlock()
	for _, x := range pieces { // no request outlives its reader
		<-x.done
	}
	a.mu.Lock()
	for _, x := range pieces {
		if x.gone = true; x.users == 0 {
			a.free(x)
		}
	}
	if r.active {
		r.active = false
		a.active--
	}
	a.next()
	a.mu.Unlock()
	return r.Reader.Close()
}
