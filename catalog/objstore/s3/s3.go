// Package s3 is the object store over Amazon S3 and servers that speak its
// protocol. Paths are s3://bucket/key, or gs://bucket/key for Google's by the same
// protocol.
//
// Where the server is and who asks is in the secret whose scope the path is in
// (package secret). Where there is none, it is taken from the environment as Amazon's
// own tools take it: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL (http or https;
// buckets are then named in the path), AWS_REGION or AWS_DEFAULT_REGION, and
// credentials from AWS_ACCESS_KEY_ID and its siblings, AWS_PROFILE and the
// shared files, a web identity token, a container's or a machine's role; none
// at all for public buckets. For gs:// it is GS_ACCESS_KEY_ID, GS_SECRET_ACCESS_KEY
// (an HMAC key) and GS_ENDPOINT_URL.
//
// A reader reads one version of an object: if another one takes its place,
// reads fail. Errors that pass (503, time-outs, connections reset) are marked
// retryable; objstore.Retry around the store makes the calls again. The
// client's own retries are off. No error tells a secret.
package s3

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/s3utils"

	"volley/catalog/objstore"
	"volley/catalog/objstore/secret"
	"volley/sqlerr"
)

// Config is what a store takes from its user rather than from the environment.
// The zero Config is the usual one.
type Config struct {
	// Scheme of the paths: s3, or gs for Google's store by its S3 interface. "": s3.
	Scheme string
	// Secrets are those of the process; nil: none. A context may have others.
	Secrets *secret.Keeper
	// Retry is the policy for the parts of an upload, which the wrapper
	// objstore.Retry cannot repeat. Zero: objstore.DefaultRetry.
	Retry objstore.RetryPolicy
	// PartSize is how many bytes of a new object are sent at once; 0: 8 MiB.
	// Servers refuse parts below 5 MiB.
	PartSize int
	// Stall is how long a transfer may make no progress; 0: 30 seconds.
	Stall time.Duration
	// Services makes the requests for credentials of roles; nil: the usual transport.
	Services http.RoundTripper
}

// Store is an S3 client. It connects at its first use.
type Store struct {
	config Config

	mu          sync.Mutex
	connections map[string]*connection // by what their settings are
}

var _ objstore.Store = (*Store)(nil)

const (
	defaultPartSize = 8 << 20
	defaultStall    = 30 * time.Second
)

// New makes a store. The environment is read when it is first used.
func New(c Config) *Store {
	if c.Retry.Tries == 0 {
		c.Retry = objstore.DefaultRetry
	}
	if c.PartSize == 0 {
		c.PartSize = defaultPartSize
	}
	if c.Stall == 0 {
		c.Stall = defaultStall
	}
	if c.Scheme == "" {
		c.Scheme = "s3"
	}
	return &Store{config: c, connections: map[string]*connection{}}
}

// split cuts a path into bucket and key.
func split(path string) (bucket, key string, err error) {
	_, rest, ok := strings.Cut(path, "://")
	bucket, key, _ = strings.Cut(rest, "/")
	if !ok || s3utils.CheckValidBucketName(bucket) != nil {
		return "", "", sqlerr.New(sqlerr.InvalidParameterValue, "invalid S3 path \"%s\"", path).
			WithHint("S3 paths are s3://bucket/key; a bucket's name has 3 to 63 letters, digits, dots and hyphens.")
	}
	return bucket, key, nil
}

// splitObject is split for paths that must name an object.
func splitObject(path string) (bucket, key string, err error) {
	bucket, key, err = split(path)
	if err == nil && (key == "" || strings.HasSuffix(key, "/")) {
		err = sqlerr.New(sqlerr.InvalidParameterValue, "S3 path \"%s\" names no object", path)
	}
	return bucket, key, err
}

// Resolve writes the scheme as Glob does; keys have one spelling.
func (s *Store) Resolve(_ context.Context, path string) (string, error) {
	bucket, key, err := split(path)
	if err != nil {
		return "", err
	}
	return s.config.Scheme + "://" + bucket + "/" + key, nil
}

// Remove deletes an object; a missing one is no error.
func (s *Store) Remove(ctx context.Context, path string) error {
	bucket, key, err := splitObject(path)
	if err != nil {
		return err
	}
	a, err := s.access(ctx, path)
	if err != nil {
		return err
	}
	return a.failure(ctx, a.RemoveObject(ctx, bucket, key, minio.RemoveObjectOptions{}), bucket, key)
}
