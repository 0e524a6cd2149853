package udf

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
)

type word struct {
	Text string
	At   int32 `sql:"position"`
	Seen Null[bool]
}

func texts(values ...string) Arg {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for _, v := range values {
		if v == "NULL" {
			b.AppendNull()
		} else {
			b.Append(v)
		}
	}
	return Arg{Array: b.NewArray()}
}

// drain gives all rows as "call:values", in batches of at most limit.
func drain(t *testing.T, rows TableRows, limit int) (out []string, err error) {
	t.Helper()
	for {
		b, err := rows.Next(context.Background(), limit)
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		if len(b.Calls) > limit || len(b.Calls) == 0 {
			t.Fatalf("a batch of %d rows, at most %d wanted", len(b.Calls), limit)
		}
		for i, c := range b.Calls {
			parts := []string{strconv.Itoa(int(c))}
			for _, col := range b.Columns {
				parts = append(parts, col.ValueStr(i))
			}
			out = append(out, strings.Join(parts, ":"))
		}
	}
}

func TestTypedTable(t *testing.T) {
	r := NewRegistry()
	Table1("words", func(text string, yield func(word) bool) error {
		if text == "bad" {
			return errors.New("no words")
		}
		for i, w := range strings.Fields(text) {
			if !yield(word{w, int32(i + 1), Null[bool]{V: true, Valid: i == 0}}) {
				return nil
			}
		}
		return nil
	}, In(r))
	res, err := r.ResolveTable("words", []arrow.DataType{arrow.BinaryTypes.String})
	if err != nil || len(res.Columns) != 3 || res.Columns[1].Name != "position" {
		t.Fatalf("got %+v, %v", res, err)
	}
	open := func(values ...string) TableRows {
		rows, err := res.Func.Call(&Context{}, []Arg{texts(values...)}, res.Columns, len(values))
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	for _, limit := range []int{1, 2, 100} {
		got, err := drain(t, open("a b", "NULL", "", "c"), limit)
		want := "0:a:1:true 0:b:2:(null) 3:c:1:true"
		if s := strings.Join(got, " "); s != want || err != nil {
			t.Errorf("limit %d: got %s, %v; want %s", limit, s, err, want)
		}
	}
	_, err = drain(t, open("a", "NULL", "bad"), 10)
	row := (*RowError)(nil)
	if !errors.As(err, &row) || row.Row != 2 || sqlerr.Code(row.Err) != sqlerr.ExternalRoutine {
		t.Errorf("got %v", err)
	}
	// Rows that nobody reads are not computed.
	rows := open(strings.Repeat("x ", 5000))
	if _, err := rows.Next(context.Background(), 3); err != nil {
		t.Fatal(err)
	}
	if err := closeRows(rows); err != nil {
		t.Error(err)
	}
	if _, err := rows.Next(context.Background(), 3); err != io.EOF {
		t.Errorf("after Close: %v", err)
	}
}

func TestTypedTableRefusesOtherRows(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a row of a channel was taken")
		}
	}()
	Table0("odd", func(func(struct{ C chan int }) bool) error { return nil }, In(NewRegistry()))
}

func TestListArgumentsAndResults(t *testing.T) {
	r := NewRegistry()
	Scalar1("double_all", func(v []int64) []int64 {
		out := make([]int64, len(v))
		for i, x := range v {
			out[i] = 2 * x
		}
		return out
	}, In(r))
	Scalar1("count_nulls", func(v []Null[string]) int64 {
		n := int64(0)
		for _, x := range v {
			if !x.Valid {
				n++
			}
		}
		return n
	}, In(r))
	ints := array.NewListBuilder(memory.DefaultAllocator, arrow.PrimitiveTypes.Int64)
	words := array.NewListBuilder(memory.DefaultAllocator, arrow.BinaryTypes.String)
	for _, row := range [][]int64{{1, 2}, nil, {}, {7}} {
		ints.Append(row != nil)
		words.Append(row != nil)
		for _, x := range row {
			ints.ValueBuilder().(*array.Int64Builder).Append(x)
			words.ValueBuilder().AppendNull()
		}
	}
	for name, c := range map[string]struct {
		arg  arrow.Array
		want string
	}{
		"double_all":  {array.NewSlice(ints.NewArray(), 1, 4), "[(null) [] [14]]"},
		"count_nulls": {words.NewArray(), "[2 (null) 0 1]"},
	} {
		f, err := r.FindScalar(name, []arrow.DataType{c.arg.DataType()})
		if err != nil {
			t.Fatal(err)
		}
		out, err := f.Batch(&Context{}, []Arg{{Array: c.arg}}, c.arg.Len())
		if err != nil || out.String() != c.want {
			t.Errorf("%s: got %v, %v; want %s", name, out, err, c.want)
		}
	}
}
