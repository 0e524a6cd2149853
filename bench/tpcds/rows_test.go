package tpcds

import (
	"bytes"
	"strings"
	"testing"
)

// TestRows makes every table, each time the same, whose rows have their columns.
func TestRows(t *testing.T) {
	tables, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) != 24 {
		t.Fatalf("%d tables, not 24", len(tables))
	}
	for _, table := range tables {
		var once, again bytes.Buffer
		for _, b := range []*bytes.Buffer{&once, &again} {
			if err := table.Write(b, tables); err != nil {
				t.Fatalf("%s: %v", table.Name, err)
			}
		}
		if !bytes.Equal(once.Bytes(), again.Bytes()) {
			t.Errorf("%s is not the same each time", table.Name)
		}
		lines := strings.Split(strings.TrimSuffix(once.String(), "\n"), "\n")
		if len(lines) != table.Rows {
			t.Errorf("%s has %d rows, not %d", table.Name, len(lines), table.Rows)
		}
		for _, line := range lines {
			if n := strings.Count(line, "|") + 1; n != len(table.Columns) {
				t.Fatalf("%s: %d values for %d columns: %s", table.Name, n, len(table.Columns), line)
			}
		}
	}
}

// TestReturns looks for the sale of every return.
func TestReturns(t *testing.T) {
	tables, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	pairs := func(name, item, number string) map[string]bool {
		out := map[string]bool{}
		for _, table := range tables {
			if table.Name != name {
				continue
			}
			var b bytes.Buffer
			if err := table.Write(&b, tables); err != nil {
				t.Fatal(err)
			}
			at := map[string]int{}
			for i, c := range table.Columns {
				at[c.Name] = i
			}
			for _, line := range strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n") {
				f := strings.Split(line, "|")
				out[f[at[item]]+"|"+f[at[number]]] = true
			}
		}
		return out
	}
	sold := pairs("store_sales", "ss_item_sk", "ss_ticket_number")
	returned := pairs("store_returns", "sr_item_sk", "sr_ticket_number")
	if len(returned) < 1000 {
		t.Errorf("only %d returns", len(returned))
	}
	for r := range returned {
		if !sold[r] {
			t.Errorf("%s is returned and was not sold", r)
		}
	}
}
