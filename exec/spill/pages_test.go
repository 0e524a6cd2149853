package spill

import (
	"errors"
	"os"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
)

// TestPages reads pages in any order, while others are still being written.
func TestPages(t *testing.T) {
	parent := t.TempDir()
	d := NewDir(parent)
	p, err := d.CreatePages(schema)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 20 {
		if err := p.Append(record(n*100, 100+n)); err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{n, 0, n / 2} {
			rec, err := p.Page(i)
			if err != nil {
				t.Fatal(err)
			}
			if !array.RecordEqual(rec, record(i*100, 100+i)) {
				t.Fatalf("page %d of %d is not what was written", i, n+1)
			}
		}
	}
	if err := errors.Join(p.Close(), p.Close(), d.Close()); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(parent); len(left) > 0 {
		t.Errorf("%d files are left", len(left))
	}
}

// TestDamagedPage: every byte of a page is checked.
func TestDamagedPage(t *testing.T) {
	d := NewDir(t.TempDir())
	p, err := d.CreatePages(schema)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = errors.Join(p.Close(), d.Close()) }()
	for range 2 {
		if err := p.Append(record(0, 50)); err != nil {
			t.Fatal(err)
		}
	}
	for at := p.ends[0]; at < p.ends[1]; at++ {
		var b [1]byte
		if _, err := p.file.ReadAt(b[:], at); err != nil {
			t.Fatal(err)
		}
		flip := func() {
			b[0] ^= 0x20
			if _, err := p.file.WriteAt(b[:], at); err != nil {
				t.Fatal(err)
			}
		}
		flip()
		if _, err := p.Page(1); sqlerr.Code(err) != sqlerr.DataCorrupted {
			t.Fatalf("byte %d of the page: %v", at-p.ends[0], err)
		}
		flip()
	}
	if _, err := p.Page(1); err != nil {
		t.Fatal(err)
	}
}
