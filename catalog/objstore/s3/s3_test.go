package s3_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"volley/catalog/objstore"
	"volley/catalog/objstore/s3"
	"volley/catalog/objstore/s3/s3test"
	"volley/catalog/objstore/s3/s3test/faults"
	"volley/catalog/objstore/secret"
	"volley/sqlerr"
)

var ctx = context.Background()

// impatient retries without waiting.
var impatient = objstore.RetryPolicy{Tries: 5, First: 1, Max: 1, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}

func put(t *testing.T, s objstore.Store, path string, data []byte) {
	t.Helper()
	w, err := s.Create(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func get(s objstore.Store, path string, chunk int) ([]byte, error) {
	r, err := s.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out []byte
	for {
		p := make([]byte, chunk)
		n, err := r.ReadAt(ctx, p, int64(len(out)))
		out = append(out, p[:n]...)
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
	}
}

// TestServer runs everything against one server, since it takes long to start.
func TestServer(t *testing.T) {
	server := s3test.Start(t)
	server.Setenv(t)
	server.MakeBucket(t, "bkt")
	store := s3.New(s3.Config{Retry: impatient, Stall: 10 * time.Second})

	t.Run("objects", func(t *testing.T) { testObjects(t, store) })
	t.Run("glob", func(t *testing.T) { testGlob(t, store) })
	t.Run("multipart", func(t *testing.T) { testMultipart(t, server) })
	t.Run("memory", func(t *testing.T) { testMemory(t, store) })
	t.Run("credentials", func(t *testing.T) { testCredentials(t, server) })
	t.Run("profile", func(t *testing.T) { testProfile(t) })
	t.Run("requester pays", func(t *testing.T) { testRequesterPays(t, server) })
	t.Run("changed", func(t *testing.T) { testChanged(t, store) })
	t.Run("faults", func(t *testing.T) { testFaults(t, server, store) })
	t.Run("upload faults", func(t *testing.T) { testUploadFaults(t, server) })
}

func testObjects(t *testing.T, s objstore.Store) {
	data := randomBytes(100_000)
	put(t, s, "s3://bkt/dir/ä b+c%.bin", data)
	put(t, s, "s3://bkt/empty", nil)
	for _, chunk := range []int{100_000, 100_001, 33_333, 1 << 20} {
		if got, err := get(s, "s3://bkt/dir/ä b+c%.bin", chunk); err != nil || !bytes.Equal(got, data) {
			t.Errorf("chunks of %d: %d bytes, %v", chunk, len(got), err)
		}
	}
	if got, err := get(s, "s3://bkt/empty", 10); err != nil || len(got) != 0 {
		t.Errorf("empty: %d bytes, %v", len(got), err)
	}
	for i := range 2 {
		if err := s.Remove(ctx, "s3://bkt/empty"); err != nil {
			t.Errorf("remove %d: %v", i, err)
		}
	}
	for path, want := range map[string]struct{ code, text string }{
		"s3://bkt/empty":   {sqlerr.UndefinedFile, `no such file: "s3://bkt/empty"`},
		"s3://bkt/x/y.csv": {sqlerr.UndefinedFile, `no such file: "s3://bkt/x/y.csv"`},
		"s3://nobucket/x":  {sqlerr.UndefinedFile, `no such bucket: "nobucket"`},
		"s3://bkt":         {sqlerr.InvalidParameterValue, "names no object"},
		"s3://bkt/":        {sqlerr.InvalidParameterValue, "names no object"},
		"s3:///x":          {sqlerr.InvalidParameterValue, "invalid S3 path"},
		"s3://B_A_D/x.csv": {sqlerr.InvalidParameterValue, "invalid S3 path"},
	} {
		_, err := s.Open(ctx, path)
		if sqlerr.Code(err) != want.code || !strings.Contains(err.Error(), want.text) {
			t.Errorf("%s: %v (%s)", path, err, sqlerr.Code(err))
		}
	}
	w, err := s.Create(ctx, "s3://nobucket/x")
	if err == nil {
		err = w.Commit()
	}
	if sqlerr.Code(err) != sqlerr.UndefinedFile {
		t.Errorf("create in no bucket: %v", err)
	}
}

func testGlob(t *testing.T, s objstore.Store) {
	for _, k := range []string{"a.csv", "b.csv", "d/c.csv", "d/e/f.csv", "d/_x/g.csv", "d/.h.csv", "dd/i.csv"} {
		put(t, s, "s3://bkt/g/"+k, []byte(k))
	}
	for pattern, want := range map[string]string{
		"g/*.csv":         "a.csv b.csv",
		"g/{b,a,x}.csv":   "a.csv b.csv",
		"g/?.csv":         "a.csv b.csv",
		"g/**/*.csv":      "a.csv b.csv d/_x/g.csv d/c.csv d/e/f.csv dd/i.csv",
		"g/d*/*.csv":      "d/c.csv dd/i.csv",
		"g/d":             "d/c.csv d/e/f.csv",
		"g/d/":            "d/c.csv d/e/f.csv",
		"g/**":            "a.csv b.csv d/_x/g.csv d/c.csv d/e/f.csv dd/i.csv",
		"g/a.csv":         "a.csv",
		"g/x*":            "",
		"g/[!a].csv":      "b.csv",
		"g/{d,dd}/[ci].*": "d/c.csv dd/i.csv",
	} {
		infos, err := s.Glob(ctx, "s3://bkt/"+pattern)
		var names []string
		for _, i := range infos {
			names = append(names, strings.TrimPrefix(i.Path, "s3://bkt/g/"))
			if i.Size != int64(len(names[len(names)-1])) || len(i.Version) < 32 {
				t.Errorf("%s: %+v", pattern, i)
			}
		}
		if got := strings.Join(names, " "); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", pattern, got, err, want)
		}
	}
	for pattern, want := range map[string]string{
		"s3://bkt/g/nothing":   sqlerr.UndefinedFile,
		"s3://bkt/nothing/":    sqlerr.UndefinedFile,
		"s3://nobucket/*":      sqlerr.UndefinedFile,
		"s3://nobucket/x":      sqlerr.UndefinedFile,
		"s3://*/x":             sqlerr.FeatureNotSupported,
		"s3://bkt/g/[unclosed": sqlerr.InvalidParameterValue,
	} {
		if _, err := s.Glob(ctx, pattern); sqlerr.Code(err) != want {
			t.Errorf("%s: %v", pattern, err)
		}
	}
	// The version that is listed is the one that is opened.
	infos, err := s.Glob(ctx, "s3://bkt/g/a*")
	if err != nil || len(infos) != 1 {
		t.Fatal(infos, err)
	}
	r, err := s.Open(ctx, infos[0].Path)
	if err != nil || r.Info() != infos[0] {
		t.Errorf("%+v, %v; listed %+v", r.Info(), err, infos[0])
	}
}

func testMultipart(t *testing.T, server *s3test.Server) {
	s := s3.New(s3.Config{Retry: impatient, PartSize: 5 << 20})
	data := randomBytes(12 << 20)
	for _, n := range []int{5 << 20, 5<<20 + 1, 10 << 20, 12 << 20} {
		put(t, s, "s3://bkt/big", data[:n])
		if got, err := get(s, "s3://bkt/big", 4<<20); err != nil || !bytes.Equal(got, data[:n]) {
			t.Errorf("%d bytes: read %d, %v", n, len(got), err)
		}
	}
	w, err := s.Create(ctx, "s3://bkt/aborted")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := w.Write(data[:4<<20]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Errorf("abort: %v", err)
	}
	if _, err := s.Open(ctx, "s3://bkt/aborted"); sqlerr.Code(err) != sqlerr.UndefinedFile {
		t.Errorf("an aborted object is there: %v", err)
	}
	parts := 0
	_ = filepath.Walk(server.Dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() && info.Size() >= 4<<20 && filepath.Base(path) != "big" {
			parts++
		}
		return nil
	})
	if parts > 0 {
		t.Errorf("%d parts are left after the abort", parts)
	}
}

