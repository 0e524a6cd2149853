package s3_test

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"volley/catalog/objstore/s3"
	"volley/catalog/objstore/secret"
	"volley/sqlerr"
)

// asker is who asked a fakeStore, by a request's headers.
type asker struct{ key, token, payer string }

// fakeStore answers as S3 does for one object of every bucket, x.csv of two bytes, and
// keeps who asked.
type fakeStore struct {
	*httptest.Server
	mu     sync.Mutex
	askers []asker
	paths  []string
}

var credentialOf = regexp.MustCompile(`Credential=([^/]+)/`)

func newFakeStore(t *testing.T, start func(http.Handler) *httptest.Server) *fakeStore {
	t.Helper()
	f := &fakeStore{}
	f.Server = start(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fakeStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	by := asker{token: r.Header.Get("X-Amz-Security-Token"), payer: r.Header.Get("X-Amz-Request-Payer")}
	if m := credentialOf.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		by.key = m[1]
	}
	f.mu.Lock()
	f.askers, f.paths = append(f.askers, by), append(f.paths, r.Host+r.URL.Path)
	f.mu.Unlock()
	if r.URL.Query().Has("list-type") {
		fmt.Fprint(w, `<ListBucketResult><Contents><Key>x.csv</Key><LastModified>2015-01-01T00:00:00Z</LastModified><ETag>"e"</ETag><Size>2</Size></Contents></ListBucketResult>`)
		return
	}
	w.Header().Set("ETag", `"e"`)
	http.ServeContent(w, r, "", time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC), strings.NewReader("n\n"))
}

// last gives who asked since the last call, the same for all requests.
func (f *fakeStore) last(t *testing.T) asker {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.askers) == 0 {
		t.Fatal("the store was not asked")
	}
	for _, a := range f.askers {
		if a != f.askers[0] {
			t.Errorf("different askers: %v", f.askers)
		}
	}
	by := f.askers[0]
	f.askers, f.paths = nil, nil
	return by
}

// noAmazon clears the environment of all that leads to credentials and servers.
func noAmazon(t *testing.T) {
	t.Helper()
	for _, setting := range os.Environ() {
		if name, _, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "GS_") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("HOME", t.TempDir())
}

// useAll lists a bucket, and asks for and reads its object.
func useAll(s *s3.Store, bucket string) error {
	if infos, err := s.Glob(ctx, bucket+"/*.csv"); err != nil || len(infos) != 1 {
		return fmt.Errorf("%d objects, %w", len(infos), err)
	}
	if text, err := get(s, bucket+"/x.csv", 2); err != nil || string(text) != "n\n" {
		return fmt.Errorf("%q, %w", text, err)
	}
	return nil
}

// keysAsJSON is what metadata services answer.
func keysAsJSON(key string, ends time.Time) string {
	return fmt.Sprintf(`{"Code": "Success", "AccessKeyId": %q, "SecretAccessKey": "hidden-key", "Token": "hidden-token", "Expiration": %q}`, key, ends.UTC().Format(time.RFC3339))
}

