package s3

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"

	"volley/catalog/objstore/secret"
	"volley/sqlerr"
)

// access is a client with one set of settings: those of a secret, or of the
// environment.
type access struct {
	*minio.Core
	scheme string
	// origin says where the credentials are from, for errors.
	origin string
	// role has credentials that run out; nil: they do not.
	role *role
	// until is when credentials are looked for anew; zero: never.
	until time.Time
}

// identityOf differs for settings that differ.
func identityOf(settings *secret.Secret) (string, error) {
	if settings == nil {
		return "", nil
	}
	text, err := settings.Encode()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// connect makes a client.
func (s *Store) connect(ctx context.Context, settings *secret.Secret) (*access, error) {
	at, err := s.endpointOf(settings)
	if err != nil {
		return nil, err
	}
	found, err := s.credentialsOf(ctx, settings, at)
	if err != nil {
		return nil, err
	}
	transport, err := minio.DefaultTransport(at.secure)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.IOError, "could not set up a connection to S3")
	}
	transport.MaxIdleConnsPerHost = 64
	transport.ResponseHeaderTimeout = s.config.Stall
	if settings != nil && settings.CA != "" && at.secure {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM([]byte(settings.CA)) {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "CA of secret \"%s\" has no certificates", settings.Name)
		}
		transport.TLSClientConfig.RootCAs = pool
	}
	var sending http.RoundTripper = transport
	if settings != nil && settings.RequesterPays {
		sending = payingTransport{transport, found.creds}
	}
	core, err := minio.NewCore(at.host, &minio.Options{
		Creds:        found.creds,
		Secure:       at.secure,
		Region:       at.region,
		BucketLookup: at.lookup,
		Transport:    countingTransport{sending},
		MaxRetries:   1,
	})
	if err != nil {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid S3 endpoint \"%s\"", at.host)
	}
	return &access{Core: core, scheme: s.config.Scheme, origin: found.origin, role: found.role, until: found.until}, nil
}

// path is how errors and listings write a key.
func (a *access) path(bucket, key string) string { return a.scheme + "://" + bucket + "/" + key }
