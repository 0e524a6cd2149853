package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog/memtable/block"
	"volley/sqlerr"
)

// record has n rows of random numbers from first on, so that they do not compress.
func record(first uint64, n int) *block.Block {
	rng := rand.New(rand.NewPCG(first, 0))
	b := array.NewInt64Builder(memory.DefaultAllocator)
	for range n {
		b.Append(rng.Int64())
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)
	rows, err := pool.New(array.NewRecord(schema, []arrow.Array{b.NewArray()}, int64(n)))
	if err != nil {
		panic(err)
	}
	return rows
}

// pool has no room in memory, so that all blocks are read from its file.
var pool = block.NewPool(full{}, os.TempDir())

type full struct{}

func (full) Reserve(int64) error { return errors.New("no memory") }
func (full) Release(int64)       {}

const manyRows = 20_000 // more bytes than a frame takes

func open(t *testing.T, dir string) (*Journal, *State) {
	t.Helper()
	j, state, err := Open(dir, pool)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j, state
}

func reopen(t *testing.T, j *Journal) (*Journal, *State) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, j.dir)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func about(text string) json.RawMessage { return json.RawMessage(fmt.Sprintf("%q", text)) }

// text is a state as text, for comparing.
func text(s *State) string {
	var b bytes.Buffer
	for _, t := range s.Tables {
		fmt.Fprintf(&b, "%s %s\n", t.ID, t.About)
		for _, rows := range t.Blocks {
			rec, err := rows.Record()
			if err != nil {
				panic(err)
			}
			fmt.Fprintf(&b, "  %v\n", rec.Column(0))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(s.Values)) {
		fmt.Fprintf(&b, "%s=%s\n", k, s.Values[k])
	}
	return b.String()
}

func same(t *testing.T, got, want *State) {
	t.Helper()
	if g, w := text(got), text(want); g != w {
		t.Fatalf("the journal has\n%.2000s\nnot\n%.2000s", g, w)
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestWhatIsCommittedIsThere(t *testing.T) {
	j, state := open(t, t.TempDir())
	same(t, state, &State{})
	small, large, more := record(1, 3), record(2, manyRows), record(3, 2)
	must(t, j.Commit(t.Context(), Change{Tables: []Table{{ID: "1", About: about("a"), Blocks: []*block.Block{small, large}}, {ID: "2", About: about("b")}}}))
	must(t, j.Commit(t.Context(), Change{Tables: []Table{{ID: "1", About: about("a"), Blocks: []*block.Block{small, large, more}}}, Values: map[string]json.RawMessage{"s": about("1")}}))
	want := &State{
		Tables: []Table{{ID: "1", About: about("a"), Blocks: []*block.Block{small, large, more}}, {ID: "2", About: about("b")}},
		Values: map[string]json.RawMessage{"s": about("1")},
	}
	j, state = reopen(t, j)
	same(t, state, want)
	// what was read stays where it is
	before := len(files(t, j.dir))
	kept := state.Tables[0].Blocks
	must(t, j.Commit(t.Context(), Change{Tables: []Table{{ID: "3", About: about("c"), Blocks: kept[:2]}}, Drop: []string{"1"}, Values: map[string]json.RawMessage{"s": nil}}))
	if n := len(files(t, j.dir)); n != before {
		t.Errorf("%d files instead of %d", n, before)
	}
	_, state = reopen(t, j)
	same(t, state, &State{Tables: []Table{{ID: "2", About: about("b")}, {ID: "3", About: about("c"), Blocks: kept[:2]}}})
}

func TestFilesOfDeadRowsAreRemoved(t *testing.T) {
	j, _ := open(t, t.TempDir())
	a, b, c := record(1, manyRows), record(2, manyRows), record(3, manyRows)
	commit := func(recs ...*block.Block) {
		t.Helper()
		must(t, j.Commit(t.Context(), Change{Tables: []Table{{ID: "1", Blocks: recs}}}))
	}
	commit(a, b, c)
	if got := files(t, j.dir); !slices.Equal(got, []string{"journal", "lock", "rows-1"}) {
		t.Fatalf("files %v", got)
	}
	commit(c) // two of three are dead, which is not yet much
	commit(c, record(4, 1))
	if got := files(t, j.dir); !slices.Contains(got, "rows-1") {
		t.Fatalf("files %v", got)
	}
	j.files[1].size *= 2
	commit(c, record(5, 1)) // now it is
	if got := files(t, j.dir); !slices.Equal(got, []string{"journal", "lock", "rows-2"}) {
		t.Fatalf("files %v", got)
	}
	j, state := reopen(t, j)
	same(t, state, &State{Tables: []Table{{ID: "1", Blocks: []*block.Block{c, record(5, 1)}}}})
	must(t, j.Commit(t.Context(), Change{Drop: []string{"1"}}))
	if got := files(t, j.dir); !slices.Equal(got, []string{"journal", "lock"}) {
		t.Fatalf("files %v", got)
	}
}

// A journal that ends anywhere within its last frame has all commits but that one.
func TestTornFrame(t *testing.T) {
	j, _ := open(t, t.TempDir())
	first := &State{Tables: []Table{{ID: "1", Blocks: []*block.Block{record(1, 3)}}}}
	must(t, j.Commit(t.Context(), Change{Tables: first.Tables}))
	whole := j.size
	must(t, j.Commit(t.Context(), Change{Tables: []Table{{ID: "1", Blocks: []*block.Block{record(2, 3)}}}}))
	b, err := os.ReadFile(filepath.Join(j.dir, journalName))
	must(t, err)
	must(t, j.Close())
	for at := whole; at < int64(len(b))-8; at += 13 { // the last 8 bytes are zeros by themselves
		for _, rest := range [][]byte{nil, make([]byte, 100)} { // zeros, as after a loss of power
			must(t, os.WriteFile(filepath.Join(j.dir, journalName), append(b[:at:at], rest...), 0o600))
			again, state, err := Open(j.dir, pool)
			must(t, err)
			same(t, state, first)
			if info, err := again.file.Stat(); err != nil || info.Size() != whole {
				t.Errorf("the journal has %v bytes, %v", info.Size(), err)
			}
			must(t, again.Commit(t.Context(), Change{Values: map[string]json.RawMessage{"x": about("y")}}))
			must(t, again.Close())
		}
	}
}

// Of commits that were not synced a loss of power may leave any part. What was synced
// has to be there.
func TestLossOfPower(t *testing.T) {
	j, _ := open(t, t.TempDir())
	value := func(v string, lazy bool) {
		must(t, j.Commit(t.Context(), Change{Values: map[string]json.RawMessage{"x": about(v)}, Lazy: lazy}))
	}
	value("safe", false)
	synced := j.size
	for i := range 5 {
		value(fmt.Sprint(i), true)
	}
	path := filepath.Join(j.dir, journalName)
	lazy, err := os.ReadFile(path)
	must(t, err)
	value("last", false)
	all, err := os.ReadFile(path)
	must(t, err)
	must(t, j.Close())
	ended, err := os.ReadFile(path)
	must(t, err)
	try := func(b []byte, at int64) error {
		b = slices.Clone(b)
		b[at] ^= 1
		must(t, os.WriteFile(path, b, 0o600))
		again, state, err := Open(j.dir, pool)
		if err != nil {
			return err
		}
		if len(state.Values) != 1 {
			t.Errorf("broken at %d: %s", at, state.Values)
		}
		return again.Close()
	}
	for at := synced; at < int64(len(lazy)); at += 31 {
		if err := try(lazy, at); err != nil {
			t.Errorf("the journal ends at %d: %v", at, err)
		}
		if err := try(ended, at); sqlerr.Code(err) != sqlerr.DataCorrupted {
			t.Errorf("the journal was ended after %d: %v", at, err)
		}
	}
	if err := try(all, synced-2); sqlerr.Code(err) != sqlerr.DataCorrupted {
		t.Errorf("a frame before others that were not synced: %v", err)
	}
}

// Records go from one table to another, whose frames all find them.
func TestSharedRecords(t *testing.T) {
	j, _ := open(t, t.TempDir())
	many, few := record(1, manyRows), record(2, 10)
	must(t, j.Commit(t.Context(), Change{Tables: []Table{{ID: "1", Blocks: []*block.Block{many, few}}}}))
	must(t, j.Commit(t.Context(), Change{Tables: []Table{{ID: "1"}, {ID: "2", Blocks: []*block.Block{many, few}}}}))
	must(t, j.Commit(t.Context(), Change{Tables: []Table{{ID: "3", Blocks: []*block.Block{few}}}}))
	must(t, j.Commit(t.Context(), Change{Tables: []Table{{ID: "2", Blocks: []*block.Block{few}}}})) // the file is mostly dead
	must(t, j.Commit(t.Context(), Change{Tables: []Table{{ID: "2", Blocks: []*block.Block{few, record(3, 2)}}}}))
	must(t, j.Commit(t.Context(), Change{Drop: []string{"1"}, Tables: []Table{{ID: "4", Blocks: []*block.Block{record(4, 1)}}}}))
	_, state := reopen(t, j)
	same(t, state, &State{Tables: []Table{
		{ID: "2", Blocks: []*block.Block{few, record(3, 2)}},
		{ID: "3", Blocks: []*block.Block{few}},
		{ID: "4", Blocks: []*block.Block{record(4, 1)}},
	}})
}

// What has no frame is removed; what has one and cannot be read is an error.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir)
	must(t, j.Commit(t.Context(), Change{Tables: []Table{{ID: "1", Blocks: []*block.Block{record(1, manyRows)}}}}))
	must(t, j.Commit(t.Context(), Change{Values: map[string]json.RawMessage{"x": about("y")}}))
	must(t, j.Close())
	must(t, os.WriteFile(filepath.Join(dir, "rows-7"), []byte("of a commit that did not happen"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, newName), []byte("half"), 0o600))
	j, _ = open(t, dir)
	if got := files(t, dir); !slices.Equal(got, []string{"journal", "lock", "rows-1"}) {
		t.Errorf("files %v", got)
	}
	must(t, j.Commit(t.Context(), Change{Tables: []Table{{ID: "2", Blocks: []*block.Block{record(2, manyRows)}}}}))
	must(t, j.Close())

	damaged := func(name string, change func([]byte) []byte) {
		t.Helper()
		path := filepath.Join(dir, name)
		b, err := os.ReadFile(path)
		must(t, err)
		must(t, os.WriteFile(path, change(slices.Clone(b)), 0o600))
		before, err := os.ReadFile(filepath.Join(dir, journalName))
		must(t, err)
		if j, _, err := Open(dir, pool); sqlerr.Code(err) != sqlerr.DataCorrupted {
			t.Errorf("%s: %v", name, err)
			if err == nil {
				_ = j.Close()
			}
		}
		if after, err := os.ReadFile(filepath.Join(dir, journalName)); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s: the journal was changed, %v", name, err)
		}
		must(t, os.WriteFile(path, b, 0o600))
	}
	flip := func(at int) func([]byte) []byte {
		return func(b []byte) []byte {
			b[at] ^= 1
			return b
		}
	}
	damaged("rows-1", flip(1000))
	damaged("rows-1", func(b []byte) []byte { return b[:len(b)-1] })
	damaged("journal", flip(20)) // in the first frame: others follow
	written, err := os.ReadFile(filepath.Join(dir, journalName))
	must(t, err)
	_, _, length, _ := readFrame(written)
	damaged("journal", flip(int(length)+20)) // in the second
	open(t, dir)
}

func TestOneProcess(t *testing.T) {
	j, _ := open(t, t.TempDir())
	if _, _, err := Open(j.dir, pool); sqlerr.Code(err) != "F0001" {
		t.Errorf("a second process: %v", err)
	}
}

// After a write that failed nothing has changed; when it is not known what is on
// disk, nothing is written any more.
func TestFailedWrite(t *testing.T) {
	j, _ := open(t, t.TempDir())
	must(t, j.Commit(t.Context(), Change{Values: map[string]json.RawMessage{"x": about("1")}}))
	must(t, j.file.Close())
	if err := j.Commit(t.Context(), Change{Tables: []Table{{ID: "1", Blocks: []*block.Block{record(2, manyRows)}}}}); err == nil {
		t.Fatal("a write into a closed file")
	}
	if got := files(t, j.dir); !slices.Equal(got, []string{"journal", "lock"}) {
		t.Errorf("files %v", got)
	}
	if err := j.Commit(t.Context(), Change{}); sqlerr.Code(err) != sqlerr.IOError {
		t.Errorf("a commit after that: %v", err)
	}
	_ = j.Close()
	_, state := open(t, j.dir)
	same(t, state, &State{Values: map[string]json.RawMessage{"x": about("1")}})
}

// TestRandomCommits compares the journal with what it should hold after random
// commits, restarts and rewrites.
func TestRandomCommits(t *testing.T) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 2))
		j, _ := open(t, t.TempDir())
		want := &State{Values: map[string]json.RawMessage{}}
		for step := range 40 {
			switch rng.IntN(10) {
			case 0:
				var state *State
				j, state = reopen(t, j)
				same(t, state, want)
				want = &State{Tables: slices.Clone(state.Tables), Values: maps.Clone(state.Values)}
				continue
			case 1:
				j.rewrite()
				continue
			}
			c := Change{Values: map[string]json.RawMessage{fmt.Sprint(rng.IntN(3)): about(fmt.Sprint(step))}, Lazy: rng.IntN(3) == 0}
			maps.Copy(want.Values, c.Values)
			if i := rng.IntN(5); i < len(want.Tables) {
				old := want.Tables[i]
				if rng.IntN(6) == 0 {
					c.Drop = []string{old.ID}
					want.Tables = slices.Delete(want.Tables, i, i+1)
				} else {
					recs := slices.Clone(old.Blocks)
					if len(recs) > 0 && rng.IntN(3) == 0 {
						k := rng.IntN(len(recs))
						recs = slices.Delete(recs, k, k+1)
					}
					n := 1 + rng.IntN(10)
					if rng.IntN(5) == 0 {
						n = manyRows
					}
					recs = append(recs, record(rng.Uint64(), n))
					want.Tables[i] = Table{ID: old.ID, About: about(fmt.Sprint(step)), Blocks: recs}
					c.Tables = []Table{want.Tables[i]}
				}
			} else {
				want.Tables = append(want.Tables, Table{ID: fmt.Sprint(step), About: about("new")})
				if len(want.Tables) > 1 && rng.IntN(2) == 0 { // with the rows of another
					want.Tables[len(want.Tables)-1].Blocks = want.Tables[0].Blocks
				}
				c.Tables = want.Tables[len(want.Tables)-1:]
			}
			must(t, j.Commit(t.Context(), c))
		}
		_, state := reopen(t, j)
		same(t, state, want)
	}
}