// account is a limited one, and the most that it had.
type account struct {
	mu                sync.Mutex
	used, most, limit int64
}

func (a *account) Reserve(n int64) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.used+n > a.limit {
		return sqlerr.New(sqlerr.OutOfMemory, "%d bytes refused, %d are used", n, a.used)
	}
	a.used += n
	a.most = max(a.most, a.used)
	return nil
}

func (a *account) Release(n int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.used -= n
}

// testMemory: what an object holds until it is sent is in the account, which is never
// passed; where it is short, parts are sent early and waited for.
func testMemory(t *testing.T, s objstore.Store) {
	data := randomBytes(40 << 20)
	for _, c := range []struct {
		limit   int64
		size    int
		code    string
		most    int64
		aborted bool
	}{
		{limit: 64 << 20, size: 100, most: 4 << 10},
		{limit: 64 << 20, size: 40 << 20, most: 64 << 20},
		{limit: 13 << 20, size: 40 << 20, most: 13 << 20},
		{limit: 64 << 20, size: 40 << 20, most: 64 << 20, aborted: true},
		{limit: 1 << 20, size: 2 << 20, most: 1 << 20, code: sqlerr.OutOfMemory},
	} {
		a := &account{limit: c.limit}
		w, err := s.Create(objstore.WithMemory(ctx, a), "s3://bkt/accounted")
		if err != nil {
			t.Fatal(err)
		}
		for rest := data[:c.size]; len(rest) > 0 && err == nil; {
			n := min(len(rest), 300_000)
			_, err = w.Write(rest[:n])
			rest = rest[n:]
		}
		if err == nil && !c.aborted {
			err = w.Commit()
		}
		if closed := w.Close(); closed != nil {
			t.Error(closed)
		}
		if sqlerr.Code(err) != c.code || a.used != 0 || a.most > c.most || a.most == 0 {
			t.Errorf("%+v: %v, %d used in the end, %d at most", c, err, a.used, a.most)
		}
		if err == nil && !c.aborted {
			if got, err := get(s, "s3://bkt/accounted", 8<<20); err != nil || !bytes.Equal(got, data[:c.size]) {
				t.Errorf("%+v: read %d bytes, %v", c, len(got), err)
			}
		}
	}
}

