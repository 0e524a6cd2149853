// Package s3 is the object store over Amazon S3 and servers that speak its
// protocol. Paths are s3://bucket/key.
//
// Where the server is and who asks is taken from the environment as Amazon's
// own tools take it: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL (http or https;
// buckets are then named in the path), AWS_REGION or AWS_DEFAULT_REGION, and
// credentials from AWS_ACCESS_KEY_ID and its siblings, AWS_PROFILE and the
// shared files, a web identity token, a container's or a machine's role; none
// at all for public buckets.
//
// A reader reads one version of an object: if another one takes its place,
// reads fail. Errors that pass (503, time-outs, connections reset) are marked
// retryable; objstore.Retry around the store makes the calls again. The
// client's own retries are off. No error tells a secret.
package s3

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/s3utils"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

// Config is what a store takes from its user rather than from the environment.
// The zero Config is the usual one.
type Config struct {
	// Retry is the policy for the parts of an upload, which the wrapper
	// objstore.Retry cannot repeat. Zero: objstore.DefaultRetry.
	Retry objstore.RetryPolicy
	// PartSize is how many bytes of a new object are sent at once; 0: 8 MiB.
	// Servers refuse parts below 5 MiB.
	PartSize int
	// Stall is how long a transfer may make no progress; 0: 30 seconds.
	Stall time.Duration
}

// Store is an S3 client. It connects at its first use.
type Store struct {
	config Config

	mu   sync.Mutex
	core *minio.Core
	// origin says where the credentials are from, for errors.
	origin string
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
	return &Store{config: c}
}

// client gives the client, made at the first call that succeeds.
func (s *Store) client(ctx context.Context) (*minio.Core, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.core != nil {
		return s.core, nil
	}
	at, err := endpointFromEnv()
	if err != nil {
		return nil, err
	}
	creds, origin, err := findCredentials(ctx, at.custom)
	if err != nil {
		return nil, err
	}
	transport, err := minio.DefaultTransport(at.secure)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.IOError, "could not set up a connection to S3")
	}
	transport.MaxIdleConnsPerHost = 64
	transport.ResponseHeaderTimeout = s.config.Stall
	core, err := minio.NewCore(at.host, &minio.Options{
		Creds:        creds,
		Secure:       at.secure,
		Region:       at.region,
		BucketLookup: at.lookup,
		Transport:    http.RoundTripper(transport),
		MaxRetries:   1,
	})
	if err != nil {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid S3 endpoint \"%s\"", at.host)
	}
	s.core, s.origin = core, origin
	return core, nil
}

// endpoint is where the server is.
type endpoint struct {
	host   string
	region string // "": asked of the server for each bucket
	secure bool
	custom bool // not Amazon's
	lookup minio.BucketLookupType
}

func endpointFromEnv() (endpoint, error) {
	e := endpoint{host: "s3.amazonaws.com", secure: true, region: os.Getenv("AWS_REGION")}
	if e.region == "" {
		e.region = os.Getenv("AWS_DEFAULT_REGION")
	}
	name := "AWS_ENDPOINT_URL_S3"
	raw := os.Getenv(name)
	if raw == "" {
		name = "AWS_ENDPOINT_URL"
		raw = os.Getenv(name)
	}
	if raw == "" {
		return e, nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" || u.User != nil {
		return e, sqlerr.New(sqlerr.InvalidParameterValue, "environment variable %s is not an endpoint", name).
			WithHint("An endpoint is a URL like https://host:port.")
	}
	if e.region == "" {
		e.region = "us-east-1" // what other servers call themselves
	}
	e.host, e.secure, e.custom, e.lookup = u.Host, u.Scheme == "https", true, minio.BucketLookupPath
	return e, nil
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
	return "s3://" + bucket + "/" + key, nil
}

// Remove deletes an object; a missing one is no error.
func (s *Store) Remove(ctx context.Context, path string) error {
	bucket, key, err := splitObject(path)
	if err != nil {
		return err
	}
	core, err := s.client(ctx)
	if err != nil {
		return err
	}
	return s.failure(ctx, core.RemoveObject(ctx, bucket, key, minio.RemoveObjectOptions{}), bucket, key)
}
