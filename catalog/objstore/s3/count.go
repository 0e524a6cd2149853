package s3

import (
	"net/http"

	"volley/catalog/objstore"
)

// countingTransport counts the requests that list objects. Those for data are counted
// with their bytes, by who makes them.
type countingTransport struct{ http.RoundTripper }

func (t countingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet && r.URL.Query().Has("list-type") {
		objstore.CountListing(r.Context())
	}
	return t.RoundTripper.RoundTrip(r)
}