func testCredentials(t *testing.T, server *s3test.Server) {
	const wrong = "not-the-secret-0123456789"
	for name, env := range map[string]map[string]string{
		"SignatureDoesNotMatch": {"AWS_SECRET_ACCESS_KEY": wrong},
		"XAdminUserNotFound":    {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": wrong},
	} {
		t.Run(name, func(t *testing.T) {
			for k, v := range env {
				t.Setenv(k, v)
			}
			s := s3.New(s3.Config{Retry: impatient})
			w, createErr := s.Create(ctx, "s3://bkt/x")
			if createErr == nil {
				// What the server has not read of it must not be taken for the next request.
				if _, err := w.Write(randomBytes(100_000)); err != nil {
					t.Fatal(err)
				}
				createErr = w.Commit()
			}
			_, openErr := s.Open(ctx, "s3://bkt/g/a.csv")
			_, globErr := s.Glob(ctx, "s3://bkt/g/*")
			for _, err := range []error{openErr, globErr, createErr} {
				e := sqlerr.Find(err)
				if e == nil || e.Code != sqlerr.InsufficientPrivilege || !strings.Contains(e.Message, name) ||
					!strings.Contains(e.Message, "s3://bkt/") || !strings.Contains(e.Detail, "AWS_ACCESS_KEY_ID") {
					t.Errorf("%+v", e)
				}
				if text := fmt.Sprintf("%+v", e); strings.Contains(text, wrong) || strings.Contains(text, server.SecretKey) {
					t.Error("the error tells the secret")
				}
			}
		})
	}
	t.Run("anonymous", func(t *testing.T) {
		t.Setenv("AWS_ACCESS_KEY_ID", "")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "")
		t.Setenv("HOME", t.TempDir())
		_, err := s3.New(s3.Config{}).Open(ctx, "s3://bkt/g/a.csv")
		if e := sqlerr.Find(err); e == nil || e.Code != sqlerr.InsufficientPrivilege || !strings.Contains(e.Detail, "no credentials") {
			t.Errorf("%+v", e)
		}
	})
	t.Run("incomplete", func(t *testing.T) {
		t.Setenv("AWS_SECRET_ACCESS_KEY", "")
		_, err := s3.New(s3.Config{}).Open(ctx, "s3://bkt/g/a.csv")
		if sqlerr.Code(err) != sqlerr.InvalidAuthorization {
			t.Error(err)
		}
	})
}

