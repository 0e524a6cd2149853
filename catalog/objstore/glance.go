package objstore

import "context"

// Glance asks a store for the end of an object by the request that finds it, where a
// request for its size and another one for its end would be made. It is of one Glob, and
// not for concurrent use.
type Glance struct {
	// Len is how many bytes of the end are asked for.
	Len int64
	// Of is the object that was found, and End its end: Len bytes or all of it. nil: the
	// store has told where the object is in another way.
	Of  Info
	End []byte
}

type glanceKey struct{}

// WithGlance asks a Glob under the context, of a pattern that is one object, for its end. A
// store that cannot give it, or would do so by a request of its own, does not.
func WithGlance(ctx context.Context, g *Glance) context.Context {
	return context.WithValue(ctx, glanceKey{}, g)
}

// GlanceOf is the glance that is asked for; nil: none.
func GlanceOf(ctx context.Context) *Glance {
	g, _ := ctx.Value(glanceKey{}).(*Glance)
	return g
}

// Wrap gives s with the end of the object at hand.
func (g *Glance) Wrap(s Store) Store {
	if g == nil || g.End == nil {
		return s
	}
	return WrapReaders(s, func(r Reader) Reader {
		if r.Info() != g.Of {
			return r
		}
		return &glanced{r, g}
	})
}

// glanced is a reader of an object of which the end is at hand.
type glanced struct {
	Reader
	*Glance
}

func (r *glanced) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	if from := off - (r.Of.Size - int64(len(r.End))); from >= 0 && from+int64(len(p)) <= int64(len(r.End)) {
		return copy(p, r.End[from:]), nil
	}
	return r.Reader.ReadAt(ctx, p, off)
}

// Announce announces what may be read.
func (r *glanced) Announce(ctx context.Context, ranges []Range) { Announce(ctx, r.Reader, ranges...) }
