package objstore

import (
	"context"
	"sync/atomic"
)

// Traffic is what reads and listings asked of a remote store, and what a cache saved of it.
type Traffic struct {
	Requests, RequestBytes int64 `json:",omitempty"` // that fetched data, tries that failed included
	Retries                int64 `json:",omitempty"` // of all calls
	CacheHits, CacheBytes  int64 `json:",omitempty"`
	Listings               int64 `json:",omitempty"` // requests for names of objects
}

// Add adds what others asked.
func (t *Traffic) Add(o Traffic) {
	t.Requests += o.Requests
	t.RequestBytes += o.RequestBytes
	t.Retries += o.Retries
	t.CacheHits += o.CacheHits
	t.CacheBytes += o.CacheBytes
	t.Listings += o.Listings
}

// Meter counts traffic. It is safe for concurrent use.
type Meter struct {
	requests, requestBytes, retries, cacheHits, cacheBytes, listings atomic.Int64
}

// Traffic is what has been counted so far.
func (m *Meter) Traffic() Traffic {
	return Traffic{
		Requests: m.requests.Load(), RequestBytes: m.requestBytes.Load(), Retries: m.retries.Load(),
		CacheHits: m.cacheHits.Load(), CacheBytes: m.cacheBytes.Load(), Listings: m.listings.Load(),
	}
}

type meterKey struct{}

// WithMeter has the reads that are made with the context, or for them, counted.
func WithMeter(ctx context.Context, m *Meter) context.Context {
	return context.WithValue(ctx, meterKey{}, m)
}

// meterOf is the meter of a context; of one without it nobody looks at.
func meterOf(ctx context.Context) *Meter {
	if m, ok := ctx.Value(meterKey{}).(*Meter); ok {
		return m
	}
	return &Meter{}
}

// CountRequest counts a request for data that gave so many bytes.
func CountRequest(ctx context.Context, bytes int) {
	m := meterOf(ctx)
	m.requests.Add(1)
	m.requestBytes.Add(int64(bytes))
}

// CountCached counts bytes that no request was made for.
func CountCached(ctx context.Context, bytes int64) {
	m := meterOf(ctx)
	m.cacheHits.Add(1)
	m.cacheBytes.Add(bytes)
}

// CountListing counts a request for names of objects.
func CountListing(ctx context.Context) { meterOf(ctx).listings.Add(1) }

func countRetry(ctx context.Context) { meterOf(ctx).retries.Add(1) }
