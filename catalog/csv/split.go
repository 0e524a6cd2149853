package csv

import (
	"context"

	"volley/catalog"
	"volley/catalog/objstore"
)

const (
	minSplit       = 1 << 20 // smaller ones cost more to schedule than to read
	minCostlySplit = 4 << 10
	maxSplit       = 64 << 20
	splitsPerSlot  = 4
)

// Splits cuts the files at any byte; compressed ones stay whole.
func (Format) Splits(_ context.Context, _ objstore.Store, def *catalog.TableDef, spec *catalog.ScanSpec, target catalog.SplitTarget) ([]catalog.Split, error) {
	o, err := parseOptions(spec.Options)
	if err != nil {
		return nil, err
	}
	files, err := pruneFiles(def.Files, spec, o)
	if err != nil {
		return nil, err
	}
	size := splitSize(files, target)
	var splits []catalog.Split
	for _, f := range files {
		pieces := int64(1)
		if splittable(o, f.Path) {
			pieces = max(1, (f.Size+size-1)/size)
		}
		if f.Size == 0 {
			pieces = 0
		}
		for i := range pieces {
			start, end := cut(f.Size, i, pieces), cut(f.Size, i+1, pieces)
			splits = append(splits, catalog.Split{
				Index: len(splits), File: f, Start: start, End: end, Exact: start == 0,
				Rows: int64(float64(end-start) / o.rowBytes), Bytes: end - start,
			})
		}
	}
	return splits, nil
}

// cut is size·i/n without overflow.
func cut(size, i, n int64) int64 { return size/n*i + size%n*i/n }

// splitSize is how many bytes a split should have.
func splitSize(files []catalog.FileInfo, target catalog.SplitTarget) int64 {
	if target.Forced {
		return max(target.Bytes, 1)
	}
	total := int64(0)
	for _, f := range files {
		total += f.Size
	}
	size := max(total/int64(max(target.Slots, 1)*splitsPerSlot), 1)
	if target.Bytes > 0 {
		size = min(size, target.Bytes)
	}
	if target.Costly {
		return max(size, minCostlySplit)
	}
	return min(max(size, minSplit), maxSplit)
}