func testProfile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "credentials")
	text := fmt.Sprintf("[default]\naws_access_key_id = nobody\naws_secret_access_key = nothing\n\n[work]\naws_access_key_id = %s\naws_secret_access_key = %s\n",
		os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
	t.Setenv("AWS_PROFILE", "work")
	if _, err := s3.New(s3.Config{}).Open(ctx, "s3://bkt/g/a.csv"); err != nil {
		t.Error(err)
	}
	t.Setenv("AWS_PROFILE", "")
	_, err := s3.New(s3.Config{}).Open(ctx, "s3://bkt/g/a.csv")
	if e := sqlerr.Find(err); e == nil || e.Code != sqlerr.InsufficientPrivilege || !strings.Contains(e.Detail, `"default"`) {
		t.Errorf("%+v", e)
	}
	t.Setenv("AWS_PROFILE", "nix")
	if _, err = s3.New(s3.Config{}).Open(ctx, "s3://bkt/g/a.csv"); sqlerr.Code(err) != sqlerr.InvalidAuthorization || !strings.Contains(err.Error(), "nix") {
		t.Error(err)
	}
}

// testRequesterPays: requests of all kinds say who pays, with signatures that hold.
func testRequesterPays(t *testing.T, server *s3test.Server) {
	proxy := startFaults(t, server)
	paid, free := 0, 0
	var mu sync.Mutex
	proxy.Set(faults.Fault{Spoil: func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
		mu.Lock()
		if r.Header.Get("X-Amz-Request-Payer") == "requester" && strings.Contains(r.Header.Get("Authorization"), "x-amz-request-payer") {
			paid++
		} else {
			free++
			t.Errorf("%s %s does not say who pays", r.Method, r.URL)
		}
		mu.Unlock()
		pass.ServeHTTP(w, r)
	}})
	s := s3.New(s3.Config{Retry: impatient, PartSize: 5 << 20, Secrets: secretsFor(t, map[string]secret.Secret{
		"s3://bkt": {Endpoint: proxy.URL, Region: "us-east-1", KeyID: secret.NewValue(server.AccessKey), Key: secret.NewValue(server.SecretKey), RequesterPays: true},
	})})
	for _, n := range []int{1000, 11 << 20} {
		data := randomBytes(n)
		put(t, s, "s3://bkt/paid/ä b+c.bin", data)
		if got, err := get(s, "s3://bkt/paid/ä b+c.bin", 6<<20); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
	w, err := s.Create(ctx, "s3://bkt/paid/given-up")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(randomBytes(6 << 20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if found, err := s.Glob(ctx, "s3://bkt/paid/*"); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
	if err := s.Remove(ctx, "s3://bkt/paid/ä b+c.bin"); err != nil {
		t.Error(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if free > 0 || paid < 15 {
		t.Errorf("%d requests say who pays, %d do not", paid, free)
	}
}

func testChanged(t *testing.T, s objstore.Store) {
	put(t, s, "s3://bkt/changing", randomBytes(1000))
	r, err := s.Open(ctx, "s3://bkt/changing")
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "s3://bkt/changing", randomBytes(2000))
	if _, err := r.ReadAt(ctx, make([]byte, 10), 0); sqlerr.Code(err) != sqlerr.DataCorrupted || !strings.Contains(err.Error(), "changed") {
		t.Errorf("changed object: %v", err)
	}
	if err := s.Remove(ctx, "s3://bkt/changing"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.ReadAt(ctx, make([]byte, 10), 0); sqlerr.Code(err) != sqlerr.UndefinedFile {
		t.Errorf("removed object: %v", err)
	}
}

// readFault spoils the answers to reads.
type readFault struct {
	spoil faults.Spoil
	code  string // when it passes five times; all others are overcome when it passes three times
	final bool   // never tried again
	// more: the HTTP client makes requests again by itself when a connection
	// breaks that was used before.
	more bool
	// stalls: what ends it is that the reader waits no longer.
	stalls bool
}

func readFaults() map[string]readFault {
	return map[string]readFault{
		"503":         {spoil: faults.Status(503, "SlowDown"), code: sqlerr.IOError},
		"500":         {spoil: faults.Status(500, "InternalError"), code: sqlerr.IOError},
		"429":         {spoil: faults.Status(429, "TooManyRequests"), code: sqlerr.IOError},
		"reset":       {spoil: faults.Reset, code: sqlerr.IOError, more: true},
		"silent":      {spoil: faults.Silent, code: sqlerr.IOError, stalls: true},
		"stall":       {spoil: faults.Stall, code: sqlerr.IOError, stalls: true},
		"short":       {spoil: faults.CutShort, code: sqlerr.IOError},
		"short head":  {spoil: faults.CutShortByHeader, code: sqlerr.IOError},
		"reset later": {spoil: faults.ResetHalfway, code: sqlerr.IOError, more: true},
		"etag":        {spoil: faults.OtherETag, code: sqlerr.DataCorrupted, final: true},
		"no range":    {spoil: faults.WholeObject, code: sqlerr.IOError, final: true},
		"other range": {spoil: faults.WrongRange, code: sqlerr.IOError, final: true},
		"403":         {spoil: faults.Status(403, "AccessDenied"), code: sqlerr.InsufficientPrivilege, final: true},
	}
}

func startFaults(t *testing.T, server *s3test.Server) *faults.Proxy {
	t.Helper()
	proxy, err := faults.Start(server.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	t.Setenv("AWS_ENDPOINT_URL", proxy.URL)
	return proxy
}

func testFaults(t *testing.T, server *s3test.Server, direct objstore.Store) {
	data := randomBytes(50_000)
	put(t, direct, "s3://bkt/f", data)
	proxy := startFaults(t, server)
	s := objstore.Retry(s3.New(s3.Config{Retry: impatient}), impatient)
	nervous := objstore.Retry(s3.New(s3.Config{Retry: impatient, Stall: 400 * time.Millisecond}), impatient)
	for name, c := range readFaults() {
		t.Run(name, func(t *testing.T) {
			s := s
			if c.stalls {
				s = nervous
			}
			r, err := s.Open(ctx, "s3://bkt/f")
			if err != nil {
				t.Fatal(err)
			}
			read := func() ([]byte, error) {
				p := make([]byte, 20_000)
				n, err := r.ReadAt(ctx, p, 1000)
				return p[:n], err
			}
			proxy.Set(faults.Fault{Applies: faults.Data, Limit: 3, Spoil: c.spoil})
			got, err := read()
			if c.final {
				if sqlerr.Code(err) != c.code || proxy.Counts().Fired != 1 {
					t.Errorf("%v (%s) after %d faults", err, sqlerr.Code(err), proxy.Counts().Fired)
				}
				return
			}
			if err != nil || !bytes.Equal(got, data[1000:21_000]) || proxy.Counts().Fired != 3 {
				t.Errorf("%d bytes, %v after %d faults", len(got), err, proxy.Counts().Fired)
			}
			proxy.Set(faults.Fault{Applies: faults.Data, Spoil: c.spoil})
			if _, err = read(); sqlerr.Code(err) != c.code || sqlerr.Find(err).Retryable || proxy.Counts().Fired < 5 || proxy.Counts().Fired > 5 && !c.more {
				t.Errorf("%v after %d faults", err, proxy.Counts().Fired)
			}
			if !strings.Contains(fmt.Sprint(err), "s3://bkt/f") {
				t.Errorf("%v does not name the object", err)
			}
		})
	}
	t.Run("cancel", func(t *testing.T) {
		proxy.Set(faults.Fault{Applies: faults.Data, Spoil: faults.Silent})
		r, err := s.Open(ctx, "s3://bkt/f")
		if err != nil {
			t.Fatal(err)
		}
		canceled, cancel := context.WithCancel(ctx)
		go func() { // when the request is there
			for proxy.Counts().Fired == 0 && ctx.Err() == nil {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		if _, err := r.ReadAt(canceled, make([]byte, 10), 0); !errors.Is(err, context.Canceled) || proxy.Counts().Fired != 1 {
			t.Errorf("%v after %d requests", err, proxy.Counts().Fired)
		}
	})
	t.Run("open and list", func(t *testing.T) {
		proxy.Set(faults.Fault{Limit: 4, Spoil: faults.Status(503, "SlowDown")})
		if _, err := s.Open(ctx, "s3://bkt/f"); err != nil || proxy.Counts().Fired != 4 {
			t.Errorf("open: %v after %d faults", err, proxy.Counts().Fired)
		}
		proxy.Set(faults.Fault{Limit: 4, Spoil: faults.Reset})
		if infos, err := s.Glob(ctx, "s3://bkt/f*"); err != nil || len(infos) != 1 || proxy.Counts().Fired != 4 {
			t.Errorf("glob: %v, %v after %d faults", infos, err, proxy.Counts().Fired)
		}
	})
	t.Run("no server", func(t *testing.T) {
		proxy.Close()
		if _, err := s.Open(ctx, "s3://bkt/f"); sqlerr.Code(err) != sqlerr.IOError || sqlerr.Find(err).Retryable {
			t.Errorf("%v", err)
		}
	})
}

func testUploadFaults(t *testing.T, server *s3test.Server) {
	proxy := startFaults(t, server)
	s := s3.New(s3.Config{Retry: impatient, PartSize: 5 << 20})
	data := randomBytes(11 << 20)
	proxy.Set(faults.Fault{Applies: faults.Upload, Limit: 3, Spoil: faults.Status(503, "SlowDown")})
	put(t, s, "s3://bkt/up", data)
	if got, err := get(s, "s3://bkt/up", 8<<20); err != nil || !bytes.Equal(got, data) || proxy.Counts().Fired != 3 {
		t.Errorf("%d bytes, %v after %d faults", len(got), err, proxy.Counts().Fired)
	}
	proxy.Set(faults.Fault{Applies: faults.Upload, Spoil: faults.Reset})
	w, err := s.Create(ctx, "s3://bkt/failed")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(data)
	if err == nil {
		err = w.Commit()
	}
	if sqlerr.Code(err) != sqlerr.IOError || proxy.Counts().Fired < 5 {
		t.Errorf("%v after %d faults", err, proxy.Counts().Fired)
	}
	if err := w.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if _, err := s.Open(ctx, "s3://bkt/failed"); sqlerr.Code(err) != sqlerr.UndefinedFile {
		t.Errorf("the failed object is there: %v", err)
	}

	// A completion of which no answer came has happened; another one's object is none.
	for _, foreign := range []bool{false, true} {
		proxy.Clear()
		w, err := s.Create(ctx, "s3://bkt/completed")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.(objstore.Preparer).Prepare(); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err == nil {
			t.Error("written to after all was sent")
		}
		if _, err := s.Open(ctx, "s3://bkt/completed"); sqlerr.Code(err) != sqlerr.UndefinedFile {
			t.Errorf("an object that is only prepared is there: %v", err)
		}
		asked := 0
		proxy.Set(faults.Fault{Applies: faults.Completion, Spoil: func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
			if asked++; asked > 1 { // as servers do that forget an upload when it ends
				faults.Status(http.StatusNotFound, "NoSuchUpload")(w, r, pass)
				return
			}
			faults.LostAnswer(w, r, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				pass.ServeHTTP(w, r)
				if foreign {
					put(t, s, "s3://bkt/completed", []byte("another"))
				}
			}))
		}})
		if err := w.Commit(); (err == nil) == foreign || proxy.Counts().Fired != 2 {
			t.Errorf("completed without an answer, another one's %t: %v after %d faults", foreign, err, proxy.Counts().Fired)
		}
		proxy.Clear()
		_ = w.Close()
		if err := s.Remove(ctx, "s3://bkt/completed"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEndpoint(t *testing.T) {
	for _, endpoint := range []string{"localhost:9000", "ftp://h", "http://", "http://h/path", "http://user:geheim@h", "::"} {
		t.Setenv("AWS_ENDPOINT_URL_S3", endpoint)
		_, err := s3.New(s3.Config{}).Open(ctx, "s3://bkt/k")
		if sqlerr.Code(err) != sqlerr.InvalidParameterValue || strings.Contains(fmt.Sprintf("%+v", err), "geheim") {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}
