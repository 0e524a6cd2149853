package copyto

import (
	"crypto/rand"
	"fmt"
	"sync"

	"volley/catalog/objstore"
)

// file is a file that is being written.
type file struct {
	set  *openFiles
	mu   *sync.Mutex // of set
	path string
	w    objstore.Writer
	open bool
	used int64 // when it was written to last, as set counts
}

// Write writes to the file, which may have to be opened again.
func (f *file) Write(p []byte) (int, error) {
	f.mu.Lock()
	err := f.set.use(f)
	f.mu.Unlock()
	if err != nil {
		return 0, err
	}
	return f.w.Write(p)
}

// rest suspends the file until it is committed.
func (f *file) rest() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.set.suspend(f)
}

// openFiles are the files that take descriptors of the system.
type openFiles struct {
	limit int
	clock int64
	files []*file
}

func (s *openFiles) use(f *file) error {
	s.clock++
	f.used = s.clock
	if f.open {
		return nil
	}
	if err := s.makeRoom(); err != nil {
		return err
	}
	s.add(f)
	return nil
}

func (s *openFiles) add(f *file) {
	if _, ok := f.w.(objstore.Suspender); !ok {
		f.open = true // it takes none
		return
	}
	s.clock++
	f.open, f.used = true, s.clock
	s.files = append(s.files, f)
}

// makeRoom suspends the file that was not written to for longest, if there are
// as many as may be.
func (s *openFiles) makeRoom() error {
	if len(s.files) < s.limit {
		return nil
	}
	oldest := s.files[0]
	for _, f := range s.files {
		if f.used < oldest.used {
			oldest = f
		}
	}
	return s.suspend(oldest)
}

func (s *openFiles) suspend(f *file) error {
	for i, o := range s.files {
		if o == f {
			s.files[i] = s.files[len(s.files)-1]
			s.files = s.files[:len(s.files)-1]
			f.open = false
			return f.w.(objstore.Suspender).Suspend()
		}
	}
	return nil
}

// newUUID is a random one, of version 4.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
