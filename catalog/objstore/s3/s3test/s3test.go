// Package s3test starts a real S3 server, versitygw, for tests.
//
// The server's program is looked for on PATH and in the user's cache, and
// otherwise built there once (about a minute) from the module proxy. Where
// that is not possible, and under -short without a program at hand, the test
// is skipped.
package s3test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

const (
	module  = "github.com/versity/versitygw/cmd/versitygw"
	version = "v1.8.0"

	buildTimeout = 10 * time.Minute
	startTimeout = 20 * time.Second

	accessKey = "volley-test"
	secretKey = "volley-test-secret"
)

// Server is a running server over a directory of the test's own.
type Server struct {
	Endpoint  string // http://127.0.0.1:port
	AccessKey string
	SecretKey string
	// Dir holds a directory for each bucket, and in it a file for each object.
	Dir string

	process *os.Process
	ended   chan struct{} // closed when it has
}

// Start starts a server and stops it when the test ends.
func Start(t testing.TB) *Server { return StartWith(t, accessKey, secretKey) }

// StartWith starts one that wants other keys.
func StartWith(t testing.TB, accessKey, secretKey string) *Server {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("versitygw does not run on this system")
	}
	program, err := Program(!testing.Short())
	if err != nil {
		t.Skipf("versitygw cannot be had: %v", err)
	}
	s, err := launchAgain(program, t.TempDir(), accessKey, secretKey)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// Setenv points the process at the server, as if it were Amazon's.
func (s *Server) Setenv(t *testing.T) {
	t.Helper()
	for name, value := range s.Env() {
		t.Setenv(name, value)
	}
}

// Env are the environment variables that point a process at the server.
func (s *Server) Env() map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL":      s.Endpoint,
		"AWS_ENDPOINT_URL_S3":   "",
		"AWS_ACCESS_KEY_ID":     s.AccessKey,
		"AWS_SECRET_ACCESS_KEY": s.SecretKey,
		"AWS_SESSION_TOKEN":     "",
		"AWS_REGION":            "us-east-1",
	}
}

// MakeBucket makes a bucket.
func (s *Server) MakeBucket(t testing.TB, name string) {
	t.Helper()
	if err := os.Mkdir(filepath.Join(s.Dir, name), 0o755); err != nil {
		t.Fatal(err)
	}
}

// Launch starts a server over a directory, which has to be stopped.
func Launch(program, dir string) (s *Server, err error) {
	return launchAgain(program, dir, accessKey, secretKey)
}

func launchAgain(program, dir, accessKey, secretKey string) (s *Server, err error) {
	// Another process may take the port between its choice and its use.
	for range 5 {
		if s, err = launch(program, dir, accessKey, secretKey); err == nil {
			return s, nil
		}
	}
	return nil, fmt.Errorf("versitygw does not start: %w", err)
}

func launch(program, dir, accessKey, secretKey string) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	l.Close()
	var log bytes.Buffer
	cmd := exec.Command(program, "--keep-alive", "--quiet", "--port", address, "posix", dir)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+accessKey, "ROOT_SECRET_KEY="+secretKey)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{
		Endpoint: "http://" + address, AccessKey: accessKey, SecretKey: secretKey, Dir: dir,
		process: cmd.Process, ended: make(chan struct{}),
	}
	go func() {
		_ = cmd.Wait()
		close(s.ended)
	}()
	if !s.ready() {
		_ = cmd.Process.Kill()
		<-s.ended
		return nil, fmt.Errorf("it does not answer: %.2000s", log.String())
	}
	return s, nil
}

// Stop ends the server.
func (s *Server) Stop() {
	_ = s.process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(5 * time.Second):
		_ = s.process.Kill()
		<-s.ended
	}
}

// ready waits until the server answers, or its process has ended.
func (s *Server) ready() bool {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Endpoint, nil)
		if err != nil {
			return false
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			return true
		}
		select {
		case <-s.ended:
			return false
		case <-ctx.Done():
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Program gives the path of the server's program, which is built where it is not at
// hand if that is allowed.
func Program(mayBuild bool) (string, error) {
	if path, err := exec.LookPath("versitygw"); err == nil {
		return path, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "volley-test", "versitygw-"+version)
	path := filepath.Join(dir, "versitygw")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if !mayBuild {
		return "", errors.New("it is not installed, and building it takes long")
	}
	return path, build(dir, path)
}

// build installs the program. Tests of several packages may want to at once:
// the first one builds it, the others wait.
func build(dir, path string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	bin, err := os.MkdirTemp(dir, "bin")
	if err != nil {
		return err
	}
	defer os.RemoveAll(bin)
	ctx, cancel := context.WithTimeout(context.Background(), buildTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "install", module+"@"+version)
	// The module is built by itself, whatever the flags of the test are.
	cmd.Dir = bin
	cmd.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go install %s@%s: %w: %.500s", module, version, err, out)
	}
	return os.Rename(filepath.Join(bin, "versitygw"), path)
}
