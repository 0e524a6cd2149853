package s3

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"net/url"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"volley/catalog/objstore/secret"
	"volley/sqlerr"
)

// maxAccesses bounds how many connections with different settings are kept.
const maxAccesses = 64

// access is a client with one set of settings: those of a secret, or of the
// environment.
type access struct {
	*minio.Core
	scheme string
	// origin says where the credentials are from, for errors.
	origin        string
	requesterPays bool
}

// access gives the client for a path, made at the first call that succeeds.
func (s *Store) access(ctx context.Context, path string) (*access, error) {
	settings := secret.Find(ctx, s.config.Secrets, path)
	identity, err := identityOf(settings)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.accesses[identity]; a != nil {
		return a, nil
	}
	a, err := s.connect(ctx, settings)
	if err != nil {
		return nil, err
	}
	if len(s.accesses) >= maxAccesses {
		clear(s.accesses) // readers keep theirs
	}
	s.accesses[identity] = a
	return a, nil
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
	creds, origin, err := s.credentialsOf(ctx, settings, at)
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
	core, err := minio.NewCore(at.host, &minio.Options{
		Creds:        creds,
		Secure:       at.secure,
		Region:       at.region,
		BucketLookup: at.lookup,
		Transport:    countingTransport{transport},
		MaxRetries:   1,
	})
	if err != nil {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid S3 endpoint \"%s\"", at.host)
	}
	return &access{core, s.config.Scheme, origin, settings != nil && settings.RequesterPays}, nil
}

// endpoint is where the server is.
type endpoint struct {
	host   string
	region string // "": asked of the server for each bucket
	secure bool
	custom bool // not Amazon's
	lookup minio.BucketLookupType
}

// endpointOf is the endpoint of a secret. What it does not say is the environment's.
func (s *Store) endpointOf(settings *secret.Secret) (endpoint, error) {
	e, err := s.endpointFromEnv()
	if err != nil || settings == nil {
		return e, err
	}
	if settings.Endpoint != "" {
		raw := settings.Endpoint
		if !strings.Contains(raw, "://") {
			scheme := "https://"
			if settings.PlainHTTP {
				scheme = "http://"
			}
			raw = scheme + raw
		}
		region := e.region
		if e, err = parseEndpoint(raw); err != nil {
			return e, sqlerr.New(sqlerr.InvalidParameterValue, "ENDPOINT of secret \"%s\" is not one", settings.Name).WithHint(endpointHint)
		}
		e.region = region
		if settings.Region == "" && (region == "" || e.custom) {
			e.region = defaultRegion
		}
	} else if settings.PlainHTTP {
		e.secure = false
	}
	if settings.Region != "" {
		e.region = settings.Region
	}
	switch settings.URLStyle {
	case "path":
		e.lookup = minio.BucketLookupPath
	case "vhost":
		e.lookup = minio.BucketLookupDNS
	}
	return e, nil
}

const (
	endpointHint  = "An endpoint is a URL like https://host:port."
	defaultRegion = "us-east-1" // what other servers call themselves
)

// environment names the variables that stores of a scheme read.
type environment struct {
	endpoints, regions []string
	id, key, token     string
	host, region       string // without any
}

var environments = map[string]environment{
	"s3": {
		endpoints: []string{"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}, regions: []string{"AWS_REGION", "AWS_DEFAULT_REGION"},
		id: "AWS_ACCESS_KEY_ID", key: "AWS_SECRET_ACCESS_KEY", token: "AWS_SESSION_TOKEN", host: "s3.amazonaws.com",
	},
	"gs": {
		endpoints: []string{"GS_ENDPOINT_URL"}, id: "GS_ACCESS_KEY_ID", key: "GS_SECRET_ACCESS_KEY",
		host: "storage.googleapis.com", region: "auto",
	},
}

func (s *Store) endpointFromEnv() (endpoint, error) {
	env := environments[s.config.Scheme]
	e := endpoint{host: env.host, secure: true, region: firstSet(env.regions)}
	for _, name := range env.endpoints {
		raw := os.Getenv(name)
		if raw == "" {
			continue
		}
		region := e.region
		var err error
		if e, err = parseEndpoint(raw); err != nil {
			return e, sqlerr.New(sqlerr.InvalidParameterValue, "environment variable %s is not an endpoint", name).WithHint(endpointHint)
		}
		if e.region = region; region == "" {
			e.region = defaultRegion
		}
		return e, nil
	}
	if e.region == "" {
		e.region = env.region
	}
	return e, nil
}

// firstSet is the value of the first of the variables that is set.
func firstSet(names []string) string {
	for _, name := range names {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return ""
}

func parseEndpoint(raw string) (endpoint, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" || u.User != nil {
		return endpoint{}, sqlerr.New(sqlerr.InvalidParameterValue, "not an endpoint")
	}
	e := endpoint{host: u.Host, secure: u.Scheme == "https"}
	if host := u.Hostname(); !strings.HasSuffix(host, ".amazonaws.com") && host != "storage.googleapis.com" {
		e.custom, e.lookup = true, minio.BucketLookupPath
	}
	return e, nil
}

// credentialsOf finds the credentials that a secret says, or those of the environment.
func (s *Store) credentialsOf(ctx context.Context, settings *secret.Secret, at endpoint) (*credentials.Credentials, string, error) {
	if settings == nil || settings.Provider == secret.Chain {
		profile := ""
		if settings != nil {
			profile = settings.Profile
		}
		creds, origin, err := s.findCredentials(ctx, at.custom, profile)
		if settings != nil && origin != "" {
			origin += ", as secret \"" + settings.Name + "\" says"
		}
		return creds, origin, err
	}
	if settings.Key.Reveal() == "" {
		return anonymous(), "secret \"" + settings.Name + "\", which has no keys", nil
	}
	return credentials.NewStaticV4(settings.KeyID.Reveal(), settings.Key.Reveal(), settings.SessionToken.Reveal()),
		"secret \"" + settings.Name + "\"", nil
}

func anonymous() *credentials.Credentials {
	return credentials.NewStatic("", "", "", credentials.SignatureAnonymous)
}

// path is how errors and listings write a key.
func (a *access) path(bucket, key string) string { return a.scheme + "://" + bucket + "/" + key }

// requestPayer is the header that a bucket whose readers pay wants.
const requestPayer = "x-amz-request-payer"

// get are the options of requests for an object.
func (a *access) get() minio.GetObjectOptions {
	var opts minio.GetObjectOptions
	if a.requesterPays {
		opts.Set(requestPayer, "requester")
	}
	return opts
}