// service answers as the services for roles of Amazon do: a web identity's, a container's
// and a machine's. What is wrong in a request is in its answer's status.
func service(w http.ResponseWriter, r *http.Request) {
	ends := time.Now().Add(time.Hour)
	switch r.Method + " " + r.URL.Path {
	case "POST /": // STS
		if r.FormValue("Action") != "AssumeRoleWithWebIdentity" || r.FormValue("RoleArn") != "arn:role" || r.FormValue("WebIdentityToken") != "hidden-identity" {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Code>InvalidIdentityToken</Code><Message>hidden-identity is not known</Message></Error></ErrorResponse>`)
			return
		}
		fmt.Fprintf(w, `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>OF-STS</AccessKeyId><SecretAccessKey>hidden-key</SecretAccessKey><SessionToken>hidden-token</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
			ends.UTC().Format(time.RFC3339))
	case "GET /task":
		if r.Header.Get("Authorization") != "hidden-authorization" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		fmt.Fprint(w, keysAsJSON("OF-CONTAINER", ends))
	case "PUT /latest/api/token":
		fmt.Fprint(w, "hidden-session")
	case "GET /latest/meta-data/iam/security-credentials/":
		fmt.Fprint(w, "reader")
	case "GET /latest/meta-data/iam/security-credentials/reader":
		if r.Header.Get("X-Aws-Ec2-Metadata-Token") != "hidden-session" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, keysAsJSON("OF-MACHINE", ends))
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// redirected leads requests for a host elsewhere.
type redirected struct{ host, to string }

func (d redirected) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == d.host {
		r.URL.Host = d.to
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestWhoAsks has a store asked with each way of finding credentials.
func TestWhoAsks(t *testing.T) {
	store := newFakeStore(t, httptest.NewServer)
	roles := httptest.NewServer(http.HandlerFunc(service))
	t.Cleanup(roles.Close)
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	profiles := file("credentials", "[default]\naws_access_key_id = OF-DEFAULT\naws_secret_access_key = hidden-key\n"+
		"[other]\naws_access_key_id = OF-OTHER\naws_secret_access_key = hidden-key\naws_session_token = hidden-token\n")
	process := file("config", "[profile outside]\ncredential_process = cat "+file("keys.json", keysAsJSON("OF-PROCESS", time.Now().Add(time.Hour)))+"\n")
	identity, authorization := file("identity", "hidden-identity"), file("authorization", "hidden-authorization")
	_, rolesHost, _ := strings.Cut(roles.URL, "://")
	for name, c := range map[string]struct {
		env  map[string]string
		want asker
	}{
		"nobody": {},
		"keys":   {map[string]string{"AWS_ACCESS_KEY_ID": "OF-ENV", "AWS_SECRET_ACCESS_KEY": "hidden-key", "AWS_SESSION_TOKEN": "hidden-token"}, asker{key: "OF-ENV", token: "hidden-token"}},
		"keys before all others": {map[string]string{
			"AWS_ACCESS_KEY_ID": "OF-ENV", "AWS_SECRET_ACCESS_KEY": "hidden-key", "AWS_SHARED_CREDENTIALS_FILE": profiles,
			"AWS_CONTAINER_CREDENTIALS_FULL_URI": roles.URL + "/task",
		}, asker{key: "OF-ENV"}},
		"default profile": {map[string]string{"AWS_SHARED_CREDENTIALS_FILE": profiles}, asker{key: "OF-DEFAULT"}},
		"profile":         {map[string]string{"AWS_SHARED_CREDENTIALS_FILE": profiles, "AWS_PROFILE": "other"}, asker{key: "OF-OTHER", token: "hidden-token"}},
		"profile by a process": {
			map[string]string{"AWS_CONFIG_FILE": process, "AWS_PROFILE": "outside"},
			asker{key: "OF-PROCESS"},
		},
		"web identity": {
			map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": identity, "AWS_ROLE_ARN": "arn:role", "AWS_ENDPOINT_URL_STS": roles.URL},
			asker{key: "OF-STS", token: "hidden-token"},
		},
		"container by its host": {
			map[string]string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/task", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "hidden-authorization"},
			asker{key: "OF-CONTAINER", token: "hidden-token"},
		},
		"container by a URL": {
			map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": roles.URL + "/task", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": authorization},
			asker{key: "OF-CONTAINER", token: "hidden-token"},
		},
		"machine":       {map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": roles.URL + "/"}, asker{key: "OF-MACHINE", token: "hidden-token"}},
		"machine, none": {map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:9"}, asker{}},
		"machine, not to be asked": {
			map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": roles.URL, "AWS_EC2_METADATA_DISABLED": "true"},
			asker{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			noAmazon(t)
			t.Setenv("AWS_ENDPOINT_URL", store.URL)
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			s := s3.New(s3.Config{Retry: impatient, Services: redirected{"169.254.170.2", rolesHost}})
			if err := useAll(s, "s3://bkt"); err != nil {
				t.Fatal(err)
			}
			if by := store.last(t); by != c.want && by != (asker{c.want.key, "hidden-token", ""}) {
				t.Errorf("asked as %+v, want %+v", by, c.want)
			}
		})
	}
	for name, env := range map[string]map[string]string{
		"web identity": {"AWS_WEB_IDENTITY_TOKEN_FILE": identity, "AWS_ROLE_ARN": "arn:another", "AWS_ENDPOINT_URL_STS": roles.URL},
		"container":    {"AWS_CONTAINER_CREDENTIALS_FULL_URI": roles.URL + "/task", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "hidden-other"},
		"file":         {"AWS_WEB_IDENTITY_TOKEN_FILE": filepath.Join(dir, "none"), "AWS_ENDPOINT_URL_STS": roles.URL},
	} {
		t.Run("refused "+name, func(t *testing.T) {
			noAmazon(t)
			t.Setenv("AWS_ENDPOINT_URL", store.URL)
			for k, v := range env {
				t.Setenv(k, v)
			}
			err := useAll(s3.New(s3.Config{Retry: impatient}), "s3://bkt")
			if sqlerr.Code(err) != sqlerr.InvalidAuthorization || strings.Contains(fmt.Sprintf("%+v", err), "hidden") {
				t.Errorf("%+v", err)
			}
		})
	}
}

// secretsFor are secrets of which each has its own settings and one scope.
func secretsFor(t *testing.T, scopes map[string]secret.Secret) *secret.Keeper {
	t.Helper()
	k, err := secret.Open("")
	if err != nil {
		t.Fatal(err)
	}
	for scope, s := range scopes {
		s.Name, s.Scope = "of "+scope, []string{scope}
		if err := k.Create(s, false); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

// TestSettingsOfSecrets has each setting show in the requests.
func TestSettingsOfSecrets(t *testing.T) {
	noAmazon(t)
	plain, safe := newFakeStore(t, httptest.NewServer), newFakeStore(t, httptest.NewTLSServer)
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
	t.Setenv("AWS_ACCESS_KEY_ID", "OF-ENV")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden-key")
	key, id := secret.NewValue("hidden-key"), secret.NewValue("OF-SECRET")
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: safe.Certificate().Raw}))
	port := plain.URL[strings.LastIndexByte(plain.URL, ':'):]
	k := secretsFor(t, map[string]secret.Secret{
		"s3://keys":      {Endpoint: plain.URL, KeyID: id, Key: key, SessionToken: secret.NewValue("hidden-token")},
		"s3://payer":     {Endpoint: plain.URL, KeyID: id, Key: key, RequesterPays: true},
		"s3://anonymous": {Endpoint: plain.URL, Provider: secret.Anonymous},
		"s3://chain":     {Endpoint: plain.URL, Provider: secret.Chain},
		"s3://hosts":     {Endpoint: "localhost" + port, PlainHTTP: true, URLStyle: "path", Provider: secret.Anonymous},
		"s3://vhost":     {Endpoint: "localhost" + port, PlainHTTP: true, URLStyle: "vhost", Provider: secret.Anonymous},
		"s3://safe":      {Endpoint: safe.URL, CA: certificate, Provider: secret.Anonymous},
		"s3://untrusted": {Endpoint: safe.URL, Provider: secret.Anonymous},
		"s3://no-pem":    {Endpoint: safe.URL, CA: "hidden-text", Provider: secret.Anonymous},
		"gs://keys":      {Endpoint: plain.URL, KeyID: id, Key: key},
	})
	s, gs := s3.New(s3.Config{Retry: impatient, Secrets: k}), s3.New(s3.Config{Scheme: "gs", Retry: impatient, Secrets: k})
	for _, c := range []struct {
		store  *s3.Store
		bucket string
		server *fakeStore
		want   asker
	}{
		{s, "s3://keys", plain, asker{key: "OF-SECRET", token: "hidden-token"}},
		{s, "s3://payer", plain, asker{key: "OF-SECRET", payer: "requester"}},
		{s, "s3://anonymous", plain, asker{}},
		{s, "s3://chain", plain, asker{key: "OF-ENV"}},
		{s, "s3://hosts", plain, asker{}},
		{s, "s3://safe", safe, asker{}},
		{gs, "gs://keys", plain, asker{key: "OF-SECRET"}},
	} {
		if err := useAll(c.store, c.bucket); err != nil {
			t.Errorf("%s: %v", c.bucket, err)
		} else if by := c.server.last(t); by != c.want {
			t.Errorf("%s: asked as %+v, want %+v", c.bucket, by, c.want)
		}
	}
	for bucket, code := range map[string]string{"s3://untrusted": sqlerr.IOError, "s3://no-pem": sqlerr.InvalidParameterValue} {
		if err := useAll(s, bucket); sqlerr.Code(err) != code || strings.Contains(fmt.Sprintf("%+v", err), "hidden") {
			t.Errorf("%s: %v", bucket, err)
		}
	}
	if u, err := url.Parse("http://vhost.localhost" + port); err == nil {
		if _, err := http.Get(u.String()); err != nil {
			return // the system does not know names below localhost
		}
	}
	plain.last(t)
	if err := useAll(s, "s3://vhost"); err != nil {
		t.Fatal(err)
	}
	plain.mu.Lock()
	defer plain.mu.Unlock()
	if by := plain.paths[0]; !strings.HasPrefix(by, "vhost.localhost") {
		t.Errorf("asked %s", by)
	}
}

// TestGoogleByTheEnvironment reads gs:// with an HMAC key and another server's URL.
func TestGoogleByTheEnvironment(t *testing.T) {
	noAmazon(t)
	store := newFakeStore(t, httptest.NewServer)
	t.Setenv("GS_ENDPOINT_URL", store.URL)
	t.Setenv("GS_ACCESS_KEY_ID", "GOOG-KEY")
	t.Setenv("GS_SECRET_ACCESS_KEY", "hidden-key")
	t.Setenv("AWS_ACCESS_KEY_ID", "OF-AMAZON")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden-key")
	if err := useAll(s3.New(s3.Config{Scheme: "gs", Retry: impatient}), "gs://bkt"); err != nil {
		t.Fatal(err)
	}
	if by := store.last(t); by != (asker{key: "GOOG-KEY"}) {
		t.Errorf("asked as %+v", by)
	}
}

// TestCredentialsRunOut: those that a service gave are asked for anew when they end, also
// by readers that are open.
func TestCredentialsRunOut(t *testing.T) {
	noAmazon(t)
	store := newFakeStore(t, httptest.NewServer)
	given := 0
	roles := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		given++
		ends := time.Now().Add(-time.Minute)
		if given >= 3 {
			ends = time.Now().Add(time.Hour)
		}
		fmt.Fprint(w, keysAsJSON(fmt.Sprint("NUMBER-", given), ends))
	}))
	t.Cleanup(roles.Close)
	t.Setenv("AWS_ENDPOINT_URL", store.URL)
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", roles.URL)
	s := s3.New(s3.Config{Retry: impatient})
	r, err := s.Open(ctx, "s3://bkt/x.csv") // finds the first, and asks with the second
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := r.ReadAt(ctx, make([]byte, 2), 0); err != nil {
			t.Fatal(err)
		}
	}
	var keys []string
	store.mu.Lock()
	defer store.mu.Unlock()
	for _, a := range store.askers {
		keys = append(keys, a.key)
	}
	if got := strings.Join(keys, " "); !strings.HasSuffix(got, "NUMBER-3 NUMBER-3") || given != 3 {
		t.Errorf("asked with %s, given %d times", got, given)
	}
}

