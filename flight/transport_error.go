package flight

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"volley/sqlerr"
)

// remoteAlert is the Op of a net.OpError when the other side has ended TLS.
const remoteAlert = "remote error"

const hintSameTLS = "Give all processes of the cluster --cluster-tls-cert, --cluster-tls-key and --cluster-tls-ca, or none."

// apart is the error that two processes cannot talk. It may be mended while both run,
// so that they try again.
func apart(format string, args ...any) *sqlerr.Error {
	e := sqlerr.New(sqlerr.ConnectionFailure, format, args...)
	e.Retryable = true
	return e
}

func errTLSWanted(address string) *sqlerr.Error {
	return apart("%s wants TLS, and this process has no certificate for the cluster", address).WithHint(hintSameTLS)
}

func errNoTLS(peer string) *sqlerr.Error {
	return apart("%s came without TLS", peer).WithHint(hintSameTLS)
}

func errNoTLSHere(peer string) *sqlerr.Error {
	return apart("%s came with TLS, and this process has no certificate for the cluster", peer).WithHint(hintSameTLS)
}

// explainTLS says why a handshake with a peer, as host or host:port, has failed.
func explainTLS(err error, peer string) *sqlerr.Error {
	e := apart("TLS with %s failed: %s", peer, err)
	var (
		header   tls.RecordHeaderError
		verified *tls.CertificateVerificationError
		name     x509.HostnameError
		unknown  x509.UnknownAuthorityError
		invalid  x509.CertificateInvalidError
		alert    *net.OpError
	)
	shown := &x509.Certificate{}
	if errors.As(err, &verified) && len(verified.UnverifiedCertificates) > 0 {
		shown = verified.UnverifiedCertificates[0]
	}
	switch {
	case errors.As(err, &header):
		e = apart("%s answers without TLS", peer).WithHint(hintSameTLS)
	case errors.As(err, &name):
		e = errName(peer, name.Host, name.Certificate)
	case errors.As(err, &unknown):
		e = apart("the certificate of %s (%s) is by %s, which is no authority of --cluster-tls-ca", peer, shown.Subject, shown.Issuer)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		e = apart("the certificate of %s (%s) is valid from %s to %s, and it is %s", peer, shown.Subject,
			shown.NotBefore.UTC().Format(time.RFC3339), shown.NotAfter.UTC().Format(time.RFC3339), time.Now().UTC().Format(time.RFC3339))
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		e = apart("the certificate of %s (%s) has another usage", peer, shown.Subject).
			WithHint("Each process is a server and a client: extended key usages, if there are any, must have both.")
	case errors.As(err, &alert) && alert.Op == remoteAlert:
		e = apart("%s refuses this process's certificate: %s", peer, alert.Err).WithHint("The log of that process says why.")
	}
	e.Cause = err
	return e
}

// errName says that a certificate is not for a host.
func errName(peer, host string, c *x509.Certificate) *sqlerr.Error {
	names := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	of := "no names"
	if len(names) > 0 {
		of = strings.Join(names, ", ")
	}
	return apart("the certificate of %s is for %s, not for %s", peer, of, host).
		WithHint("Others reach a process by a name of its certificate: --coordinator of workers, --advertise of each worker.")
}

// LogHint is an error's hint as the key and value of a log's line, nothing without one.
func LogHint(err error) []any {
	if e := (*sqlerr.Error)(nil); errors.As(err, &e) && e.Hint != "" {
		return []any{"hint", e.Hint}
	}
	return nil
}

// complaints logs why clients are refused: for each host and reason once in a while,
// since they come again every second.
type complaints struct {
	log *slog.Logger

	mu   sync.Mutex
	last map[string]time.Time
}

const (
	complaintPause = time.Minute
	mostComplaints = 1000
)

func (c *complaints) refused(peer net.Addr, err error) {
	host, _, split := net.SplitHostPort(peer.String())
	if split != nil {
		host = peer.String()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key, now := host+" "+err.Error(), time.Now()
	if last, ok := c.last[key]; ok && now.Sub(last) < complaintPause {
		return
	}
	if len(c.last) >= mostComplaints || c.last == nil {
		c.last = map[string]time.Time{}
	}
	c.last[key] = now
	c.log.Warn("connection refused", append([]any{"peer", host, "error", err}, LogHint(err)...)...)
}
