package memtable

import (
	"context"
	"testing"
	"time"

	"volley/sqlerr"
)

// waiting runs f beside the test and fails when it ends before its transaction's opponent
// does; the result gives f's error.
func waiting(t *testing.T, tx *Tx, f func() error) (result func() error) {
	t.Helper()
	out := make(chan error, 1)
	go func() { out <- f() }()
	for {
		tx.store.mu.Lock()
		waits := tx.waits != nil
		tx.store.mu.Unlock()
		select {
		case err := <-out:
			t.Fatalf("it does not wait: %v", err)
		case <-time.After(time.Millisecond):
		}
		if waits {
			return func() error { return <-out }
		}
	}
}

func wantTable(t *testing.T, v Names, table string, want *Table) {
	t.Helper()
	if got := v.Lookup("public", table); got != want {
		t.Errorf("%s is %v, want %v", table, got, want)
	}
}

// TestOthersSeeOnlyCommittedNames: what a transaction creates, drops and renames is so for
// others when it has committed, and they can read what it drops until then.
func TestOthersSeeOnlyCommittedNames(t *testing.T) {
	for _, commits := range []bool{false, true} {
		s := small().NewStore()
		tx := s.Begin()
		dropped, renamed := newTable(t, tx, "dropped"), newTable(t, tx, "renamed")
		if _, err := tx.CreateSequence(t.Context(), SequenceDefinition{Schema: "public", Name: "q", Start: 1, Increment: 1, Max: 9}); err != nil {
			t.Fatal(err)
		}
		if err := insert(tx, renamed, row{a: 7}); err != nil {
			t.Fatal(err)
		}
		commit(t, tx)

		tx = s.Begin()
		made := newTable(t, tx, "made", Unique{Name: "made_a", Columns: []int{0}})
		if err := tx.Drop(t.Context(), dropped); err != nil {
			t.Fatal(err)
		}
		if err := tx.Lock(t.Context(), renamed); err != nil {
			t.Fatal(err)
		}
		def := *renamed.Definition()
		def.Name = "other"
		other, err := tx.Replace(t.Context(), renamed, &def, tx.Current(renamed))
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.DropSequence(t.Context(), s.As(tx).Sequence("public", "q")); err != nil {
			t.Fatal(err)
		}
		all := s.As(nil)
		for name, tab := range map[string]*Table{"made": nil, "dropped": dropped, "renamed": renamed, "other": nil} {
			wantTable(t, all, name, tab)
		}
		for name, tab := range map[string]*Table{"made": made, "dropped": nil, "renamed": nil, "other": other} {
			wantTable(t, s.As(tx), name, tab)
		}
		if names := all.TableNames(); len(names) != 2 || names[0] != "dropped" || names[1] != "renamed" {
			t.Errorf("others see %v", names)
		}
		if all.HasIndex("public", "made_a") || !s.As(tx).HasIndex("public", "made_a") {
			t.Error("an index is seen by others, or not by who made it")
		}
		if len(all.Sequences()) != 1 || all.Sequence("public", "q") == nil || s.As(tx).Sequence("public", "q") != nil {
			t.Error("a dropped sequence is missed by others, or not by who dropped it")
		}
		want(t, renamed, NewView(nil), 7)

		version := s.Version()
		b, c, d := s.Begin(), s.Begin(), s.Begin()
		if _, err := b.Create(t.Context(), &Definition{Schema: "public", Name: "dropped"}); sqlerr.Code(err) != sqlerr.DuplicateTable {
			t.Errorf("a name that is taken until a commit: %v", err)
		}
		creates := waiting(t, b, func() error {
			_, err := b.Create(t.Context(), &Definition{Schema: "public", Name: "made"})
			return err
		})
		reads := waiting(t, c, func() error { return s.As(c).Await(t.Context(), "public", "renamed") })
		locks := waiting(t, d, func() error { return d.Lock(t.Context(), dropped) })
		if err := s.As(nil).Await(t.Context(), "public", "made"); err != nil {
			t.Error(err)
		}
		if commits {
			commit(t, tx)
		} else {
			tx.Rollback()
		}
		if s.Version() == version {
			t.Error("plans that were made before the end are kept")
		}
		if err := reads(); err != nil {
			t.Error(err)
		}
		outcome := map[bool]string{true: sqlerr.DuplicateTable, false: sqlerr.Code(nil)}[commits]
		if err := creates(); sqlerr.Code(err) != outcome {
			t.Errorf("commits %t: creating what another had made: %v", commits, err)
		}
		outcome = map[bool]string{true: sqlerr.UndefinedTable, false: sqlerr.Code(nil)}[commits]
		if err := locks(); sqlerr.Code(err) != outcome {
			t.Errorf("commits %t: locking what another had dropped: %v", commits, err)
		}
		b.Rollback()
		if commits {
			wantTable(t, all, "made", made)
			wantTable(t, all, "other", other)
			want(t, other, NewView(nil), 7)
		} else {
			wantTable(t, all, "made", nil)
			wantTable(t, all, "dropped", dropped)
			wantTable(t, all, "renamed", renamed)
		}
		if len(s.renames) != 0 {
			t.Errorf("%d names are still held", len(s.renames))
		}
	}
}

// TestAwaitFindsDeadlocks: who waits for a table that is changed by one who waits for it
// has 40P01.
func TestAwaitFindsDeadlocks(t *testing.T) {
	s := small().NewStore()
	tx := s.Begin()
	x, y := newTable(t, tx, "x"), newTable(t, tx, "y")
	commit(t, tx)
	a, b := s.Begin(), s.Begin()
	if err := a.Drop(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	if err := b.Lock(t.Context(), y); err != nil {
		t.Fatal(err)
	}
	waits := waiting(t, a, func() error { return a.Lock(t.Context(), y) })
	if err := s.As(b).Await(t.Context(), "public", "x"); sqlerr.Code(err) != Deadlock {
		t.Errorf("it waits in a circle: %v", err)
	}
	b.Rollback()
	if err := waits(); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.As(nil).Await(ctx, "public", "x"); sqlerr.Code(err) != sqlerr.QueryCanceled {
		t.Errorf("cancelled while it waits: %v", err)
	}
	a.Rollback()
}
