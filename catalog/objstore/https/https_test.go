package https

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"volley/catalog/objstore"
	"volley/catalog/objstore/secret"
	"volley/sqlerr"
)

var content = bytes.Repeat([]byte("0123456789abcdef"), 1000)

// server answers below /ranges as the standard says, with an ETag; below /time with a
// time instead; below /whole without ranges or size; below /nohead not to HEAD.
func server(t *testing.T, etag *atomic.Value) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	gets := &atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			gets.Add(1)
		}
		var modified time.Time
		switch {
		case strings.HasPrefix(r.URL.Path, "/whole"):
			w.(http.Flusher).Flush() // without a length
			if r.Method == http.MethodGet {
				_, _ = w.Write(content)
			}
			return
		case strings.HasPrefix(r.URL.Path, "/cut"):
			w.Header().Set("Content-Length", "100")
			if r.Method == http.MethodGet {
				_, _ = w.Write(content[:50])
			}
			return
		case strings.HasPrefix(r.URL.Path, "/status/"):
			code := 0
			_, _ = fmt.Sscanf(r.URL.Path, "/status/%d", &code)
			w.WriteHeader(code)
			return
		case strings.HasPrefix(r.URL.Path, "/to"):
			http.Redirect(w, r, r.URL.Query().Get("u"), http.StatusFound)
			return
		case strings.HasPrefix(r.URL.Path, "/nohead") && r.Method == http.MethodHead:
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		case strings.HasPrefix(r.URL.Path, "/time"):
			modified = time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		if modified.IsZero() {
			w.Header().Set("ETag", etag.Load().(string))
		}
		http.ServeContent(w, r, "x.csv", modified, bytes.NewReader(content))
	}))
	t.Cleanup(s.Close)
	return s, gets
}

func tagged(tag string) *atomic.Value {
	v := &atomic.Value{}
	v.Store(tag)
	return v
}

// TestReads reads ranges of objects from servers of all kinds.
func TestReads(t *testing.T) {
	srv, gets := server(t, tagged(`"a"`))
	for path, maxGets := range map[string]int64{"/ranges/x y é.csv?token=1": 4, "/time/x": 4, "/whole/x": 2, "/nohead/x": 5, "/to?u=/ranges/x": 8} {
		gets.Store(0)
		s := New(Config{})
		url := srv.URL + path
		infos, err := s.Glob(context.Background(), url)
		if err != nil || len(infos) != 1 || infos[0].Size != int64(len(content)) || infos[0].Version == "" || infos[0].Path != url {
			t.Errorf("%s: %+v, %v", path, infos, err)
			continue
		}
		for range 2 {
			r, err := s.OpenVersion(context.Background(), infos[0])
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range [][2]int{{5, 100}, {len(content) - 10, 20}} {
				p := make([]byte, at[1])
				n, err := r.ReadAt(context.Background(), p, int64(at[0]))
				want := content[at[0]:min(at[0]+at[1], len(content))]
				if !bytes.Equal(p[:n], want) || (n < len(p)) != errors.Is(err, io.EOF) {
					t.Errorf("%s at %v: %d bytes, %v", path, at, n, err)
				}
			}
			if err := errors.Join(r.Close(), r.Close()); err != nil {
				t.Error(err)
			}
		}
		if n := gets.Load(); n > maxGets+1 {
			t.Errorf("%s: %d requests", path, n)
		}
	}
}

// TestChange: an object that changes between two ranges is no longer read.
func TestChange(t *testing.T) {
	tag := tagged(`"a"`)
	srv, _ := server(t, tag)
	r, err := New(Config{}).Open(context.Background(), srv.URL+"/ranges/x")
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 10)
	if _, err := r.ReadAt(context.Background(), p, 0); err != nil {
		t.Fatal(err)
	}
	tag.Store(`"b"`)
	if _, err := r.ReadAt(context.Background(), p, 10); sqlerr.Code(err) != sqlerr.DataCorrupted {
		t.Errorf("after a change: %v", err)
	}
	s := New(Config{})
	if _, err := s.OpenVersion(context.Background(), objstore.Info{Path: srv.URL + "/whole/x", Version: byBytes + "00"}); sqlerr.Code(err) != sqlerr.DataCorrupted {
		t.Errorf("another checksum: %v", err)
	}
}

