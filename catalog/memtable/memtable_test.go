package memtable

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/sqlerr"
	"volley/sqltype"
)

// row is a row of the table that these tests use: (a integer, b varchar(3)).
type row struct {
	a    int32
	b    string
	null bool // of a
}

func newTable(t *testing.T, tx *Tx, name string, uniques ...Unique) *Table {
	t.Helper()
	tab, err := tx.Create(t.Context(), &Definition{
		Schema: "public", Name: name,
		Columns: []Column{{Name: "a", Type: sqltype.Int32}, {Name: "b", Type: sqltype.Text, Length: 3}},
		Uniques: uniques,
	})
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func rows(list ...row) ([]arrow.Array, int64) {
	a, b := array.NewInt32Builder(memory.DefaultAllocator), array.NewStringBuilder(memory.DefaultAllocator)
	for _, r := range list {
		if r.null {
			a.AppendNull()
		} else {
			a.Append(r.a)
		}
		b.Append(r.b)
	}
	return []arrow.Array{a.NewArray(), b.NewArray()}, int64(len(list))
}

func commit(t *testing.T, tx *Tx) {
	t.Helper()
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func insert(tx *Tx, t *Table, list ...row) error {
	rec, err := t.Conform(rows(list...))
	if err != nil {
		return err
	}
	_, err = tx.Apply(context.Background(), t, Change{Insert: []arrow.Record{rec}})
	return err
}

// values reads column a of what a view sees, through the format.
func values(t *testing.T, tab *Table, v *View) []int32 {
	t.Helper()
	ctx := WithView(context.Background(), v)
	f := tab.store.format
	def := tab.Def()
	spec := &catalog.ScanSpec{Format: FormatName, Options: def.Options, Schema: def.Schema, Projection: []int{0}}
	splits, err := f.Splits(ctx, nil, def, spec, catalog.SplitTarget{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Open(ctx, nil, spec, splits[0])
	if err != nil {
		t.Fatal(err)
	}
	var out []int32
	for {
		rec, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rec.Column(0).(*array.Int32).Int32Values()...)
	}
}

func want(t *testing.T, tab *Table, v *View, list ...int32) {
	t.Helper()
	if got := values(t, tab, v); !slices.Equal(got, list) {
		t.Errorf("rows %v, want %v", got, list)
	}
}

func wantError(t *testing.T, err error, code, message, detail string) {
	t.Helper()
	e := sqlerr.Find(err)
	if e == nil || e.Code != code || e.Message != message || e.Detail != detail {
		t.Errorf("error %#v, want %s %q %q", e, code, message, detail)
	}
}

var primary = Unique{Name: "t_pkey", Columns: []int{0}, Primary: true, Constraint: true}

func TestOthersSeeOnlyWhatIsCommitted(t *testing.T) {
	s := small().NewStore()
	tx := s.Begin()
	tab := newTable(t, tx, "t", primary)
	commit(t, tx)

	tx = s.Begin()
	if err := insert(tx, tab, row{a: 1}, row{a: 2}); err != nil {
		t.Fatal(err)
	}
	old := NewView(nil)
	want(t, tab, old)
	want(t, tab, NewView(tx), 1, 2)
	commit(t, tx)
	want(t, tab, old) // a view keeps what it has read
	want(t, tab, NewView(nil), 1, 2)

	tx = s.Begin()
	if _, err := tx.Apply(context.Background(), tab, Change{Delete: []int64{0}}); err != nil {
		t.Fatal(err)
	}
	want(t, tab, NewView(tx), 2)
	tx.Rollback()
	want(t, tab, NewView(nil), 1, 2)

	tx = s.Begin() // the key of the row that was not deleted is still there
	wantError(t, insert(tx, tab, row{a: 3}, row{a: 1}), sqlerr.UniqueViolation,
		`duplicate key value violates unique constraint "t_pkey"`, "Key (a)=(1) already exists.")
	if err := insert(tx, tab, row{a: 3}); err != nil {
		t.Errorf("a failed change left a key behind: %v", err)
	}
	tx.Rollback()
}

func TestAViewOutlivesItsTable(t *testing.T) {
	s := small().NewStore()
	tx := s.Begin()
	tab := newTable(t, tx, "t")
	if err := insert(tx, tab, row{a: 1}); err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	v := NewView(nil)
	want(t, tab, v, 1)
	tx = s.Begin()
	if err := tx.Drop(context.Background(), tab); err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	want(t, tab, v, 1)
	if err := s.Begin().Lock(context.Background(), tab); sqlerr.Code(err) != sqlerr.UndefinedTable {
		t.Errorf("write to a dropped table: %v", err)
	}
}

func TestRollbackToAMark(t *testing.T) {
	s := small().NewStore()
	tx := s.Begin()
	tab := newTable(t, tx, "t", primary)
	if err := insert(tx, tab, row{a: 1}); err != nil {
		t.Fatal(err)
	}
	mark := tx.Mark()
	if err := insert(tx, tab, row{a: 2}); err != nil {
		t.Fatal(err)
	}
	if err := tx.Truncate(context.Background(), tab); err != nil {
		t.Fatal(err)
	}
	newTable(t, tx, "u")
	tx.RollbackTo(mark)
	if s.As(nil).Lookup("public", "u") != nil {
		t.Error("a table created after the mark is still there")
	}
	if err := insert(tx, tab, row{a: 2}); err != nil {
		t.Error(err)
	}
	if err := insert(tx, tab, row{a: 1}); sqlerr.Code(err) != sqlerr.UniqueViolation {
		t.Errorf("key of before the mark is lost: %v", err)
	}
	commit(t, tx)
	want(t, tab, NewView(nil), 1, 2)
}

func TestConstraints(t *testing.T) {
	s := small().NewStore()
	tx := s.Begin()
	tab, err := tx.Create(t.Context(), &Definition{
		Schema: "public", Name: "t",
		Columns: []Column{{Name: "a", Type: sqltype.Int32, NotNull: true}, {Name: "b", Type: sqltype.Text, Length: 3}},
		Uniques: []Unique{{Name: "t_a_b_key", Columns: []int{0, 1}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, insert(tx, tab, row{a: 1, b: "x"}, row{null: true, b: "y"}), sqlerr.NotNullViolation,
		`null value in column "a" of relation "t" violates not-null constraint`, "Failing row contains (null, y).")
	wantError(t, insert(tx, tab, row{a: 1, b: "ab c"}), sqlerr.StringDataRightTrunc,
		"value too long for type character varying(3)", "")
	if err := insert(tx, tab, row{a: 1, b: "éèê  "}); err != nil {
		t.Error(err)
	}
	wantError(t, insert(tx, tab, row{a: 1, b: "éèê"}), sqlerr.UniqueViolation,
		`duplicate key value violates unique constraint "t_a_b_key"`, "Key (a, b)=(1, éèê) already exists.")
	if _, err := tx.Create(t.Context(), &Definition{Schema: "public", Name: "t"}); sqlerr.Code(err) != sqlerr.DuplicateTable {
		t.Errorf("second table t: %v", err)
	}
}

func TestUpdateMayExchangeKeys(t *testing.T) {
	s := small().NewStore()
	tx := s.Begin()
	tab := newTable(t, tx, "t", primary)
	if err := insert(tx, tab, row{a: 1}, row{a: 2}); err != nil {
		t.Fatal(err)
	}
	rec, _ := tab.Conform(rows(row{a: 2}, row{a: 1}))
	if _, err := tx.Apply(context.Background(), tab, Change{Delete: []int64{0, 1}, Insert: []arrow.Record{rec}}); err != nil {
		t.Fatal(err)
	}
	want(t, tab, NewView(tx), 2, 1)
	got, err := tx.Apply(context.Background(), tab, Change{Insert: []arrow.Record{rec}, SkipDuplicates: true})
	if err != nil || len(got) != 0 {
		t.Errorf("skipped duplicates: %v, %v", got, err)
	}
}

func TestIndexes(t *testing.T) {
	ctx := context.Background()
	s := small().NewStore()
	tx := s.Begin()
	tab := newTable(t, tx, "t", primary)
	if err := insert(tx, tab, row{a: 1, b: "x"}, row{a: 2, b: "x"}); err != nil {
		t.Fatal(err)
	}
	byB := Unique{Name: "t_b_idx", Columns: []int{1}}
	wantError(t, tx.CreateIndex(ctx, tab, byB, true), sqlerr.UniqueViolation,
		`could not create unique index "t_b_idx"`, "Key (b)=(x) is duplicated.")
	if err := tx.CreateIndex(ctx, tab, byB, false); err != nil {
		t.Fatal(err)
	}
	if err := tx.CreateIndex(ctx, tab, byB, false); sqlerr.Code(err) != sqlerr.DuplicateTable {
		t.Errorf("second index t_b_idx: %v", err)
	}
	if found, err := tx.DropIndex(ctx, "public", "t_b_idx"); !found || err != nil {
		t.Errorf("drop: %v, %v", found, err)
	}
	if _, err := tx.DropIndex(ctx, "public", "t_pkey"); sqlerr.Code(err) != DependentObjects {
		t.Errorf("drop of a constraint's index: %v", err)
	}
	if found, _ := tx.DropIndex(ctx, "public", "t_b_idx"); found {
		t.Error("the index is still there")
	}
}

// TestRandomChanges compares a table with a slice that has the same done to it.
func TestRandomChanges(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	s := small().NewStore()
	tx := s.Begin()
	tab := newTable(t, tx, "t", primary)
	var model []int32
	next := int32(0)
	for range 400 {
		if rng.IntN(3) > 0 || len(model) == 0 {
			list := make([]row, 1+rng.IntN(1+rng.IntN(300)))
			for i := range list {
				list[i].a = next
				model = append(model, next)
				next++
			}
			if err := insert(tx, tab, list...); err != nil {
				t.Fatal(err)
			}
			continue
		}
		var gone []int64
		kept := model[:0:0]
		share := rng.IntN(20)
		for i, v := range model {
			if rng.IntN(20) < share {
				gone = append(gone, int64(i))
			} else {
				kept = append(kept, v)
			}
		}
		if _, err := tx.Apply(context.Background(), tab, Change{Delete: gone}); err != nil {
			t.Fatal(err)
		}
		model = kept
		if got := tab.keys[0].keys.Len(); got != len(model) {
			t.Fatalf("%d keys of %d rows", got, len(model))
		}
	}
	want(t, tab, NewView(tx), model...)
}

func TestManySmallInsertsStayCheap(t *testing.T) {
	s := small().NewStore()
	tx := s.Begin()
	tab := newTable(t, tx, "t")
	for i := range 20_000 {
		if err := insert(tx, tab, row{a: int32(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(tab.current().blocks); n > 30 {
		t.Errorf("20000 rows are in %d records", n)
	}
}

func TestWritersWaitAndDeadlocksAreFound(t *testing.T) {
	ctx := context.Background()
	s := small().NewStore()
	setup := s.Begin()
	one, two := newTable(t, setup, "one"), newTable(t, setup, "two")
	commit(t, setup)
	a, b := s.Begin(), s.Begin()
	if err := errors.Join(insert(a, one, row{a: 1}), insert(b, two, row{a: 2})); err != nil {
		t.Fatal(err)
	}
	waited := make(chan error)
	go func() { waited <- insert(a, two, row{a: 3}) }()
	for { // until a waits
		s.mu.Lock()
		waiting := a.waits != nil
		s.mu.Unlock()
		if waiting {
			break
		}
	}
	if err := insert(b, one, row{a: 4}); sqlerr.Code(err) != Deadlock {
		t.Errorf("deadlock: %v", err)
	}
	b.Rollback()
	if err := <-waited; err != nil {
		t.Error(err)
	}
	c, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Begin().Lock(c, one); sqlerr.Code(err) != sqlerr.QueryCanceled {
		t.Errorf("canceled wait: %v", err)
	}
	commit(t, a)
	want(t, two, NewView(nil), 3)
}

// TestNamesAreHeldByOne: of transactions that want a name one has it at a time, and
// nothing of it is left in the end.
func TestNamesAreHeldByOne(t *testing.T) {
	ctx := context.Background()
	s := small().NewStore()
	held := 0 // as one sees who has the name
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				tx := s.Begin()
				if err := errors.Join(tx.LockName(ctx, "k", "view", "v"), tx.LockName(ctx, "k", "view", "v")); err != nil {
					t.Error(err)
				}
				held++
				tx.Rollback()
			}
		})
	}
	all.Wait()
	if held != 8*50 || len(s.locks) != 0 {
		t.Errorf("held %d times, %d names are left", held, len(s.locks))
	}
}

func TestRowText(t *testing.T) {
	cols, n := rows(row{null: true, b: strings.Repeat("é", 40)})
	rec := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "a", Type: sqltype.Int32}, {Name: "b", Type: sqltype.Text}}, nil), cols, n)
	if got, want := RowText(rec, 0), "null, "+strings.Repeat("é", 32)+"..."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func BenchmarkInsertOneRow(b *testing.B) {
	s := small().NewStore()
	tx := s.Begin()
	tab, err := tx.Create(b.Context(), &Definition{
		Schema: "public", Name: "t", Uniques: []Unique{primary},
		Columns: []Column{{Name: "a", Type: sqltype.Int32}, {Name: "b", Type: sqltype.Text}},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := range b.N {
		if err := insert(tx, tab, row{a: int32(i), b: "x"}); err != nil {
			b.Fatal(err)
		}
	}
}
