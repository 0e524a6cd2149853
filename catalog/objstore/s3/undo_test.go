package s3_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"volley/catalog/objstore"
	"volley/catalog/objstore/s3"
)

// TestUndo: what Commit has made is taken back by its version, in buckets that keep them.
func TestUndo(t *testing.T) {
	noAmazon(t)
	var mu sync.Mutex
	version, failures := "", 0
	var removed []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		query := r.URL.Query()
		switch {
		case r.Method == http.MethodDelete:
			removed = append(removed, r.URL.Path+" "+query.Get("versionId"))
			w.WriteHeader(http.StatusNoContent)
			return
		case query.Has("uploads"):
			fmt.Fprint(w, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
			return
		case query.Has("partNumber"):
			w.Header().Set("ETag", `"900150983cd24fb0d6963f7d28e17f72"`)
			return
		case failures > 0:
			failures--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("ETag", `"e"`)
		if version != "" {
			w.Header().Set("X-Amz-Version-Id", version)
		}
		if r.Method == http.MethodPost {
			fmt.Fprint(w, `<CompleteMultipartUploadResult><Bucket>bkt</Bucket><ETag>"e"</ETag></CompleteMultipartUploadResult>`)
		}
	}))
	t.Cleanup(srv.Close)
	t.Setenv("AWS_ENDPOINT_URL", srv.URL)
	s := s3.New(s3.Config{Retry: impatient})
	for _, c := range []struct {
		version  string
		prepared bool
		failures int
		want     string
	}{
		{version: "v7", want: "/bkt/x v7"},
		{version: "v7", prepared: true, want: "/bkt/x v7"},
		{version: "null"},
		{version: ""},
		{version: "v7", failures: 1}, // two may have been made
	} {
		mu.Lock()
		version, failures, removed = c.version, c.failures, nil
		mu.Unlock()
		w, err := s.Create(ctx, "s3://bkt/x")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("abc")); err != nil {
			t.Fatal(err)
		}
		if w.(objstore.Undoer).Undo(ctx) {
			t.Errorf("%+v: undone before it was committed", c)
		}
		if c.prepared {
			err = w.(objstore.Preparer).Prepare()
		}
		if err == nil {
			err = w.Commit()
		}
		if err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		undone := w.(objstore.Undoer).Undo(ctx)
		mu.Lock()
		if got := strings.Join(removed, ";"); got != c.want || undone != (c.want != "") {
			t.Errorf("%+v: %t, removed %q", c, undone, got)
		}
		mu.Unlock()
	}
}
