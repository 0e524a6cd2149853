package parquet

import (
	"context"
	"sort"

	"volley/catalog"
)

// skip passes over n rows. Whole pages are passed over without being
// uncompressed, and without being fetched where the page index says where they
// are.
func (f *flatLeaf) skip(ctx context.Context, n int64) error {
	for n > 0 {
		if f.rows == 0 {
			skipped, err := f.pages.skip(ctx, n)
			if n -= skipped; err != nil || n == 0 {
				return err
			}
		}
		k := min(n, batchRows)
		if f.rows > 0 {
			k = min(k, int64(f.rows))
		}
		f.pages.in.ctx = ctx
		if err := f.load(int(k)); err != nil {
			return err
		}
		n -= k
	}
	return nil
}

// jump goes to the last page that begins no more than n values on, if the places
// of the pages are known, and gives how many values it passed.
func (p *pageReader) jump(n int64) (int64, error) {
	if p.locations == nil || p.leaf.descr.MaxRepetitionLevel() > 0 {
		return 0, nil
	}
	row := p.total - p.left
	after := sort.Search(len(p.locations), func(i int) bool { return p.locations[i].firstRow > row+n })
	here := sort.Search(len(p.locations), func(i int) bool { return p.locations[i].firstRow >= row })
	if after <= here+1 { // the page before is the one at hand
		return 0, nil
	}
	to := p.locations[after-1]
	if row == 0 && p.dictionary == nil {
		h, headerLen, err := p.peekHeader()
		if err == nil && h.kind == pageDictionary {
			p.dictionary = &page{}
			*p.dictionary, err = p.read(h, headerLen)
		}
		if err != nil {
			return 0, err
		}
	}
	if to.offset < p.in.off-int64(len(p.in.buf)) || to.offset > p.in.end {
		return 0, errPageIndex
	}
	p.left -= to.firstRow - row
	p.skipped += after - 1 - here
	return to.firstRow - row, p.in.seek(to.offset)
}

// release gives back the memory that the pages of all leaves hold, which are not
// read any more.
func (r *columnReader) release() {
	for _, c := range r.children {
		c.release()
	}
	if r.pages != nil {
		r.pages.free()
	}
}

// free hands on the memory of pages.
func (p *pageReader) free() {
	p.held.Release()
	freePageBuffer(p.buf)
	p.buf = nil
	p.in.free()
}

// countPages adds the pages of all leaves.
func (r *columnReader) countPages(to *catalog.ScanCounts) {
	for _, c := range r.children {
		c.countPages(to)
	}
	if p := r.pages; p != nil {
		total := p.data + p.skipped
		if p.locations != nil {
			total = max(total, len(p.locations))
		}
		to.Pages += int64(total)
		to.PagesRead += int64(p.data)
	}
}
