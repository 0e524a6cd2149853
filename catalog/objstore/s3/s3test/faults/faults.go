// Package faults is a proxy of an S3 server that spoils some of its answers, for
// tests. It counts the requests that a fault could have met and those that it met:
// a test shows by them that its fault was there.
//
//	client ──▶ Proxy ──fault applies?──no──▶ server
//	             └─yes─▶ Spoil ──(some)──▶ server
package faults

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
)

// Fault says which requests are spoilt, and how.
type Fault struct {
	// Applies tells whether a request is one that the fault may meet; nil: all are.
	Applies func(*http.Request) bool
	// Every: of these only each so-manieth, the first one included; 0: each.
	Every int
	// Limit is how many are spoilt at most; 0: any number.
	Limit int
	Spoil Spoil
}

// Spoil answers a request in place of the server behind pass, which it may ask.
type Spoil func(w http.ResponseWriter, r *http.Request, pass http.Handler)

// Counts are what happened since a fault was set.
type Counts struct {
	Requests int // all there were
	Data     int // of those for bytes of objects
	Applied  int // of those that the fault may meet
	Fired    int // that were spoilt
	// Tries is how often the one range of an object was asked for that was asked
	// for most often.
	Tries int
}

// Proxy stands before a server. Requests are signed for its own address, which the
// server is told by the Host header. It is safe for concurrent use.
type Proxy struct {
	URL string // http://127.0.0.1:port

	server *httptest.Server
	pass   http.Handler

	mu     sync.Mutex
	fault  Fault
	counts Counts
	tries  map[string]int
}

// Start starts a proxy before the server at endpoint, http://host:port, without a
// fault.
func Start(endpoint string) (*Proxy, error) {
	target, err := url.Parse(endpoint)
	if err != nil {
		return nil, err
	}
	p := &Proxy{pass: &httputil.ReverseProxy{
		Transport: &http.Transport{MaxIdleConnsPerHost: 64},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
			r.Out.Host = r.In.Host // it is part of what was signed
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { // mostly that the client has gone
			w.WriteHeader(http.StatusBadGateway)
		},
	}}
	p.Clear()
	p.server = httptest.NewServer(p)
	p.URL = p.server.URL
	return p, nil
}

// Close ends the proxy and the connections to it.
func (p *Proxy) Close() {
	p.server.CloseClientConnections()
	p.server.Close()
}

// Set puts a fault in place of the one before and begins to count anew.
func (p *Proxy) Set(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault, p.counts, p.tries = f, Counts{}, map[string]int{}
}

// Clear takes the fault away and begins to count anew.
func (p *Proxy) Clear() { p.Set(Fault{}) }

// Counts are those since Set or Clear.
func (p *Proxy) Counts() Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts
}

// ServeHTTP passes a request on or spoils it.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if spoil := p.meets(r); spoil != nil {
		spoil(w, r, p.pass)
		return
	}
	p.pass.ServeHTTP(w, r)
}

// meets counts a request and gives what spoils it, nil: nothing.
func (p *Proxy) meets(r *http.Request) Spoil {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, f := &p.counts, &p.fault
	c.Requests++
	if Data(r) {
		c.Data++
		key := r.URL.Path + " " + r.Header.Get("Range")
		p.tries[key]++
		c.Tries = max(c.Tries, p.tries[key])
	}
	if f.Applies != nil && !f.Applies(r) {
		return nil
	}
	c.Applied++
	if f.Every > 1 && c.Applied%f.Every != 1 || f.Limit > 0 && c.Fired >= f.Limit || f.Spoil == nil {
		return nil
	}
	c.Fired++
	return f.Spoil
}

// Data tells whether a request asks for bytes of an object.
func Data(r *http.Request) bool {
	return r.Method == http.MethodGet && !Listing(r) && strings.Count(strings.Trim(r.URL.Path, "/"), "/") > 0
}

// Listing tells whether a request asks which objects there are.
func Listing(r *http.Request) bool {
	return r.Method == http.MethodGet && r.URL.Query().Has("list-type")
}

// Completion tells whether a request puts the parts of an object together.
func Completion(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Query().Has("uploadId")
}

// Upload tells whether a request sends an object or a part of one.
func Upload(r *http.Request) bool { return r.Method == http.MethodPut }
