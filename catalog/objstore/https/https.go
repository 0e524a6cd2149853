// Package https is the store of what web servers have: http://host/path and
// https://host/path. It only reads, one object at a time: servers have no listings,
// so that wildcards are refused. A "?" begins the query of a URL.
//
//	Open ─HEAD─▶ size, ETag ─▶ ReadAt ─GET with Range, If-Match─▶ 206
//	     └─ no size, or no ranges ─GET─▶ a file without a name, read by all
//
// Requests get the headers of the secret whose scope the URL is in. Redirects are followed
// as long as Config.Allowed permits, but not from https to http, and without these headers
// when they leave the scope. Messages show URLs without their query, which may hold a signature.
package https

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"volley/catalog/objstore"
	"volley/catalog/objstore/secret"
	"volley/sqlerr"
)

// Config is what a store may do. The zero Config permits everything.
type Config struct {
	// Allowed tells whether a redirect may lead to a URL; nil: to any.
	Allowed func(url string) bool
	// MaxWhole bounds, in bytes, an object of a server without ranges; 0: 4 GiB.
	MaxWhole int64
	// Stall is how long a server may send nothing; 0: 30 seconds.
	Stall time.Duration
	// Transport makes requests; nil: one of the store's own.
	Transport http.RoundTripper
	// Secrets are those of the process, whose headers requests get; nil: none. A context
	// may have others.
	Secrets *secret.Keeper
}

// Store reads from web servers.
type Store struct {
	config Config
	client *http.Client
	wholes wholes
}

var _ objstore.Store = (*Store)(nil)

const maxRedirects = 10

// New makes a store.
func New(c Config) *Store {
	if c.MaxWhole == 0 {
		c.MaxWhole = 4 << 30
	}
	if c.Stall == 0 {
		c.Stall = 30 * time.Second
	}
	if c.Transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.DisableCompression = true // ranges are of what the server has
		t.MaxIdleConnsPerHost = 64
		t.ResponseHeaderTimeout = c.Stall
		c.Transport = t
	}
	s := &Store{config: c}
	s.client = &http.Client{Transport: c.Transport, CheckRedirect: s.checkRedirect}
	return s
}

// refusedRedirect is the cause of a redirect that is not followed.
type refusedRedirect struct{ to, why string }

func (e *refusedRedirect) Error() string { return "redirect to " + e.to + ": " + e.why }

func (s *Store) checkRedirect(to *http.Request, via []*http.Request) error {
	switch {
	case len(via) >= maxRedirects:
		return &refusedRedirect{shown(to.URL.String()), "too many"}
	case to.URL.Scheme != "https" && via[0].URL.Scheme == "https":
		return &refusedRedirect{shown(to.URL.String()), "it is not encrypted"}
	case to.URL.User != nil || hasDots(to.URL) || s.config.Allowed != nil && !s.config.Allowed(to.URL.String()):
		return &refusedRedirect{shown(to.URL.String()), "it is not allowed"}
	}
	// Headers of a secret are for its scope alone.
	first := secret.Find(to.Context(), s.config.Secrets, via[0].URL.String())
	if first != nil && secret.Find(to.Context(), s.config.Secrets, to.URL.String()) != first {
		for _, h := range first.Headers {
			to.Header.Del(h.Name)
		}
	}
	return nil
}

// shown is a URL for messages, without its query and its user.
func shown(raw string) string {
	raw, _, _ = strings.Cut(raw, "?")
	scheme, rest, _ := strings.Cut(raw, "://")
	host, path, slash := strings.Cut(rest, "/")
	host = host[strings.LastIndexByte(host, '@')+1:]
	if slash {
		host += "/"
	}
	return scheme + "://" + host + path
}

// hasDots tells whether a path has "." or "..", perhaps escaped, by which servers
// would lead elsewhere than the allowed path was compared with.
func hasDots(u *url.URL) bool {
	return slices.ContainsFunc(strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' || r == '\\' }), func(part string) bool { return part == "." || part == ".." })
}

// check parses a path.
func check(path string) (*url.URL, error) {
	u, err := url.Parse(path)
	if err != nil || u.Host == "" || u.User != nil || hasDots(u) {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid URL \"%s\"", shown(path)).
			WithHint("URLs are https://host/path, without a user and without dots as directories.")
	}
	u.Fragment = ""
	return u, nil
}

