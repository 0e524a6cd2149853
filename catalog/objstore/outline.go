package objstore

import "context"

// Outline asks a store for what a few requests tell of the objects of a pattern, where
// listing all would take many: the directories, whose names have values (name=value), and
// some objects.
type Outline struct {
	// Worth tells whether directories with values of these names are worth requests.
	Worth func(names []string) bool
	// Directories are the deepest directories with values in their names that may have
	// objects which match, in order, without a slash at their ends; what Glob gave are
	// some of these objects, the first one and others from here and there. nil: Glob gave
	// all there are.
	Directories []string
}

type outlineKey struct{}

// WithOutline asks a Glob under the context, of one pattern, for an outline. A store
// that would save nothing lists all.
func WithOutline(ctx context.Context, o *Outline) context.Context {
	return context.WithValue(ctx, outlineKey{}, o)
}

// OutlineOf is the outline that is asked for; nil: none.
func OutlineOf(ctx context.Context) *Outline {
	o, _ := ctx.Value(outlineKey{}).(*Outline)
	return o
}
