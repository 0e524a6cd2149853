// Package certfile has certificates that are read again when their files change.
//
// Certificates are short-lived and renewed by other programs, which write new files:
// cert-manager, certbot, a job of the operator. Current compares the files with what
// was read last, each time it is asked, which is once for each connection; so a
// renewed certificate needs no restart, however its files were put in place.
package certfile

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"sync"
	"time"

	"volley/sqlerr"
)

// Files are the names of files in PEM.
type Files struct {
	Certificate string // and the intermediate ones that lead to its authority
	Key         string // of the certificate
	Authorities string // whose certificates are trusted; "" for none
}

// Identity is who a process is, and whom it trusts.
type Identity struct {
	Certificate tls.Certificate
	Authorities *x509.CertPool // nil without Files.Authorities
}

// Source gives the identity that the files hold. It is safe for concurrent use.
type Source struct {
	files Files
	log   *slog.Logger

	mu      sync.Mutex
	seen    [3][]byte // the files' content when they were last looked at
	current Identity
	failed  string // why the last content was not taken, "" if it was
}

// Open reads the files. A nil logger logs nothing.
func Open(files Files, log *slog.Logger) (*Source, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Source{files: files, log: log}
	seen, err := files.read()
	if err != nil {
		return nil, err
	}
	if s.current, err = files.parse(seen); err != nil {
		return nil, err
	}
	s.seen = seen
	return s, nil
}

// Current is what the files hold now. Where they cannot be used, since one is missing
// or a key is not the certificate's while both are being replaced, it is what they held
// before.
func (s *Source) Current() Identity {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen, err := s.files.read()
	if err != nil {
		s.fail(err)
		return s.current
	}
	if equal(seen, s.seen) {
		return s.current
	}
	s.seen = seen
	next, err := s.files.parse(seen)
	if err != nil {
		s.fail(err)
		return s.current
	}
	s.current, s.failed = next, ""
	s.log.Info("new certificate", "file", s.files.Certificate, "subject", next.Certificate.Leaf.Subject.String(), "expires", next.Certificate.Leaf.NotAfter)
	return s.current
}

// Expires is when the certificate ends that Current gives.
func (s *Source) Expires() time.Time { return s.Current().Certificate.Leaf.NotAfter }

// CheckTime is an error where the certificate is not valid now.
func (s *Source) CheckTime() error {
	leaf, now := s.Current().Certificate.Leaf, time.Now()
	switch {
	case now.After(leaf.NotAfter):
		return sqlerr.New(sqlerr.InvalidParameterValue, "the certificate in %s has expired at %s", s.files.Certificate, leaf.NotAfter.UTC().Format(time.RFC3339))
	case now.Before(leaf.NotBefore):
		return sqlerr.New(sqlerr.InvalidParameterValue, "the certificate in %s is not valid before %s", s.files.Certificate, leaf.NotBefore.UTC().Format(time.RFC3339))
	}
	return nil
}

// fail logs why new files are not used, once for each reason.
func (s *Source) fail(err error) {
	if s.failed == err.Error() {
		return
	}
	s.failed = err.Error()
	s.log.Error("the certificate stays as it was", "error", err)
}

func equal(a, b [3][]byte) bool {
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func (f Files) read() (content [3][]byte, err error) {
	for i, name := range []string{f.Certificate, f.Key, f.Authorities} {
		if name == "" {
			continue
		}
		if content[i], err = os.ReadFile(name); err != nil {
			return content, sqlerr.Wrap(err, sqlerr.UndefinedFile, "certificates")
		}
	}
	return content, nil
}

func (f Files) parse(content [3][]byte) (id Identity, err error) {
	if id.Certificate, err = tls.X509KeyPair(content[0], content[1]); err != nil {
		return id, sqlerr.Wrap(err, sqlerr.InvalidParameterValue, "certificate %s with key %s", f.Certificate, f.Key)
	}
	if f.Authorities == "" {
		return id, nil
	}
	id.Authorities = x509.NewCertPool()
	if !id.Authorities.AppendCertsFromPEM(content[2]) {
		return id, sqlerr.New(sqlerr.InvalidParameterValue, "%s has no certificates in PEM", f.Authorities)
	}
	return id, nil
}
