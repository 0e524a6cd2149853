package s3

import (
	"net/http"
	"strings"

	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/signer"
)

// requestPayer is the header that a bucket wants whose requests are paid by who makes them.
const requestPayer = "x-amz-request-payer"

// payingTransport puts the header into all requests. The client has options for it for reads
// and listings alone, and signs a request before it comes here: it is signed once more.
type payingTransport struct {
	http.RoundTripper
	creds *credentials.Credentials
}

// RoundTrip sends a request that its sender pays for.
func (t payingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(requestPayer, "requester")
	if region := signedFor(r); region != "" {
		by, err := t.creds.GetWithContext(nil)
		if err != nil {
			return nil, err
		}
		r = signer.SignV4(*r, by.AccessKeyID, by.SecretAccessKey, by.SessionToken, region)
	}
	return t.RoundTripper.RoundTrip(r)
}

// signedFor is the region in a request's signature, whose scope is
// "Credential=key/date/region/s3/aws4_request"; "": it has none.
func signedFor(r *http.Request) string {
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	scope, _, _ = strings.Cut(scope, ",")
	parts := strings.Split(scope, "/")
	if len(parts) < 5 {
		return ""
	}
	return parts[len(parts)-3]
}
