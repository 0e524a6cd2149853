package coordinator

import (
	"context"
	"maps"
	"strconv"
	"time"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/parser/ast"
	"volley/sqlerr"
)

const (
	// listingMaxAge is the setting that says how old, in milliseconds, a listing of remote
	// files may be that a statement takes for what is there now; 0: it lists itself.
	listingMaxAge = "volley.listing_max_age"
	// listingMaxAgeOption says so of one table.
	listingMaxAgeOption = "listing_max_age"
)

// listingAge is by how old listings a statement may go, and whether it did. Other than
// those that are presumed they are not made again beside it: what was replaced since is
// read as it was, from the cache, or is an error; what came since is not read.
//
// It is used by the session's goroutine.
type listingAge struct {
	session time.Duration // the setting
	none    bool          // it lists, whatever is set
	taken   bool          // it went by such a listing
}

type listingAgeKey struct{}

// aging gives the context of a statement, which says by how old listings it may go.
// Statements that define tables or make their statistics list what is there.
func (s *Session) aging(ctx context.Context, stmt ast.Statement) (context.Context, *listingAge) {
	a := listingAgeOf(ctx)
	if a == nil {
		a = &listingAge{session: time.Duration(s.settings.integer(listingMaxAge)) * time.Millisecond}
		ctx = context.WithValue(ctx, listingAgeKey{}, a)
	}
	switch stmt.(type) {
	case *ast.CreateExternalTable, *ast.Analyze:
		a.none = true
	}
	return ctx, a
}

func listingAgeOf(ctx context.Context) *listingAge {
	a, _ := ctx.Value(listingAgeKey{}).(*listingAge)
	return a
}

// aged is what was listed of a pattern before, of a table that may have an age of its own;
// nil: it is to be listed.
func (f *fileTables) aged(ctx context.Context, of *catalog.Given, pattern string, keep func(dir string) bool, outline *objstore.Outline) ([]objstore.Info, error) {
	a := listingAgeOf(ctx)
	if a == nil {
		return nil, nil
	}
	limit := a.session
	if text, ok := of.Options[listingMaxAgeOption]; ok {
		ms, err := checkAge(text)
		if err != nil {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for option \"%s\": \"%s\"", listingMaxAgeOption, text).
				WithHint("It is a time, such as 30s, 5min or 0.")
		}
		n, _ := strconv.ParseInt(ms, 10, 64)
		limit = time.Duration(n) * time.Millisecond
	}
	if a.none || limit == 0 {
		return nil, nil
	}
	objects := f.listed.since(time.Now().Add(-limit), pattern, keep, outline)
	a.taken = a.taken || objects != nil
	return objects, nil
}

// ofFormat is what the format of files is told of a table.
func ofFormat(given catalog.Given) catalog.Given {
	if _, ok := given.Options[listingMaxAgeOption]; ok {
		given.Options = maps.Clone(given.Options)
		delete(given.Options, listingMaxAgeOption)
	}
	return given
}

// outdated tells whether err may come of an object that is not there any more, or not as it
// was in a listing that was taken. Whoever lists next does it anew.
func (a *listingAge) outdated(c *Coordinator, err error) bool {
	if err == nil || !a.taken {
		return false
	}
	if code := sqlerr.Code(err); code != sqlerr.UndefinedFile && code != sqlerr.DataCorrupted {
		return false
	}
	c.files.listed.age()
	a.none = true
	return true
}

// explain is err, with what to do about it if it may come of an old listing.
func (a *listingAge) explain(c *Coordinator, err error) error {
	if !a.outdated(c, err) {
		return err
	}
	e := *sqlerr.Find(err)
	if e.Hint == "" {
		e.Hint = "The files were listed before (" + listingMaxAge + "). Run the statement again: they are listed anew."
	}
	e.Cause = err
	return &e
}
