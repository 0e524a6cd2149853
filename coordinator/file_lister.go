package coordinator

import (
	"context"

	"volley/catalog"
)

// fileLister lists the files of external tables for the plans of a session, and notes
// what it has listed, so that a plan that is kept is found to be stale.
type fileLister struct {
	c    *Coordinator
	uses []fileUse
}

// List gives a table with the files that are there now.
func (l *fileLister) List(ctx context.Context, def *catalog.TableDef, wanted catalog.Wanted) (*catalog.TableDef, *catalog.Stats, error) {
	t := def.Unlisted
	look := func(ctx context.Context) (*catalog.TableDef, error) { return l.c.files.refresh(ctx, l.c, t, wanted) }
	found, err := look(ctx)
	if err != nil {
		return nil, nil, err
	}
	l.uses = append(l.uses, fileUse{def: found, look: look})
	stats := l.c.statistics.of(ctx, l.c, found)
	if kept := currentStats(t, found, wanted != nil); kept != nil {
		known := *kept
		if stats != nil {
			known.Sampler = stats.Sampler
		}
		return found, &known, nil
	}
	if stats != nil && wanted != nil {
		known := *stats
		known.Wanted = true
		stats = &known
	}
	return found, stats, nil
}
