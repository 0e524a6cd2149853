package s3

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"

	"github.com/minio/minio-go/v7"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

// failure gives an error of a call on bucket and key its SQLSTATE. It quotes
// what the server said only by its code: messages may repeat request headers.
func (a *access) failure(ctx context.Context, err error, bucket, key string) error {
	if err == nil {
		return nil
	}
	if e := (*sqlerr.Error)(nil); errors.As(err, &e) {
		return err
	}
	path := a.path(bucket, key)
	if ctx.Err() != nil {
		if !objstore.Stalled(ctx) {
			return ctx.Err()
		}
		return objstore.Passing("S3 transfer of \"%s\" made no progress", path)
	}
	if r := (minio.ErrorResponse{}); errors.As(err, &r) {
		return a.refusal(r, bucket, key, path)
	}
	return connectionFailure(err, path)
}

// refusal is the error for an answer of the server.
func (a *access) refusal(r minio.ErrorResponse, bucket, key, path string) error {
	status := r.StatusCode
	switch r.Code {
	case "NoSuchBucket":
		return sqlerr.New(sqlerr.UndefinedFile, "no such bucket: \"%s\"", bucket)
	case "InvalidBucketName", "InvalidObjectName", "XMinioInvalidObjectName":
		return sqlerr.New(sqlerr.InvalidParameterValue, "invalid S3 path \"%s\"", path)
	case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired",
		"XAdminUserNotFound": // versitygw's for an unknown key
		return a.accessDenied(r.Code, path)
	case "AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException":
		return sqlerr.New(sqlerr.IOError, "bucket \"%s\" is in another region (%s)", bucket, r.Code).
			WithHint("Set AWS_REGION to the region of the bucket.")
	case "RequestTimeTooSkewed":
		return sqlerr.New(sqlerr.IOError, "S3 refused \"%s\" since the clocks differ (%s)", path, r.Code)
	case "SlowDown", "SlowDownRead", "SlowDownWrite", "RequestTimeout", "InternalError", "ServiceUnavailable":
		return objstore.Passing("S3 could not serve \"%s\" (%s)", path, r.Code)
	}
	switch {
	case status == http.StatusNotFound, r.Code == "NoSuchKey":
		return sqlerr.New(sqlerr.UndefinedFile, "no such file: \"%s\"", path)
	case status == http.StatusForbidden, status == http.StatusUnauthorized:
		return a.accessDenied(r.Code, path)
	case status == http.StatusPreconditionFailed, r.Code == "PreconditionFailed":
		return objstore.Changed(path)
	case status == http.StatusMovedPermanently:
		return sqlerr.New(sqlerr.IOError, "bucket \"%s\" is at another endpoint", bucket).
			WithHint("Set AWS_REGION to the region of the bucket.")
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500 && status != http.StatusNotImplemented:
		return objstore.Passing("S3 could not serve \"%s\" (status %d)", path, status)
	}
	return sqlerr.New(sqlerr.IOError, "S3 refused \"%s\" (%s, status %d)", path, r.Code, status)
}

func (a *access) accessDenied(code, path string) error {
	e := sqlerr.New(sqlerr.InsufficientPrivilege, "access denied to \"%s\" (%s)", path, code)
	if a.origin == "" {
		return e.WithDetail("The request had no credentials.").
			WithHint("Set %s and %s, or see CREATE SECRET.", environments[a.scheme].id, environments[a.scheme].key)
	}
	return e.WithDetail("The credentials are from %s.", a.origin)
}

// connectionFailure is the error for a request without an answer. All that
// cannot be told from a passing fault counts as one.
func connectionFailure(err error, path string) error {
	inner := err
	if ue := (*url.Error)(nil); errors.As(err, &ue) {
		inner = ue.Err // the URL says what path says already
	}
	dns := (*net.DNSError)(nil)
	certificate := (*tls.CertificateVerificationError)(nil)
	timeout := net.Error(nil)
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return sqlerr.New(sqlerr.IOError, "S3 host \"%s\" of \"%s\" is not known", dns.Name, path).
			WithHint("See AWS_ENDPOINT_URL and AWS_REGION.")
	case errors.As(err, &certificate):
		return sqlerr.New(sqlerr.IOError, "S3 server of \"%s\" is not trusted: %s", path, certificate.Err)
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, os.ErrDeadlineExceeded):
		return objstore.Passing("S3 did not answer for \"%s\" in time", path)
	}
	return objstore.Passing("connection to S3 for \"%s\" was lost: %s", path, inner)
}
