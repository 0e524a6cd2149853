package coordinator

import (
	"context"
	"sync"

	"github.com/zeebo/xxh3"

	"volley/catalog"
	"volley/catalog/statistics"
)

// fileStatistics remembers statistics of tables of files for as long as the same
// versions of the same files are there. It is safe for concurrent use.
type fileStatistics struct {
	mu    sync.Mutex
	stats map[xxh3.Uint128]*catalog.Stats
}

// of gives what the files themselves say, and a sampler for what they do not; nil
// when they cannot be read, which the query that reads them will say.
func (f *fileStatistics) of(ctx context.Context, c *Coordinator, def *catalog.TableDef) *catalog.Stats {
	key := versions(def)
	f.mu.Lock()
	stats := f.stats[key]
	f.mu.Unlock()
	if stats != nil {
		return stats
	}
	format := c.cfg.Formats[def.Format]
	reader, ok := format.(catalog.StatsReader)
	if !ok {
		return nil
	}
	known, err := reader.Stats(ctx, c.cfg.Store, def)
	if err != nil {
		return nil
	}
	known.Sampler = &statistics.Files{
		Store: c.cfg.Store, Format: format, Def: def, Rows: known.Rows, ByRow: known.Columns == nil,
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stats == nil || len(f.stats) >= maxFileTables {
		f.stats = map[xxh3.Uint128]*catalog.Stats{}
	}
	f.stats[key] = &known
	return &known
}

// versions is a hash of what a table's rows depend on: its files and how they are
// read.
func versions(def *catalog.TableDef) xxh3.Uint128 {
	text := []byte(signature(def.Format, &catalog.Given{Location: def.Location, Options: def.Options}))
	for _, f := range def.Schema.Fields() {
		text = append(append(text, f.Name...), 0)
		text = append(append(text, f.Type.String()...), 0)
	}
	for _, file := range def.Files {
		text = append(append(text, file.Path...), 0)
		text = append(append(text, file.Version...), 0)
	}
	return xxh3.Hash128(text)
}