// TestSlowCredentials: while a service does not answer, paths with other settings are
// read, and whoever is cancelled does not wait for it.
func TestSlowCredentials(t *testing.T) {
	noAmazon(t)
	store := newFakeStore(t, httptest.NewServer)
	asked, answer := make(chan struct{}, 1), make(chan struct{})
	roles := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		<-answer
		fmt.Fprint(w, keysAsJSON("LATE", time.Now().Add(time.Hour)))
	}))
	t.Cleanup(roles.Close)
	var once sync.Once
	release := func() { once.Do(func() { close(answer) }) }
	t.Cleanup(release) // before the server waits for its handlers
	t.Setenv("AWS_ENDPOINT_URL", store.URL)
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", roles.URL)
	s := s3.New(s3.Config{Retry: impatient, Secrets: secretsFor(t, map[string]secret.Secret{
		"s3://open": {Endpoint: store.URL, Provider: secret.Anonymous},
	})})
	impatientCtx, cancel := context.WithCancel(ctx)
	first, second := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := s.Glob(impatientCtx, "s3://bkt/*.csv")
		first <- err
	}()
	<-asked
	go func() { second <- useAll(s, "s3://bkt") }()
	if err := useAll(s, "s3://open"); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	select {
	case err := <-second:
		t.Errorf("it did not wait for credentials: %v", err)
	default:
	}
	select {
	case <-asked: // the second caller asks for itself
	case <-time.After(30 * time.Second):
		t.Fatal("nobody asks any more")
	}
	release()
	if err := <-second; err != nil {
		t.Error(err)
	}
}
