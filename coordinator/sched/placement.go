package sched

import (
	"strconv"

	"github.com/zeebo/xxh3"

	"volley/catalog"
)

// Placement: a split is read by the worker that has read it before, whose cache has
// its bytes, and otherwise by the one that rendezvous hashing gives, so that few
// splits move when workers come and go. It is a preference among what can be begun
// now: no slot waits for it.

const (
	// placementBlock is how long the ranges of a file are that rendezvous hashing
	// places together, so that another cut of the file finds much of it again.
	placementBlock = 16 << 20
	// maxPlaced bounds how many splits are remembered, half of them at least.
	maxPlaced = 1 << 17
	// placementWindow is among how many waiting tasks a worker's own are looked for,
	// for each worker that there is, up to maxPlacementWindow.
	placementWindow, maxPlacementWindow = 16, 1 << 8
)

// placement is the hash by which rendezvous hashing places a split.
func placement(s catalog.Split) uint64 {
	off := s.Start
	if n := s.End - s.Start; s.Bytes > 0 && n > 0 { // it counts rows
		off = int64(float64(off) * float64(s.Bytes) / float64(n))
	}
	return hashRange(s.File, off/placementBlock)
}

func hashRange(f catalog.FileInfo, at int64) uint64 {
	name := append(make([]byte, 0, 256), f.Path...)
	name = append(append(name, 0), f.Version...)
	return xxh3.Hash(strconv.AppendInt(append(name, 0), at, 10))
}

// rendezvous gives the place of the worker, of those with these hashes, that a key
// belongs to; −1: there is none.
func rendezvous(key uint64, workers []uint64) int {
	best, most := -1, uint64(0)
	for i, hash := range workers {
		if h := mix(key ^ hash); best < 0 || h > most {
			best, most = i, h
		}
	}
	return best
}

// mix spreads a combined hash (the finalizer of MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// placed remembers which worker has read a split last, by the hash of its name: a
// worker that comes back under its name has its cache. When it is full, the older
// half is forgotten.
type placed struct{ recent, older map[uint64]uint64 }

func splitKey(s catalog.Split) uint64 { return hashRange(s.File, s.Start) }

// note says that a worker has read the splits.
func (p *placed) note(splits []catalog.Split, worker uint64) {
	for _, s := range splits {
		if s.File.Path == "" || s.Inline != nil {
			continue
		}
		if len(p.recent) >= maxPlaced/2 || p.recent == nil {
			p.recent, p.older = map[uint64]uint64{}, p.recent
		}
		p.recent[splitKey(s)] = worker
	}
}

// of gives the worker that has read a split.
func (p *placed) of(s catalog.Split) (worker uint64, known bool) {
	if len(p.recent) == 0 {
		return 0, false
	}
	key := splitKey(s)
	if worker, known = p.recent[key]; !known {
		worker, known = p.older[key]
	}
	return worker, known
}

// preferred is the worker that should read the task's first split; nil: any.
func (m *machine) preferred(t *taskState) *workerState {
	if len(t.splits) == 0 || len(m.workers) < 2 {
		return nil
	}
	r := m.known()
	if t.preferredOf == r.print && t.preferred != nil {
		return t.preferred
	}
	best := -1
	if had, known := m.placed.of(t.splits[0]); known {
		for i, hash := range r.hashes {
			if hash == had {
				best = i
			}
		}
	}
	if best < 0 {
		best = rendezvous(placement(t.splits[0]), r.hashes)
	}
	if best < 0 {
		return nil
	}
	t.preferred, t.preferredOf = r.usable[best], r.print
	return t.preferred
}

// window is among how many tasks of a stage that wait a worker's own are looked
// for. Where the root reads the outputs in their order, those near the front come
// first: the others would have to be kept.
func (m *machine) window(s *stageState) int {
	if s.root > 0 && !s.merged {
		return 2 * max(len(m.idle), 1)
	}
	return min(placementWindow*len(m.known().usable), maxPlacementWindow)
}
