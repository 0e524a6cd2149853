// Package ahead fetches what readers of remote objects will ask for before they do,
// in a few large requests at a time. Wrap puts it before a store, and the formats
// announce what they will read (objstore.Announce):
//
//	announced ranges ──▶ pieces ──▶ requests, several at once ──▶ buffers ──▶ ReadAt
//
// Ranges with little between them become one piece; long ones are cut. How long a
// piece is depends on the link: the wait for a request's first byte should be a
// small part of its time, so pieces grow with latency times bandwidth, both measured
// of the requests before. All readers of a process share a number of requests and of
// bytes. A reader that needs bytes which nobody has fetched gets them whatever the
// others hold, so that none waits for another. What lies on a disk of this machine
// (Nearby) is read there when it is asked for.
package ahead

import (
	"sync"
	"time"

	"volley/catalog/objstore"
)

const (
	minPiece = 4 << 20
	maxPiece = 16 << 20
	// maxGap is how many bytes that nobody asked for are fetched at most to save a
	// request.
	maxGap = 1 << 20
	// freeShare of the bytes of buffers are kept while nobody needs them, one in so
	// many.
	freeShare = 4
	// waitShare is how many times the wait a piece's transfer should take.
	waitShare = 10
	// Until requests have been measured, a link is taken for one with this wait
	// for the first byte and this many bytes a second.
	firstWait, firstRate = 20 * time.Millisecond, 40e6
)

// Ahead is what the readers of a process share.
type Ahead struct {
	limit    int64 // bytes of buffers
	requests int   // at once
	memory   objstore.Memory
	buffers  *objstore.Buffers

	mu      sync.Mutex
	running int
	active  int   // readers to which something was announced
	held    int64 // bytes of buffers that are filled or being filled
	waiting []*reader
	link    link
}

// New makes an Ahead whose readers may hold so many bytes, and have so many
// requests under way. What they hold is in an account of the process, nil for none: where
// it refuses, less is fetched ahead, and what a reader waits for is fetched all the same.
func New(limit int64, requests int, memory objstore.Memory) *Ahead {
	return &Ahead{limit: limit, requests: requests, memory: memory, buffers: objstore.NewBuffers(limit / freeShare), link: link{wait: firstWait, rate: firstRate}}
}

// Wrap gives s with announced reads fetched ahead.
func (a *Ahead) Wrap(s objstore.Store) objstore.Store {
	return objstore.WrapReaders(s, func(r objstore.Reader) objstore.Reader { return &reader{Reader: r, ahead: a} })
}

// Nearby is a Reader below that has some bytes on a local disk. These are not fetched
// ahead: there is no wait that would be saved, and a copy through a buffer costs as much
// as reading them.
type Nearby interface {
	// Near gives how many bytes from off on are there; 0: none.
	Near(off int64) int64
}

// link is what requests have shown of the way to a store.
type link struct {
	wait time.Duration // for the first byte
	rate float64       // bytes a second of one request, after that
}

// pieceLen is how long requests should be.
func (l link) pieceLen() int64 {
	n := int64(waitShare * l.wait.Seconds() * l.rate)
	return max(minPiece, min(maxPiece, n))
}

// gap is how many bytes not asked for cost less than another request.
func (l link) gap() int64 {
	return min(maxGap, int64(l.wait.Seconds()*l.rate))
}

// measured learns from a request of n bytes. What a single request shows is mixed
// with what those before it have shown: of the time of a short request most is
// waiting, and only longer ones tell the rate.
func (l *link) measured(n int64, took time.Duration) {
	const part = 8
	if n < 256<<10 {
		l.wait += (took - l.wait) / part
		return
	}
	if sending := took - l.wait; sending > 0 {
		l.rate += (float64(n)/sending.Seconds() - l.rate) / part
	}
}

// share is how many pieces each reader may hold when all want to. The lock is held.
func (a *Ahead) share() int { return max(2, (a.requests+a.active-1)/max(1, a.active)) }

// begin takes a request and n bytes, unless others have them, and tells how many of these
// are reserved. Forced, it takes them all the same. The lock is held.
func (a *Ahead) begin(n int64, forced bool) (reserved int64, ok bool) {
	if !forced && (a.running >= a.requests || a.held+n > a.limit) {
		return 0, false
	}
	if a.memory != nil {
		if a.memory.Reserve(n) == nil {
			reserved = n
		} else if !forced {
			return 0, false
		}
	}
	a.running++
	a.held += n
	return reserved, true
}

// next lets the readers that wait for requests or bytes go on. The lock is held.
func (a *Ahead) next() {
	for n := len(a.waiting); n > 0 && a.running < a.requests && a.held < a.limit; n-- {
		r := a.waiting[0]
		a.waiting = a.waiting[1:]
		r.queued = false
		r.pump()
	}
}
