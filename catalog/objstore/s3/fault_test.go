package s3_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// faultProxy stands between a store and a server and spoils answers. Requests
// are signed for its own address, which the server is told by the Host header.
type faultProxy struct {
	*httptest.Server
	mu    sync.Mutex
	fault func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool
	fired int
}

// newFaultProxy starts a proxy before the server at an endpoint.
func newFaultProxy(t *testing.T, endpoint string) *faultProxy {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
		r.Out.Host = r.In.Host // it is part of what was signed
	}}
	p := &faultProxy{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		fault := p.fault
		p.mu.Unlock()
		if fault != nil && fault(w, r, pass) {
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

// set installs a fault for the next n requests it applies to.
func (p *faultProxy) set(n int, applies func(*http.Request) bool, spoil http.HandlerFunc) {
	p.setWrapped(n, applies, func(w http.ResponseWriter, r *http.Request, _ http.Handler) { spoil(w, r) })
}

func (p *faultProxy) setWrapped(n int, applies func(*http.Request) bool, spoil func(http.ResponseWriter, *http.Request, http.Handler)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fired = 0
	p.fault = func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool {
		if !applies(r) {
			return false
		}
		p.mu.Lock()
		hit := p.fired < n
		if hit {
			p.fired++
		}
		p.mu.Unlock()
		if hit {
			spoil(w, r, pass)
		}
		return hit
	}
}

func (p *faultProxy) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fired
}

func isMethod(method string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == method }
}

// status answers with an error as S3 does.
func status(code int, name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(code)
		if r.Method != http.MethodHead {
			fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", name, strings.ToLower(name))
		}
	}
}

// reset cuts the connection without an answer.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

// stuck answers nothing until the client goes away.
func stuck(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// recorded runs pass and keeps its answer.
func recorded(r *http.Request, pass http.Handler) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	pass.ServeHTTP(rec, r)
	return rec
}

// short sends the head of the answer and half of its body.
func short(w http.ResponseWriter, r *http.Request, pass http.Handler) {
	rec := recorded(r, pass)
	conn, buf, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	fmt.Fprintf(buf, "HTTP/1.1 %d X\r\n", rec.Code)
	rec.Header().Set("Content-Length", fmt.Sprint(rec.Body.Len()))
	_ = rec.Header().Write(buf)
	fmt.Fprint(buf, "\r\n")
	_, _ = buf.Write(rec.Body.Bytes()[:rec.Body.Len()/2])
	_ = buf.Flush()
}

// shortByHeader sends half of the body and says that this is all.
func shortByHeader(w http.ResponseWriter, r *http.Request, pass http.Handler) {
	rec := recorded(r, pass)
	body := rec.Body.Bytes()[:rec.Body.Len()/2]
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(rec.Code)
	_, _ = w.Write(body)
}

// otherETag answers with the object's bytes as if they were another version's.
func otherETag(w http.ResponseWriter, r *http.Request, pass http.Handler) {
	rec := recorded(r, pass)
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.Header().Set("ETag", `"0123456789abcdef0123456789abcdef"`)
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

// wholeObject ignores the range asked for.
func wholeObject(w http.ResponseWriter, r *http.Request, pass http.Handler) {
	rec := recorded(r, pass)
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.Header().Del("Content-Range")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(rec.Body.Bytes())
}
