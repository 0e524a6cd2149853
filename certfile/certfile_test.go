package certfile_test

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"testing"

	"volley/certfile"
	"volley/certfile/certtest"
)

func TestFilesAreReadAgain(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	a := certtest.NewAuthority(t, "authority")
	files := a.Write(t, dir, certtest.Certificate{Name: "first"})
	var log bytes.Buffer
	s, err := certfile.Open(files, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	name := func() string { return s.Current().Certificate.Leaf.Subject.CommonName }
	if got := name(); got != "first" || s.Current().Authorities == nil {
		t.Fatal(got)
	}
	if err := s.CheckTime(); err != nil {
		t.Error(err)
	}
	// The certificate is replaced before its key.
	next := a.Write(t, other, certtest.Certificate{Name: "second"})
	move := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	move(next.Certificate, files.Certificate)
	for range 3 {
		if got := name(); got != "first" {
			t.Error(got)
		}
	}
	move(next.Key, files.Key)
	if got := name(); got != "second" {
		t.Error(got)
	}
	if err := os.Remove(files.Authorities); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got := name(); got != "second" || s.Current().Authorities == nil {
			t.Error(got)
		}
	}
	a.Write(t, dir, certtest.Certificate{Name: "third", Ended: true})
	if got := name(); got != "third" {
		t.Error(got)
	}
	if err := s.CheckTime(); err == nil || !strings.Contains(err.Error(), "has expired") {
		t.Error(err)
	}
	for text, times := range map[string]int{"the certificate stays as it was": 2, "new certificate": 2} {
		if got := strings.Count(log.String(), text); got != times {
			t.Errorf("%q is there %d times, not %d:\n%s", text, got, times, log.String())
		}
	}
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	a := certtest.NewAuthority(t, "authority")
	one, two := a.Write(t, t.TempDir(), certtest.Certificate{}), a.Write(t, t.TempDir(), certtest.Certificate{})
	for _, files := range []certfile.Files{
		{Certificate: one.Certificate, Key: two.Key, Authorities: one.Authorities},
		{Certificate: one.Certificate, Key: one.Key, Authorities: one.Key},
		{Certificate: one.Certificate, Key: one.Key, Authorities: "/nowhere"},
		{Certificate: one.Key, Key: one.Key},
		{},
	} {
		if _, err := certfile.Open(files, nil); err == nil {
			t.Errorf("%v: no error", files)
		}
	}
	if s, err := certfile.Open(certfile.Files{Certificate: one.Certificate, Key: one.Key}, nil); err != nil || s.Current().Authorities != nil {
		t.Error(err)
	}
}