// TestHeadersOfSecrets: requests within a secret's scope have its headers, others and
// redirects that leave the scope do not.
func TestHeadersOfSecrets(t *testing.T) {
	asked := map[string]string{}
	var mu sync.Mutex
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.URL.Path] += r.Header.Get("Authorization") + r.Header.Get("X-Key") + r.Header.Get("Accept-Encoding") + ";"
		mu.Unlock()
		switch {
		case r.URL.Query().Has("to"):
			http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
		case r.URL.Path == "/mine/refused":
			w.WriteHeader(http.StatusForbidden)
		default:
			w.Header().Set("ETag", `"a"`)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
		}
	}))
	t.Cleanup(srv.Close)
	k, err := secret.Open("")
	if err != nil {
		t.Fatal(err)
	}
	made, err := secret.New("mine", []secret.Setting{
		{Name: "type", Values: []string{"http"}},
		{Name: "scope", Values: []string{srv.URL + "/mine"}},
		{Name: "bearer_token", Values: []string{"hidden"}},
		{Name: "extra_http_headers", Values: []string{"X-Key: hidden-key"}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Create(made, false); err != nil {
		t.Fatal(err)
	}
	const with, without = "Bearer hiddenhidden-keyidentity;", "identity;"
	for path, want := range map[string]map[string]string{
		"/mine/x":                  {"/mine/x": with},
		"/mine/x?token=1":          {"/mine/x": with},
		"/minex":                   {"/minex": without},
		"/mine/a?to=/mine/b":       {"/mine/a": with, "/mine/b": with},
		"/mine/a?to=/other":        {"/mine/a": with, "/other": without},
		"/mine/a?to=/c?to=/mine/b": {"/mine/a": with, "/c": without, "/mine/b": with},
		"/other?to=/mine/b":        {"/other": without, "/mine/b": without},
	} {
		clear(asked)
		r, err := New(Config{Secrets: k}).Open(context.Background(), srv.URL+path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		p := make([]byte, 10)
		if _, err := r.ReadAt(context.Background(), p, 0); err != nil || !bytes.Equal(p, content[:10]) {
			t.Errorf("%s: %q, %v", path, p, err)
		}
		for at, each := range want {
			if got := asked[at]; strings.ReplaceAll(got, each, "") != "" || got == "" {
				t.Errorf("%s: %s was asked with %q, want %q each time", path, at, got, each)
			}
		}
	}
	_, err = New(Config{Secrets: k}).Open(context.Background(), srv.URL+"/mine/refused")
	if e := sqlerr.Find(err); e == nil || e.Code != sqlerr.InsufficientPrivilege || !strings.Contains(e.Detail, `"mine"`) || strings.Contains(fmt.Sprintf("%+v", e), "hidden") {
		t.Errorf("%+v", err)
	}
}

func TestRefusals(t *testing.T) {
	srv, _ := server(t, tagged(`W/"weak"`))
	secure := httptest.NewTLSServer(http.RedirectHandler(srv.URL+"/ranges/x", http.StatusFound))
	t.Cleanup(secure.Close)
	inside := objstore.AllowsRemote([]string{srv.URL + "/to", srv.URL + "/time"})
	limited, open := New(Config{Allowed: inside, MaxWhole: 1000}), New(Config{})
	trusting := New(Config{Transport: secure.Client().Transport})
	for name, c := range map[string]struct {
		store     *Store
		path      string
		code      string
		retryable bool
	}{
		"missing":            {open, srv.URL + "/status/404", sqlerr.UndefinedFile, false},
		"denied":             {open, srv.URL + "/status/403?sig=hidden", sqlerr.InsufficientPrivilege, false},
		"slow down":          {open, srv.URL + "/status/429?sig=hidden", sqlerr.IOError, true},
		"unavailable":        {open, srv.URL + "/status/503", sqlerr.IOError, true},
		"wildcard":           {open, srv.URL + "/*.csv", sqlerr.FeatureNotSupported, false},
		"directory":          {open, srv.URL + "/", sqlerr.FeatureNotSupported, false},
		"dots":               {open, srv.URL + "/a/%2e%2e/b", sqlerr.InvalidParameterValue, false},
		"user":               {open, strings.Replace(srv.URL, "//", "//me:hidden@", 1) + "/x", sqlerr.InvalidParameterValue, false},
		"too large":          {limited, srv.URL + "/whole/x", sqlerr.ProgramLimitExceeded, false},
		"cut short":          {open, srv.URL + "/cut/x", sqlerr.IOError, true},
		"redirect outside":   {limited, srv.URL + "/to?u=/ranges/x&sig=hidden", sqlerr.InsufficientPrivilege, false},
		"redirect with dots": {limited, srv.URL + "/to?u=/time/%252e%252e/ranges/x", sqlerr.InsufficientPrivilege, false},
		"redirect to itself": {open, srv.URL + "/to?u=" + srv.URL + "/status/404", sqlerr.UndefinedFile, false},
		"redirect in clear":  {trusting, secure.URL + "/x", sqlerr.InsufficientPrivilege, false},
		"unknown authority":  {open, secure.URL + "/x", sqlerr.IOError, true},
	} {
		_, err := c.store.Glob(context.Background(), c.path)
		e := (*sqlerr.Error)(nil)
		if !errors.As(err, &e) || e.Code != c.code || e.Retryable != c.retryable || strings.Contains(fmt.Sprint(err, e.Hint), "hidden") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := limited.Glob(context.Background(), srv.URL+"/to?u=/time/x"); err != nil {
		t.Errorf("a redirect to what is allowed: %v", err)
	}
	if _, err := open.Create(context.Background(), srv.URL+"/x"); sqlerr.Code(err) != sqlerr.FeatureNotSupported {
		t.Errorf("writing: %v", err)
	}
}

// TestSlowWhole: an object without ranges may take longer than a server may be silent.
func TestSlowWhole(t *testing.T) {
	gets := &atomic.Int64{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush() // without a length
		if r.Method != http.MethodGet || r.Header.Get("Range") != "" {
			return
		}
		gets.Add(1)
		for range 10 {
			_, _ = w.Write(content[:1000])
			w.(http.Flusher).Flush()
			time.Sleep(100 * time.Millisecond)
		}
	}))
	t.Cleanup(srv.Close)
	s := New(Config{Stall: 500 * time.Millisecond})
	infos, err := s.Glob(context.Background(), srv.URL+"/x")
	if err != nil || infos[0].Size != 10_000 {
		t.Fatalf("%+v, %v", infos, err)
	}
	// Another process has not read it: its readers do so once.
	gets.Store(0)
	other := New(Config{Stall: 500 * time.Millisecond})
	var group sync.WaitGroup
	for range 4 {
		group.Add(1)
		go func() {
			defer group.Done()
			r, err := other.OpenVersion(context.Background(), infos[0])
			if err != nil {
				t.Error(err)
				return
			}
			defer r.Close()
			p := make([]byte, 100)
			if _, err := r.ReadAt(context.Background(), p, 0); err != nil || !bytes.Equal(p, content[:100]) {
				t.Errorf("%q, %v", p, err)
			}
		}()
	}
	group.Wait()
	if n := gets.Load(); n != 1 {
		t.Errorf("%d requests for all of the object, want 1", n)
	}
}

// TestCannotKeep: a full disk is not taken for a fault of the server.
func TestCannotKeep(t *testing.T) {
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	kept := &keptFile{Writer: f}
	_, err = io.Copy(kept, bytes.NewReader(content))
	if e := sqlerr.Find(cannotKeep(kept.err, "http://h/x?sig=hidden")); err == nil || e.Code != sqlerr.DiskFull || e.Retryable || strings.Contains(e.Error(), "hidden") {
		t.Errorf("%v, %v", err, e)
	}
}

// TestTimeTellsSizes: versions by a time in seconds differ where sizes do.
func TestTimeTellsSizes(t *testing.T) {
	h := http.Header{"Last-Modified": {"Thu, 01 Jan 2015 00:00:00 GMT"}}
	if versionOf(h, 1) == versionOf(h, 2) {
		t.Error("two sizes are one version")
	}
}
