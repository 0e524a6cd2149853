package s3

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // what ETags are made of
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/errgroup"

	"volley/catalog/objstore"
	"volley/sqlerr"
)

const (
	// uploadsAtOnce is how many parts are on their way while the next is filled.
	uploadsAtOnce = 4
	// growEvery is after how many parts their size doubles: servers take 10,000
	// parts at most.
	growEvery = 1000
	// minPartSize is what servers want of parts that others follow, in bytes.
	minPartSize = 5 << 20
	// noVersion is what buckets call an object that they keep no versions of any more.
	noVersion    = "null"
	abortTimeout = 30 * time.Second
)

// MakeDirectory makes nothing: prefixes need not exist.
func (*Store) MakeDirectory(ctx context.Context, _ string) (func(), error) {
	return func() {}, ctx.Err()
}

// Create starts an object. It is sent in parts while it is written and appears
// at Commit; what fits into one part is sent then.
func (s *Store) Create(ctx context.Context, path string) (objstore.Writer, error) {
	bucket, key, err := splitObject(path)
	if err != nil {
		return nil, err
	}
	a, err := s.access(ctx, path)
	if err != nil {
		return nil, err
	}
	w := &writer{store: s, access: a, ctx: ctx, bucket: bucket, key: key, partSize: s.config.PartSize}
	w.buf.memory = objstore.MemoryOf(ctx)
	ctx, w.cancel = context.WithCancel(ctx)
	w.uploads, w.uploadCtx = errgroup.WithContext(ctx)
	w.uploads.SetLimit(uploadsAtOnce)
	return w, nil
}

type writer struct {
	store       *Store
	access      *access
	ctx         context.Context
	bucket, key string
	buf         partBuffer
	partSize    int

	id        string // of the multipart upload; "" until a part is sent
	sent      int    // parts
	uploads   *errgroup.Group
	sending   sync.WaitGroup // parts, which hold their bytes
	uploadCtx context.Context
	cancel    context.CancelFunc
	mu        sync.Mutex
	parts     []minio.CompletePart
	prepared  bool // all parts are there
	// version is that of the object in a bucket that keeps versions; "": not known.
	version string
	done    bool
}

func (w *writer) Write(p []byte) (int, error) {
	if w.done || w.prepared {
		return 0, sqlerr.New(sqlerr.IOError, "write to closed object \"%s\"", w.access.path(w.bucket, w.key))
	}
	written := 0
	for len(p) > 0 {
		// A full part is kept until more comes: the object may end with it.
		if len(w.buf.bytes) >= w.partSize {
			if err := w.sendPart(); err != nil {
				return written, err
			}
		}
		if w.buf.room() == 0 {
			if err := w.makeRoom(min(len(p), w.partSize-len(w.buf.bytes))); err != nil {
				return written, err
			}
		}
		n := min(len(p), w.buf.room())
		w.buf.bytes = append(w.buf.bytes, p[:n]...)
		p = p[n:]
		written += n
	}
	return written, nil
}

// makeRoom makes room for n bytes in the buffer, or in another one after it. Where memory
// is short it waits for parts to be gone.
func (w *writer) makeRoom(n int) error {
	err := w.buf.grow(n, w.partSize)
	if err == nil {
		return nil
	}
	w.sending.Wait()
	if err = w.buf.grow(n, w.partSize); err == nil || len(w.buf.bytes) < minPartSize {
		return err
	}
	if err := w.sendPart(); err != nil {
		return err
	}
	w.sending.Wait()
	return w.buf.grow(n, w.partSize)
}

// Buffered is what the parts hold that are not sent yet.
func (w *writer) Buffered() int64 { return w.buf.held.Load() }

// call runs f with the store's retries and errors.
func (w *writer) call(ctx context.Context, f func() error) error {
	return w.store.config.Retry.Do(ctx, func() error {
		if err := w.access.fresh(ctx); err != nil {
			return err
		}
		return w.access.failure(ctx, f(), w.bucket, w.key)
	})
}

