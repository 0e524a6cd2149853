package s3

import (
	"net/url"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"

	"volley/catalog/objstore/secret"
	"volley/sqlerr"
)

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