// Glob gives the object of a URL.
func (s *Store) Glob(ctx context.Context, pattern string) ([]objstore.Info, error) {
	if strings.ContainsAny(shown(pattern), "*[{") || strings.HasSuffix(shown(pattern), "/") {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "wildcards and directories are not supported in \"%s\": web servers have no listings", shown(pattern)).
			WithHint("Name each file: read_csv(['https://…/1.csv', 'https://…/2.csv']).")
	}
	if g := objstore.GlanceOf(ctx); g != nil {
		if o, found := s.glance(ctx, pattern, g); found {
			return []objstore.Info{o.info}, nil
		}
	}
	o, err := s.stat(ctx, pattern)
	if err != nil {
		return nil, err
	}
	return []objstore.Info{o.info}, nil
}

// Resolve gives the path as it is.
func (*Store) Resolve(_ context.Context, path string) (string, error) { return path, nil }

func readOnly(path string) error {
	return sqlerr.New(sqlerr.FeatureNotSupported, "cannot write \"%s\": web servers are read only", shown(path))
}

// Create refuses.
func (*Store) Create(_ context.Context, path string) (objstore.Writer, error) {
	return nil, readOnly(path)
}

// MakeDirectory refuses.
func (*Store) MakeDirectory(_ context.Context, path string) (func(), error) {
	return nil, readOnly(path)
}

// Remove refuses.
func (*Store) Remove(_ context.Context, path string) error { return readOnly(path) }

// do makes a request. Answers other than success are errors.
func (s *Store) do(ctx context.Context, method, path string, header map[string]string) (*http.Response, error) {
	u, err := check(path)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), http.NoBody)
	if err != nil {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid URL \"%s\"", shown(path))
	}
	settings := secret.Find(ctx, s.config.Secrets, u.String())
	if settings != nil {
		for _, h := range settings.Headers {
			req.Header.Set(h.Name, h.Value.Reveal())
		}
	}
	req.Header.Set("Accept-Encoding", "identity")
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, failure(ctx, err, path)
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusPartialContent {
		resp.Body.Close()
		return nil, refusal(resp.StatusCode, path, settings)
	}
	return resp, nil
}

// refusal is the error for a status.
func refusal(status int, path string, settings *secret.Secret) error {
	switch {
	case status == http.StatusNotFound, status == http.StatusGone:
		return sqlerr.New(sqlerr.UndefinedFile, "no such file: \"%s\"", shown(path))
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired:
		e := sqlerr.New(sqlerr.InsufficientPrivilege, "access denied to \"%s\" (status %d)", shown(path), status)
		if settings == nil {
			return e
		}
		return e.WithDetail("The headers are from secret \"%s\".", settings.Name)
	case status == http.StatusPreconditionFailed, status == http.StatusRequestedRangeNotSatisfiable:
		return objstore.Changed(shown(path))
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500 && status != http.StatusNotImplemented:
		return objstore.Passing("server could not give \"%s\" (status %d)", shown(path), status)
	}
	return sqlerr.New(sqlerr.IOError, "server refused \"%s\" (status %d)", shown(path), status)
}

// failure is the error for a request without an answer.
func failure(ctx context.Context, err error, path string) error {
	if err == nil {
		return nil
	}
	if e := (*sqlerr.Error)(nil); errors.As(err, &e) {
		return err
	}
	if ctx.Err() != nil {
		if !objstore.Stalled(ctx) {
			return ctx.Err()
		}
		return objstore.Passing("transfer of \"%s\" made no progress", shown(path))
	}
	if r := (*refusedRedirect)(nil); errors.As(err, &r) {
		return sqlerr.New(sqlerr.InsufficientPrivilege, "\"%s\" redirects to \"%s\", which is refused: %s", shown(path), r.to, r.why)
	}
	if ue := (*url.Error)(nil); errors.As(err, &ue) {
		err = ue.Err
	}
	return objstore.Passing("connection for \"%s\" failed: %s", shown(path), err)
}
