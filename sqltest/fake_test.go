package sqltest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"volley/sqlerr"
)

// fake is a database that knows a few fixed statements, enough for a file of
// each feature of the format.
type fake struct{}

func (f *fake) Labels() []string { return []string{"fake"} }
func (f *fake) Close() error     { return nil }
func (f *fake) Open(context.Context) (Database, error) {
	return &fakeDatabase{}, nil
}

type fakeDatabase struct{}

func (*fakeDatabase) Name() string { return "fake_db" }
func (*fakeDatabase) Close() error { return nil }
func (*fakeDatabase) Connect(context.Context) (Session, error) {
	return &fakeSession{}, nil
}

type fakeSession struct{ count int }

func (*fakeSession) Close() error { return nil }

func rowsOf(lines ...string) *Result {
	res := &Result{}
	for _, l := range lines {
		var row []Value
		for _, w := range strings.Fields(l) {
			row = append(row, Value{Text: w, Null: w == "NULL"})
		}
		res.Rows = append(res.Rows, row)
	}
	return res
}

func (s *fakeSession) Run(_ context.Context, sql string) (*Result, error) {
	if text, ok := fakeState[sqlState(sql)]; ok {
		return nil, sqlerr.New(sqlState(sql), "%s", text)
	}
	first, rest, _ := strings.Cut(sql, " ")
	switch {
	case sql == "select counter()":
		s.count++
		return rowsOf(fmt.Sprint(s.count)), nil
	case sql == "select * from example_basic":
		return rowsOf("Alice", "Bob", "Eve"), nil
	case strings.HasPrefix(sql, "select * from example_sort"):
		return rowsOf("1 10 2333", "2 20 2333", "10 100 2333"), nil
	case sql == "select * from example_validator":
		return rowsOf("1 10 2333", "10 100 2333", "2 20 2333"), nil
	case sql == "select * from example_typed":
		res := rowsOf("1 t", "2 f", "3 t")
		res.Booleans = []bool{false, true}
		return res, nil
	case sql == "select * from no_results":
		return &Result{}, nil
	case strings.Contains(sql, "multiline error"):
		return nil, errors.New("Hey!\n\nYou got:\n  Multiline FakeDBError!")
	case first == "desc":
		return nil, errors.New("The operation (describe) is not supported. Did you mean [describe]?")
	case sql == "give me an error", strings.HasPrefix(sql, "INSERT INTO real_table"):
		return nil, errors.New("Hey you got FakeDBError!")
	case first == "select_id", first == "select_pair", first == "echo":
		return rowsOf(rest), nil
	case strings.HasPrefix(sql, "select read(\""):
		text, err := os.ReadFile(strings.TrimSuffix(strings.TrimPrefix(sql, "select read(\""), "\")"))
		return rowsOf(strings.TrimSpace(string(text))), err
	case first == "path":
		if _, err := os.Stat(rest); err != nil {
			return nil, err
		}
		return &Result{}, nil
	case first == "time":
		if len(rest) != len(fmt.Sprint(time.Now().UnixNano())) {
			return nil, fmt.Errorf("not a time in nanoseconds: %s", rest)
		}
		return &Result{}, nil
	case first == "check":
		if strings.Contains(rest, "$") {
			return nil, fmt.Errorf("not substituted: %s", rest)
		}
		return &Result{}, nil
	case first == "affect":
		var n int64
		_, err := fmt.Sscan(rest, &n)
		return &Result{Affected: n}, err
	case first == "select" && strings.Count(rest, ",") == 1:
		return rowsOf(strings.ReplaceAll(rest, ",", "")), nil
	case first == "select":
		return &Result{Rows: [][]Value{{{Text: rest}}}}, nil
	case slices.Contains([]string{"create", "insert", "drop", "copy", "update"}, first):
		return &Result{Affected: 1}, nil
	}
	return nil, errors.New("Hey you got FakeDBError!")
}

var fakeState = map[string]string{
	"42P01": "relation \"missing_table\" does not exist",
	"42703": "column does not exist",
	"42601": "syntax error",
	"22012": "division by zero",
	"23505": "duplicate key value violates unique constraint",
}

// sqlState says which error the fake gives for a statement, "" for none.
func sqlState(sql string) string {
	lower := strings.ToLower(sql)
	switch {
	case strings.Contains(lower, "form ") || strings.HasSuffix(lower, " form") || strings.HasPrefix(lower, "selekt"):
		return "42601"
	case strings.Contains(lower, "/0"):
		return "22012"
	case strings.Contains(lower, "duplicate") || strings.Contains(lower, "unique"):
		return "23505"
	case strings.Contains(lower, "missing_column"), strings.Contains(lower, "non_existent_column"), strings.Contains(lower, "final_missing_column"):
		return "42703"
	case strings.Contains(lower, "missing_table"), strings.Contains(lower, "non_existent_table"):
		return "42P01"
	}
	return ""
}
