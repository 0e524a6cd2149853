package app

import (
	"context"
	"reflect"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestPgxArrays has pgx send arrays as parameters and read them as Go slices, in
// binary and, by the simple protocol, in text.
func TestPgxArrays(t *testing.T) {
	c := startServer(t, "serve")
	conn := c.connect(t, 1)
	ctx := context.Background()
	for name, mode := range map[string]pgx.QueryExecMode{
		"binary": pgx.QueryExecModeCacheStatement, "text": pgx.QueryExecModeSimpleProtocol, "exec": pgx.QueryExecModeExec,
	} {
		t.Run(name, func(t *testing.T) {
			var hits []int64
			err := conn.QueryRow(ctx, "SELECT array_agg(g ORDER BY g) FROM generate_series(1, 9) g WHERE g = ANY($1::bigint[])",
				mode, []int64{2, 4, 40}).Scan(&hits)
			if err != nil || !reflect.DeepEqual(hits, []int64{2, 4}) {
				t.Errorf("= ANY: %v, %v", hits, err)
			}
			var names []string
			var matrix [][]int32
			var flags []*bool
			var rest []float64
			err = conn.QueryRow(ctx, `SELECT array_append($1::text[], 'z'), ARRAY[[1,2],[3,4]], ARRAY[true,NULL], '{}'::float8[]`,
				mode, []string{`a"b`, "", "NULL"}).Scan(&names, &matrix, &flags, &rest)
			if err != nil {
				t.Fatal(err)
			}
			if want := []string{`a"b`, "", "NULL", "z"}; !reflect.DeepEqual(names, want) {
				t.Errorf("text[]: %q", names)
			}
			if want := [][]int32{{1, 2}, {3, 4}}; !reflect.DeepEqual(matrix, want) {
				t.Errorf("two dimensions: %v", matrix)
			}
			if len(flags) != 2 || flags[0] == nil || !*flags[0] || flags[1] != nil || len(rest) != 0 {
				t.Errorf("boolean[] %v, empty %v", flags, rest)
			}
		})
	}
	// Without a cast, the parameter has the type of what it is compared with.
	var n int
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM generate_series(1, 9) g WHERE g = ANY($1)", []int32{1, 2, 99}).Scan(&n); err != nil || n != 2 {
		t.Errorf("inferred array: %d, %v", n, err)
	}
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM generate_series(1, 9) g WHERE g <> ALL($1)", []int32{1, 2, 99}).Scan(&n); err != nil || n != 7 {
		t.Errorf("<> ALL: %d, %v", n, err)
	}
	rows, err := conn.Query(ctx, "SELECT * FROM unnest($1::int[], $2::text[]) AS t(a, b)", []int32{1, 2}, []string{"x", "y"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		A int32
		B string
	}])
	if err != nil || len(got) != 2 || got[1].B != "y" {
		t.Errorf("unnest of parameters: %v, %v", got, err)
	}
}