func TestJournalIsWrittenAnew(t *testing.T) {
	j, _ := open(t, t.TempDir())
	must(t, j.Commit(t.Context(), Change{Tables: []Table{{ID: "1", Blocks: []*block.Block{record(1, 10)}}}}))
	long := about(string(bytes.Repeat([]byte("x"), 1<<20)))
	largest := int64(0)
	for range 12 {
		must(t, j.Commit(t.Context(), Change{Values: map[string]json.RawMessage{"x": long}}))
		largest = max(largest, j.size)
	}
	if largest > 6<<20 || j.size > 6<<20 {
		t.Errorf("the journal has grown to %d bytes", largest)
	}
	_, state := reopen(t, j)
	same(t, state, &State{Tables: []Table{{ID: "1", Blocks: []*block.Block{record(1, 10)}}}, Values: map[string]json.RawMessage{"x": long}})
}

// FuzzOpen: no content of a journal is a panic.
func FuzzOpen(f *testing.F) {
	frame, _, err := newFrame(&entry{Format: format, Tables: []tableEntry{{ID: "1", Records: []place{{Length: 3}}}}}, []byte("abc"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(frame)
	f.Add(frame[:len(frame)-1])
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, at, n, ok := readFrame(b); ok && (e == nil || at > n || n > int64(len(b))) {
			t.Errorf("a frame of %d bytes with records at %d in %d bytes", n, at, len(b))
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, journalName), b, 0o600); err != nil {
			t.Fatal(err)
		}
		if j, _, err := Open(dir, pool); err == nil {
			_ = j.Close()
		}
	})
}
