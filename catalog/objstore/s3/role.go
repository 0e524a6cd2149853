package s3

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

// lastMinutes is how long before their end credentials are asked for again.
const lastMinutes = 5 * time.Minute

// role has credentials that a service gives for some time. They are asked for anew before
// they run out, beside the requests that are made with those at hand; only where these
// have run out a request waits, no longer than its own context. So the client, which
// takes them under a lock of its own, never waits for the service.
type role struct {
	from   credentials.Provider
	client *credentials.CredContext
	origin string

	mu      sync.Mutex
	value   credentials.Value
	changed bool          // since the client took it
	asking  chan struct{} // closed when an answer is there; nil: none is asked for
	err     error         // of the last one
	asked   time.Time     // when it was there
}

// fresh waits until an access has credentials that have not run out.
func (a *access) fresh(ctx context.Context) error {
	if a.role == nil {
		return nil
	}
	return a.role.fresh(ctx)
}

func (r *role) fresh(ctx context.Context) error {
	r.mu.Lock()
	left, ends := time.Until(r.value.Expiration), !r.value.Expiration.IsZero()
	usable := r.value.AccessKeyID != "" && (!ends || left > 0)
	if usable && (!ends || left > lastMinutes || time.Since(r.asked) < left/2) {
		r.mu.Unlock()
		return nil
	}
	if r.asking == nil {
		r.asking = make(chan struct{})
		go r.ask(r.asking)
	}
	answer := r.asking
	r.mu.Unlock()
	if usable {
		return nil
	}
	select {
	case <-answer:
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ask asks the service. Its time is bounded by the client's.
func (r *role) ask(answer chan struct{}) {
	var value credentials.Value
	var err error
	defer func() {
		if p := recover(); p != nil {
			err = sqlerr.Panic(p)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.asked, r.asking, r.err = time.Now(), nil, r.failure(err)
		if r.err == nil {
			r.value, r.changed = value, true
		}
		close(answer)
	}()
	value, err = r.from.RetrieveWithCredContext(r.client)
	if err == nil && (value.AccessKeyID == "" || value.SecretAccessKey == "") {
		err = errors.New("the answer has no keys")
	}
}

// failure is what is told of an error. The service's own words are not: they may repeat
// what it was asked with.
func (r *role) failure(err error) error {
	if err == nil {
		return nil
	}
	if refused := (credentials.ErrorResponse{}); errors.As(err, &refused) {
		return sqlerr.New(sqlerr.InvalidAuthorization, "no S3 credentials from %s (%s)", r.origin, refused.STSError.Code)
	}
	if unanswered := (*url.Error)(nil); errors.As(err, &unanswered) {
		return objstore.Passing("no S3 credentials from %s: its service did not answer", r.origin)
	}
	return sqlerr.New(sqlerr.InvalidAuthorization, "no S3 credentials from %s", r.origin)
}

// RetrieveWithCredContext gives the client what is at hand.
func (r *role) RetrieveWithCredContext(*credentials.CredContext) (credentials.Value, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changed = false
	return r.value, nil
}

// Retrieve is the same.
func (r *role) Retrieve() (credentials.Value, error) { return r.RetrieveWithCredContext(nil) }

// IsExpired tells the client whether there are others than it has.
func (r *role) IsExpired() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}
