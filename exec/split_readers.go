package exec

import (
	"context"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/planner/physical"
	"volley/sqlerr"
)

const (
	// maxOpenAhead is how many splits of a scan are open before it is their turn.
	maxOpenAhead = 16
	// openAheadBytes is how much these read, unless the next one alone reads more.
	openAheadBytes = 64 << 20
)

// splitReaders opens the splits of one scan, one after the other. Those of remote
// files are opened before it is their turn: a reader announces what it will read, so
// that this is fetched meanwhile, and many small files do not wait for each other.
// It is used by one goroutine.
type splitReaders struct {
	format catalog.Format
	store  objstore.Store
	spec   *catalog.ScanSpec
	splits []catalog.Split
	begun  int // splits that were opened, or are being opened

	io    objstore.Counters
	meter objstore.Meter

	opening []*splitOpening // those that come next, in order
	bytes   int64           // that they read
	ctx     context.Context
	cancel  context.CancelFunc // nil: nothing was opened ahead
}

// splitOpening is a split that is being opened. reader and err are set once done is closed.
type splitOpening struct {
	done   chan struct{}
	bytes  int64
	reader catalog.Reader
	err    error
}

func newSplitReaders(env *Env, n *physical.Scan, splits []catalog.Split) (*splitReaders, error) {
	s := &splitReaders{format: env.Formats[n.Spec.Format], spec: &n.Spec, splits: splits}
	if s.format == nil {
		return nil, sqlerr.New(sqlerr.InternalError, "format \"%s\" is not known here", n.Spec.Format)
	}
	s.store = objstore.Count(env.Store, &s.io)
	return s, nil
}

// context is ctx for the reads of the scan.
func (s *splitReaders) context(ctx context.Context, m *Memory) context.Context {
	return objstore.WithMeter(objstore.WithMemory(ctx, m), &s.meter)
}

// next opens the next split, of which there must be one. What it opens ahead lives
// until close, with the context of the first call.
func (s *splitReaders) next(ctx context.Context) (catalog.Reader, error) {
	if len(s.opening) == 0 {
		split := s.splits[s.begun]
		s.begun++
		s.ahead(ctx)
		return s.format.Open(ctx, s.store, s.spec, split)
	}
	first := s.opening[0]
	select {
	case <-first.done:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	s.opening = s.opening[1:]
	s.bytes -= first.bytes
	s.ahead(ctx)
	return first.reader, first.err
}

// ahead begins to open the splits that come next, as far as they are remote.
func (s *splitReaders) ahead(ctx context.Context) {
	if s.spec.Limit > 0 { // perhaps none of them is read
		return
	}
	for s.begun < len(s.splits) && len(s.opening) < maxOpenAhead && s.bytes < openAheadBytes {
		split := s.splits[s.begun]
		if split.Inline != nil || objstore.Scheme(split.File.Path) == "" {
			return
		}
		s.begun++
		if s.cancel == nil {
			s.ctx, s.cancel = context.WithCancel(ctx)
		}
		x := &splitOpening{done: make(chan struct{}), bytes: max(split.Bytes, 1)}
		s.opening = append(s.opening, x)
		s.bytes += x.bytes
		ctx, spec := s.ctx, s.spec
		go func() {
			defer close(x.done)
			defer func() {
				if p := recover(); p != nil {
					x.err = sqlerr.Panic(p)
				}
			}()
			x.reader, x.err = s.format.Open(ctx, s.store, spec, split)
		}()
	}
}

// close closes what was opened ahead and not taken.
func (s *splitReaders) close() {
	if s.cancel == nil {
		return
	}
	s.cancel()
	for _, x := range s.opening {
		if <-x.done; x.reader != nil {
			_ = x.reader.Close() // nothing was read of it
		}
	}
	s.opening = nil
}

// Opened is what OpenAhead has opened for a fragment. nil is nothing.
type Opened struct {
	scan    int // Scan.ID
	readers *splitReaders
	taken   bool
}

// OpenAhead begins to open the remote files that a fragment will read first, which
// fetches them while the fragment waits for its turn. Env.Opened hands them to the
// fragment's operators; Close, after these are closed, ends what they did not take.
func OpenAhead(ctx context.Context, env *Env, frag *physical.Fragment) *Opened {
	scan := onlyScan(frag.Root)
	if scan == nil {
		return nil
	}
	readers, err := newSplitReaders(env, scan, frag.Splits[scan.ID])
	if err != nil {
		return nil // the fragment itself will find out
	}
	readers.ahead(readers.context(ctx, env.Memory))
	return &Opened{scan: scan.ID, readers: readers}
}

// onlyScan is the scan of a fragment that has one, and whose predicates are known
// before the fragment runs. What several scans read depends on each other: a hash table
// that another task has built is not read again.
func onlyScan(root physical.Node) *physical.Scan {
	var found []*physical.Scan
	var visit func(n physical.Node) bool
	visit = func(n physical.Node) bool {
		switch n := n.(type) {
		case *physical.Scan:
			found = append(found, n)
		case *physical.KeyFilter, *physical.Spool, *physical.Recursive:
			return false
		}
		for _, in := range n.Inputs() {
			if !visit(in) {
				return false
			}
		}
		return true
	}
	if !visit(root) || len(found) != 1 {
		return nil
	}
	return found[0]
}

// take gives the readers of a scan, once; nil: there are none.
func (o *Opened) take(scan int) *splitReaders {
	if o == nil || o.taken || o.scan != scan {
		return nil
	}
	o.taken = true
	return o.readers
}

// Close ends what was opened and is not read.
func (o *Opened) Close() {
	if o != nil {
		o.readers.close()
	}
}
