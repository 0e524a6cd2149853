package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"volley/catalog/objstore/s3/s3test"
)

// roleServices answers as the services for roles of Amazon do, with the keys of a store,
// whoever asks. asked counts the answers with keys.
type roleServices struct {
	key, secret string
	asked       atomic.Int64
}

func (s *roleServices) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ends := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	switch r.URL.Path {
	case "/": // STS
		s.asked.Add(1)
		fmt.Fprintf(w, `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>`+
			`<AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><Expiration>%s</Expiration>`+
			`</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`, s.key, s.secret, ends)
	case "/latest/api/token":
		fmt.Fprint(w, "a session")
	case "/latest/meta-data/iam/security-credentials/":
		fmt.Fprint(w, "reader")
	case "/task", "/latest/meta-data/iam/security-credentials/reader":
		if r.URL.Path == "/task" && r.Header.Get("Authorization") != "word" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		s.asked.Add(1)
		fmt.Fprintf(w, `{"Code": "Success", "AccessKeyId": %q, "SecretAccessKey": %q, "Expiration": %q}`, s.key, s.secret, ends)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// TestObjectStoreEnvironment runs the commands of docs/object-stores.md, which have every
// variable of the environment, against a store that only its keys open.
func TestObjectStoreEnvironment(t *testing.T) {
	server := s3test.StartWith(t, "lab", "lab-secret")
	server.MakeBucket(t, "trips")
	if err := os.MkdirAll(filepath.Join(server.Dir, "trips", "2015", "01"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(server.Dir, "trips", "2015", "01", "green.csv"), []byte("n\n1\n2\n3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	services := &roleServices{key: "lab", secret: "lab-secret"}
	roles := httptest.NewServer(services)
	t.Cleanup(roles.Close)
	bin := t.TempDir()
	script := "#!/bin/sh\nexport " + asProgram + "=1\nexec '" + os.Args[0] + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(bin, "volley"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	host := func(url string) string { return strings.TrimPrefix(url, "http://") }
	places := strings.NewReplacer("10.0.0.7:9000", host(server.Endpoint), "10.0.0.7:9001", host(roles.URL), "127.0.0.1:9001", host(roles.URL))
	blocks := examples(t, "object-stores.md", "sh")
	_, settings := settingsOf(t, "object-stores.md")
	mustBeIn(t, settings, blocks, "=")
	for _, block := range blocks {
		cmd := exec.Command("sh", "-eu", "-c", places.Replace(block))
		cmd.Dir = t.TempDir()
		// Requests for the address where containers ask come by way of the services.
		cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + cmd.Dir, "TMPDIR=" + os.TempDir(), "HTTP_PROXY=" + roles.URL}
		out, err := cmd.CombinedOutput()
		if strings.Contains(block, "AWS_SESSION_TOKEN=") && strings.Contains(string(out), "(InvalidToken)") {
			continue // the store knows no such keys, which it can only say of a token that it was sent
		}
		if times := strings.Count(block, "volley sql"); err != nil || strings.Count(string(out), "(1 row)") != times || strings.Count(string(out), "     3\n") != times {
			t.Errorf("%v\n%s\n%s", err, block, out)
		}
	}
	if asked := services.asked.Load(); asked != 4 {
		t.Errorf("%d answers with keys, want those of an identity, two containers and a machine", asked)
	}
}
