package objstore

import "context"

// Range is the bytes [Off, End) of an object.
type Range struct{ Off, End int64 }

// Announcer is a Reader that can be told what will be read from it.
type Announcer interface {
	// Announce says that the ranges will be read, in about this order, so that
	// they can be fetched meanwhile. What is not announced can be read as well,
	// and what is need not be. Fetching ends with ctx or at Close.
	Announce(ctx context.Context, ranges []Range)
}

// Announce tells a reader what will be read if that is of use to it.
func Announce(ctx context.Context, r Reader, ranges ...Range) {
	if a, ok := r.(Announcer); ok {
		a.Announce(ctx, ranges)
	}
}
