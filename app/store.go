package app

import (
	"path/filepath"
	"strconv"

	"volley/catalog/objstore"
	"volley/catalog/objstore/ahead"
	"volley/catalog/objstore/cache"
	"volley/catalog/objstore/https"
	"volley/catalog/objstore/local"
	"volley/catalog/objstore/mem"
	"volley/catalog/objstore/s3"
	"volley/catalog/objstore/secret"
	volleyexec "volley/exec"
)

const (
	// aheadShare of a process's memory holds what was fetched ahead from remote
	// stores, at most maxAhead bytes; less where operators and outputs hold most of
	// their accounts, which it is in.
	aheadShare = 8
	maxAhead   = 512 << 20
	// queueShare of it waits to be written to the cache, at most maxQueue bytes: what a
	// fast link brings in a few tenths of a second, which the disk has not taken yet.
	queueShare = 16
	maxQueue   = 256 << 20
	// requestsAtOnce is how many requests fetch ahead: what one connection gives of
	// a fast link is a small part of it.
	requestsAtOnce = 32
	// stallsInSilence is how often a request that makes no progress can be made
	// again until the store has been silent for too long.
	stallsInSilence = 3
)

// openStore makes the store that all of a process reads and writes by. The way of a
// read is
//
//	allowed? ─▶ by scheme ─▶ fetched ahead ─▶ cache on disk ─▶ tried again ─▶ S3
//
// The cache is nil without a directory for it.
func (o *nodeOptions) openStore(secrets *secret.Keeper, memory *volleyexec.Memory) (objstore.Store, *cache.Cache, error) {
	policy := objstore.DefaultRetry
	if o.s3Timeout > 0 {
		policy.Silence = o.s3Timeout
	}
	stall := policy.Silence / stallsInSilence
	var kept *cache.Cache
	if o.cacheDir != "" {
		var err error
		if kept, err = cache.Open(o.cacheDir, int64(o.cacheSize)); err != nil {
			return nil, nil, err
		}
		kept.Queue(min(int64(o.memory)/queueShare, maxQueue))
	}
	fetched := ahead.New(min(int64(o.memory)/aheadShare, maxAhead), requestsAtOnce, memory.Spare())
	remote := func(s objstore.Store) objstore.Store {
		s = objstore.Retry(s, policy)
		if kept != nil {
			s = kept.Wrap(s)
		}
		return fetched.Wrap(s)
	}
	var redirects func(string) bool // nil: to anywhere
	if !o.unlimited {
		redirects = objstore.AllowsRemote(o.allow)
	}
	web := remote(https.New(https.Config{Allowed: redirects, Stall: stall, Secrets: secrets}))
	var store objstore.Store = objstore.NewMux(local.New(), map[string]objstore.Store{
		"s3":    remote(s3.New(s3.Config{Secrets: secrets, Retry: policy, Stall: stall})),
		"gs":    remote(s3.New(s3.Config{Scheme: "gs", Secrets: secrets, Retry: policy, Stall: stall})),
		"http":  web,
		"https": web,
		"mem":   mem.New(),
	})
	if !o.unlimited {
		var err error
		if store, err = objstore.Allow(store, o.allow); err != nil {
			if kept != nil {
				_ = kept.Close()
			}
			return nil, nil, err
		}
	}
	return store, kept, nil
}

// cacheOf gives the flags for the cache of child i of n: a part of this process's.
func (o *nodeOptions) cacheOf(i, n int) []string {
	if o.cacheDir == "" {
		return nil
	}
	return []string{
		"--cache-dir", filepath.Join(o.cacheDir, "worker-"+strconv.Itoa(i+1)),
		"--cache-size", strconv.FormatInt(int64(o.cacheSize)/int64(n+1), 10),
	}
}
