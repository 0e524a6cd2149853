package memtable

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/memtable/journal"
	"volley/sqlerr"
	"volley/sqltype"
)

func openStore(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := small().OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// killed is the store as the next process finds it when this one ends without Close.
func killed(t *testing.T, s *Store) *Store {
	t.Helper()
	if err := s.durable.Close(); err != nil {
		t.Fatal(err)
	}
	return openStore(t, s.dir())
}

func (s *Store) dir() string { return s.durable.Dir() }

func TestTablesOutliveTheProcess(t *testing.T) {
	s := openStore(t, t.TempDir())
	tx := s.Begin()
	tab := newTable(t, tx, "t", primary)
	if err := insert(tx, tab, row{a: 1}, row{a: 2}); err != nil {
		t.Fatal(err)
	}
	if err := tx.CreateIndex(context.Background(), tab, Unique{Name: "plain", Columns: []int{1}}, false); err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	tx = s.Begin()
	if _, err := tx.Apply(context.Background(), tab, Change{Delete: []int64{0}}); err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	tx = s.Begin() // not committed
	if err := insert(tx, tab, row{a: 7}); err != nil {
		t.Fatal(err)
	}
	newTable(t, tx, "u")
	temp, err := s.Begin().Create(t.Context(), &Definition{Schema: "pg_temp_3", Name: "x"})
	if err != nil {
		t.Fatal(err)
	}

	s = killed(t, s)
	if s.As(nil).Lookup("public", "u") != nil || s.As(nil).Lookup("pg_temp_3", "x") != nil {
		t.Error("a table that was not committed, or is temporary, is there")
	}
	again := s.As(nil).Lookup("public", "t")
	if again == nil {
		t.Fatal("the table is gone")
	}
	want(t, again, NewView(nil), 2)
	if again.Origin() != tab.Origin() || len(again.PlainIndexes()) != 1 || !s.As(nil).HasIndex("public", "t_pkey") || !s.As(nil).HasIndex("public", "plain") {
		t.Errorf("origin %s, indexes %v", again.Origin(), again.PlainIndexes())
	}
	tx = s.Begin()
	wantError(t, insert(tx, again, row{a: 2}), sqlerr.UniqueViolation, `duplicate key value violates unique constraint "t_pkey"`, "Key (a)=(2) already exists.")
	if other := newTable(t, tx, "v"); other.ID() == again.ID() || other.ID() == temp.ID() && other.ID() <= again.ID() {
		t.Errorf("IDs %s and %s", again.ID(), other.ID())
	}
	tx.Rollback()

	tx = s.Begin()
	if err := tx.Drop(context.Background(), again); err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	if s = killed(t, s); len(s.As(nil).Tables()) != 0 {
		t.Error("a dropped table is back")
	}
}

// A table that replaces another, as ALTER TABLE does, takes its rows over.
func TestReplacedTableOutlivesTheProcess(t *testing.T) {
	s := openStore(t, t.TempDir())
	tx := s.Begin()
	tab := newTable(t, tx, "t")
	if err := insert(tx, tab, row{a: 1}, row{a: 2}); err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	tx = s.Begin()
	def := *tab.Definition()
	def.Name = "renamed"
	if _, err := tx.Replace(context.Background(), tab, &def, tab.committed.Load()); err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	s = killed(t, s)
	if s.As(nil).Lookup("public", "t") != nil {
		t.Error("the table has its old name, too")
	}
	want(t, s.As(nil).Lookup("public", "renamed"), NewView(nil), 1, 2)
}

// A transaction that cannot be written leaves no trace.
func TestCommitThatFails(t *testing.T) {
	s := openStore(t, t.TempDir())
	tx := s.Begin()
	tab := newTable(t, tx, "t", primary)
	commit(t, tx)
	if err := s.durable.Close(); err != nil { // no write can succeed
		t.Fatal(err)
	}
	tx = s.Begin()
	newTable(t, tx, "u")
	if err := insert(tx, tab, row{a: 1}); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err == nil {
		t.Fatal("a commit without a journal")
	}
	want(t, tab, NewView(nil))
	if s.As(nil).Lookup("public", "u") != nil {
		t.Error("the new table is there")
	}
	tx = s.Begin()
	if err := insert(tx, tab, row{a: 1}); err != nil {
		t.Errorf("the lock or the key is still held: %v", err)
	}
	tx.Rollback()
}

func TestSequencesOutliveTheProcess(t *testing.T) {
	s := openStore(t, t.TempDir())
	tx := s.Begin()
	q, err := tx.CreateSequence(t.Context(), SequenceDefinition{Schema: "public", Name: "q", Start: 10, Increment: 5, Min: 1, Max: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.CreateSequence(t.Context(), SequenceDefinition{Schema: "public", Name: "gone", Start: 1, Increment: 1, Min: 1, Max: 9}); err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	next := func(q *Sequence) int64 {
		t.Helper()
		v, err := q.Next(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	tx = s.Begin()
	if err := tx.DropSequence(t.Context(), s.As(nil).Sequence("public", "gone")); err != nil {
		t.Fatal(err)
	}
	if err := tx.RenameSequence(t.Context(), q, "public", "p"); err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	last := int64(0)
	for range 3 {
		last = next(q)
	}
	s = killed(t, s)
	if s.As(nil).Sequence("public", "q") != nil || s.As(nil).Sequence("public", "gone") != nil {
		t.Error("a sequence is there that was renamed or dropped")
	}
	q = s.As(nil).Sequence("public", "p")
	if v := next(q); v <= last || v > last+5*numbersAhead || v%5 != 0 {
		t.Errorf("after %d comes %d", last, v)
	}
	last = next(q)
	dir := s.dir()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, dir)
	q = s.As(nil).Sequence("public", "p")
	if v := next(q); v != last+5 {
		t.Errorf("after %d and an orderly end comes %d", last, v)
	}
	if err := q.Set(t.Context(), nil, 995, true); err != nil {
		t.Fatal(err)
	}
	next(q) // the last one
	q = killed(t, s).As(nil).Sequence("public", "p")
	if v, err := q.Next(t.Context(), nil); sqlerr.Code(err) != SequenceExhausted {
		t.Errorf("after the last number comes %d, %v", v, err)
	}
}

// A change of a sequence that is rolled back, or that no commit follows, has not
// happened, though numbers were taken after it.
func TestSequenceChangesEndWithTheirTransaction(t *testing.T) {
	s := openStore(t, t.TempDir())
	define := SequenceDefinition{Schema: "public", Name: "q", Start: 10, Increment: 5, Min: 1, Max: 100_000}
	tx := s.Begin()
	q, err := tx.CreateSequence(t.Context(), define)
	if err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	var changer *Tx // nil: none
	take := func(n int) (last int64) {
		t.Helper()
		for range n {
			if last, err = q.Next(t.Context(), changer); err != nil {
				t.Fatal(err)
			}
		}
		return last
	}
	change := func() *Tx {
		tx := s.Begin()
		next, restart := define, int64(1)
		next.Increment = 1000
		if err := tx.AlterSequence(t.Context(), q, next, &restart); err != nil {
			t.Fatal(err)
		}
		if err := tx.RenameSequence(t.Context(), q, "public", "p"); err != nil {
			t.Fatal(err)
		}
		return tx
	}
	last := take(3)
	changer = change()
	if v := take(2 * numbersAhead); v != 1+1000*(2*numbersAhead-1) {
		t.Errorf("number %d", v)
	}
	changer.Rollback()
	changer = nil
	if v := take(1); v != last+5 {
		t.Errorf("after %d and a rollback comes %d", last, v)
	}
	last = take(1)
	changer = change()
	take(2 * numbersAhead)
	changer = nil
	s = killed(t, s)
	if s.As(nil).Sequence("public", "p") != nil {
		t.Error("the name of a change that was not committed")
	}
	if q = s.As(nil).Sequence("public", "q"); q.Definition() != define {
		t.Errorf("definition %v", q.Definition())
	}
	if v := take(1); v <= last || v > last+5*numbersAhead || v%5 != 0 {
		t.Errorf("after %d and a crash comes %d", last, v)
	}
	commit(t, change())
	s = killed(t, s)
	q = s.As(nil).Sequence("public", "p")
	if s.As(nil).Sequence("public", "q") != nil || q == nil || q.Definition().Increment != 1000 || take(1) != 1 {
		t.Error("a change that was committed is not there")
	}
	tx = s.Begin()
	if err := tx.DropSequence(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	take(2 * numbersAhead) // by a query that found it before
	if s = killed(t, s); len(s.As(nil).Sequences()) > 0 {
		t.Error("a sequence that was dropped is there")
	}
}

// Numbers, and other changes, of a sequence that a transaction has changed wait for
// its end, and two that wait for each other are told so.
func TestSequenceChangesExcludeOthers(t *testing.T) {
	s := small().NewStore()
	define := SequenceDefinition{Schema: "public", Name: "q", Start: 1, Increment: 1, Min: 1, Max: 1000}
	tx := s.Begin()
	q, err := tx.CreateSequence(t.Context(), define)
	if err != nil {
		t.Fatal(err)
	}
	other := newTable(t, tx, "t")
	commit(t, tx)
	for _, committed := range []bool{true, false} {
		tx, restart := s.Begin(), int64(500)
		if err := tx.AlterSequence(t.Context(), q, define, &restart); err != nil {
			t.Fatal(err)
		}
		waits, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if v, err := q.Next(waits, nil); sqlerr.Code(err) != sqlerr.QueryCanceled {
			t.Errorf("a number of a sequence that is being changed: %d, %v", v, err)
		}
		if err := q.Set(waits, s.Begin(), 3, true); sqlerr.Code(err) != sqlerr.QueryCanceled {
			t.Errorf("a sequence that is being changed is set: %v", err)
		}
		if err := s.Begin().AlterSequence(waits, q, define, nil); sqlerr.Code(err) != sqlerr.QueryCanceled {
			t.Errorf("a sequence is changed twice: %v", err)
		}
		stop()
		got := make(chan int64)
		go func() {
			v, _ := q.Next(context.Background(), nil)
			got <- v
		}()
		want := int64(500)
		if committed {
			commit(t, tx)
		} else {
			tx.Rollback()
			want = 501
		}
		if v := <-got; v != want {
			t.Errorf("after the change comes %d, not %d", v, want)
		}
	}
	first, second := s.Begin(), s.Begin()
	if err := first.AlterSequence(t.Context(), q, define, nil); err != nil {
		t.Fatal(err)
	}
	if err := second.Lock(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- first.Lock(context.Background(), other) }()
	for waiting := false; !waiting; {
		s.mu.Lock()
		waiting = first.waits != nil
		s.mu.Unlock()
	}
	if _, err := q.Next(t.Context(), second); sqlerr.Code(err) != Deadlock {
		t.Errorf("two that wait for each other: %v", err)
	}
	second.Rollback()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	first.Rollback()
}

// Statistics are there again as long as they are good, and what was kept beside tables.
func TestStatisticsAndOthersOutliveTheProcess(t *testing.T) {
	s := openStore(t, t.TempDir())
	tx := s.Begin()
	tab, empty := newTable(t, tx, "t", primary), newTable(t, tx, "empty")
	for i := range 200 {
		if err := insert(tx, tab, row{a: int32(i)}); err != nil {
			t.Fatal(err)
		}
	}
	stats := &catalog.Stats{Rows: 200, Bytes: -1, Columns: make([]catalog.ColumnStats, len(tab.Definition().Columns))}
	for i := range stats.Columns {
		stats.Columns[i] = catalog.ColumnStats{Distinct: int64(40 + i)}
	}
	tab.SetStats(tx, stats)
	tx.Keep("v", []byte(`"1"`))
	mark := tx.Mark()
	tx.Keep("v", []byte(`"2"`))
	tx.Keep("w", []byte(`"3"`))
	tx.RollbackTo(mark)
	commit(t, tx)
	tx = s.Begin() // not committed
	tx.Keep("v", nil)
	empty.SetStats(tx, stats)

	s = killed(t, s)
	if kept := s.Kept(); len(kept) != 1 || string(kept["v"]) != `"1"` {
		t.Errorf("kept is %s", kept)
	}
	tab = s.As(nil).Lookup("public", "t")
	if a := tab.Analyzed(nil); a == nil || a.Columns[0].Distinct != 40 || s.As(nil).Lookup("public", "empty").Analyzed(nil) != nil {
		t.Fatalf("statistics are %v", a)
	}
	tx = s.Begin()
	if _, err := tx.Apply(t.Context(), tab, Change{Delete: slices.Collect(iotaTo(100))}); err != nil {
		t.Fatal(err)
	}
	tx.Keep("v", nil)
	commit(t, tx)
	if tab.Analyzed(nil) != nil {
		t.Error("statistics of which half the rows are gone are good")
	}
	s = killed(t, s)
	if tab = s.As(nil).Lookup("public", "t"); tab.Analyzed(nil) != nil || len(s.Kept()) != 0 {
		t.Error("statistics of which half the rows are gone are good again, or what was removed is there")
	}
	tx = s.Begin()
	tab.SetStats(tx, stats)
	if err := tx.Drop(t.Context(), tab); err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	if s = killed(t, s); len(s.As(nil).Tables()) != 1 {
		t.Error("a dropped table is there")
	}
	if state, err := journalState(s); err != nil || len(state.Values) != 0 {
		t.Errorf("values of a dropped table: %v, %v", state, err)
	}
}

func iotaTo(n int64) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for i := int64(0); i < n && yield(i); i++ {
		}
	}
}

// journalState opens the journal of a store, which it ends.
func journalState(s *Store) (*journal.State, error) {
	dir := s.dir()
	if err := s.Close(); err != nil {
		return nil, err
	}
	j, state, err := journal.Open(dir, nil)
	if err == nil {
		err = j.Close()
	}
	return state, err
}

// Values of every type come back as they were, with the definition of their columns.
func TestTypesOutliveTheProcess(t *testing.T) {
	s := openStore(t, t.TempDir())
	columns := []Column{
		{Name: "b", Type: sqltype.Bool},
		{Name: "i2", Type: sqltype.Int16},
		{Name: "i8", Type: sqltype.Int64, NotNull: true, Default: "1 + 1", Identity: 'a', Sequence: "x_seq"},
		{Name: "f", Type: sqltype.Float64},
		{Name: "n", Type: sqltype.Numeric, Mods: []int32{50, 3}},
		{Name: "d", Type: &arrow.Decimal128Type{Precision: 10, Scale: 2}},
		{Name: "c", Type: sqltype.Text, Length: 7, Char: true},
		{Name: "v", Type: sqltype.Text, Declared: "varchar", Length: 9},
		{Name: "y", Type: sqltype.Bytea},
		{Name: "day", Type: sqltype.Date},
		{Name: "ts", Type: sqltype.Timestamp, Generated: "now()"},
		{Name: "tz", Type: sqltype.TimestampTZ},
		{Name: "iv", Type: sqltype.Interval},
		{Name: "j", Type: sqltype.JSON},
		{Name: "jb", Type: sqltype.JSONB},
		{Name: "u", Type: sqltype.UUID},
		{Name: "ttz", Type: sqltype.TimeTZ},
		{Name: "l", Type: arrow.ListOf(sqltype.Text)},
		{Name: "r", Type: arrow.StructOf(arrow.Field{Name: "f1", Type: sqltype.Int32, Nullable: true})},
	}
	tx := s.Begin()
	def := &Definition{Schema: "public", Name: "all", Columns: columns, Checks: []Check{{Name: "positive", Text: "i8 > 0"}}, Query: "SELECT"}
	tab, err := tx.Create(t.Context(), def)
	if err != nil {
		t.Fatal(err)
	}
	cols := make([]arrow.Array, len(columns))
	for i, c := range columns {
		b := array.NewBuilder(memory.DefaultAllocator, c.Type)
		b.AppendEmptyValue()
		if !c.NotNull {
			b.AppendNull()
		} else {
			b.AppendEmptyValue()
		}
		cols[i] = b.NewArray()
	}
	rec := array.NewRecord(tab.Schema(), cols, 2)
	if _, err := tx.Apply(context.Background(), tab, Change{Insert: []arrow.Record{rec}}); err != nil {
		t.Fatal(err)
	}
	none, err := tx.Create(t.Context(), &Definition{Schema: "public", Name: "none"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Apply(context.Background(), none, Change{Insert: []arrow.Record{array.NewRecord(none.Schema(), nil, 3)}}); err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	s = killed(t, s)
	again := s.As(nil).Lookup("public", "all")
	got := again.Definition()
	first, err := again.committed.Load().blocks[0].Record()
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range columns {
		g := got.Columns[i]
		if !sqltype.Equal(g.Type, c.Type) || g.Length != c.Length || g.Char != c.Char || g.Default != c.Default || g.Declared != c.Declared || g.Identity != c.Identity ||
			g.Sequence != c.Sequence || g.Generated != c.Generated || g.NotNull != c.NotNull || !slices.Equal(g.Mods, c.Mods) {
			t.Errorf("column %+v is %+v", c, g)
		}
		if have := first.Column(i); !array.Equal(have, cols[i]) {
			t.Errorf("column %s has %v, not %v", c.Name, have, cols[i])
		}
	}
	if !again.Schema().Equal(tab.Schema()) || len(got.Checks) != 1 || got.Query != "SELECT" {
		t.Errorf("schema %v, checks %v", again.Schema(), got.Checks)
	}
	if n := s.As(nil).Lookup("public", "none").committed.Load().Rows(); n != 3 {
		t.Errorf("%d rows without columns", n)
	}
}

func TestDamagedTable(t *testing.T) {
	s := openStore(t, t.TempDir())
	tx := s.Begin()
	newTable(t, tx, "t")
	commit(t, tx)
	dir := s.dir()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "journal"), []byte("nothing that a journal begins with"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := small().OpenStore(dir); sqlerr.Code(err) != sqlerr.DataCorrupted {
		t.Errorf("a journal of nothing: %v", err)
	}
}