// sendPart uploads the buffer in the background.
func (w *writer) sendPart() error {
	if w.id == "" {
		err := w.call(w.ctx, func() (err error) {
			w.id, err = w.access.NewMultipartUpload(w.ctx, w.bucket, w.key, minio.PutObjectOptions{})
			return err
		})
		if err != nil {
			return err
		}
	}
	if w.uploadCtx.Err() != nil { // a part has failed
		return w.uploads.Wait()
	}
	data, done := w.buf.take()
	w.sending.Add(1)
	w.sent++
	number := w.sent
	if w.sent%growEvery == 0 {
		w.partSize *= 2
	}
	w.uploads.Go(sqlerr.Guarded(func() error {
		defer w.sending.Done()
		defer done()
		checksum := sha256Hex(data)
		return w.call(w.uploadCtx, func() error {
			part, err := w.access.PutObjectPart(w.uploadCtx, w.bucket, w.key, w.id, number,
				bytes.NewReader(data), int64(len(data)),
				minio.PutObjectPartOptions{Sha256Hex: checksum, DisableContentSha256: true})
			if err != nil {
				return err
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			w.parts = append(w.parts, minio.CompletePart{PartNumber: number, ETag: part.ETag})
			return nil
		})
	}))
	return nil
}

// sha256Hex is the checksum a body is signed with. The client would otherwise
// sign plain HTTP bodies chunk by chunk, and there are servers that leave the
// end of such a body on the connection, to be taken for the next request.
func sha256Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Prepare sends all parts, so that Commit only completes them.
func (w *writer) Prepare() error {
	if w.done {
		return sqlerr.New(sqlerr.IOError, "commit of closed object \"%s\"", w.access.path(w.bucket, w.key))
	}
	if w.prepared {
		return nil
	}
	if len(w.buf.bytes) > 0 {
		if err := w.sendPart(); err != nil {
			return err
		}
	}
	if err := w.uploads.Wait(); err != nil {
		return err
	}
	w.prepared = true
	return nil
}

// Commit makes the object visible.
func (w *writer) Commit() error {
	if !w.done && w.id == "" {
		return w.committed(w.put())
	}
	if err := w.Prepare(); err != nil {
		return err
	}
	return w.committed(w.complete())
}

// put sends an object that fits into one part.
func (w *writer) put() error {
	data, done := w.buf.bytes, w.buf.drop
	defer done()
	checksum := sha256Hex(data)
	tries := 0
	return w.call(w.ctx, func() error {
		made, err := w.access.PutObject(w.ctx, w.bucket, w.key, io.Reader(bytes.NewReader(data)), int64(len(data)),
			"", checksum, minio.PutObjectOptions{DisableContentSha256: true})
		if tries++; tries == 1 { // another one may have made a version, too
			w.version = made.VersionID
		}
		return err
	})
}

// complete puts the parts together. A server may have done so though its answer was
// lost: it does not know the upload then.
func (w *writer) complete() error {
	slices.SortFunc(w.parts, func(a, b minio.CompletePart) int { return a.PartNumber - b.PartNumber })
	again := false
	return w.call(w.ctx, func() error {
		made, err := w.access.CompleteMultipartUpload(w.ctx, w.bucket, w.key, w.id, w.parts, minio.PutObjectOptions{})
		if again && minio.ToErrorResponse(err).Code == "NoSuchUpload" && w.isThere() {
			return nil
		}
		again = true
		w.version = made.VersionID
		return err
	})
}

// isThere tells whether the object that is there is the one written, by its ETag:
// "md5-n" of the MD5 sums of n parts.
func (w *writer) isThere() bool {
	o, err := w.access.StatObject(w.ctx, w.bucket, w.key, minio.GetObjectOptions{})
	if err != nil {
		return false
	}
	sums := md5.New()
	for _, p := range w.parts {
		sum, err := hex.DecodeString(strings.Trim(p.ETag, `"`))
		if err != nil {
			return false
		}
		sums.Write(sum)
	}
	return strings.Trim(o.ETag, `"`) == hex.EncodeToString(sums.Sum(nil))+"-"+strconv.Itoa(len(w.parts))
}

// Undo removes the version that Commit has made: the one before it, if there is one, is
// the object's again. Another one that somebody has made since stays.
func (w *writer) Undo(ctx context.Context) bool {
	if !w.done || w.version == "" || w.version == noVersion {
		return false
	}
	return w.call(ctx, func() error {
		return w.access.RemoveObject(ctx, w.bucket, w.key, minio.RemoveObjectOptions{VersionID: w.version})
	}) == nil
}

func (w *writer) committed(err error) error {
	if err == nil {
		w.done = true
		w.cancel()
	}
	return err
}

// Close gives up an object that was not committed. Its parts are deleted, also
// when the context has ended.
func (w *writer) Close() error {
	if w.done {
		return nil
	}
	w.done = true
	w.buf.drop()
	w.cancel()
	_ = w.uploads.Wait() // parts that come after the abort would stay
	if w.id == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), abortTimeout)
	defer cancel()
	return w.call(ctx, func() error {
		return w.access.AbortMultipartUpload(ctx, w.bucket, w.key, w.id)
	})
}
