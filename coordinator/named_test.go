package coordinator

import (
	"testing"

	"volley/sqlerr"
)

// An error of a prepared statement or of a cursor's query has no position in the text of
// the statement that ran it.
func TestErrorElsewhere(t *testing.T) {
	s := newTestSession(t, newTestCoordinator(t))
	runToEnd(t, s, "CREATE TABLE g (k int)")
	runToEnd(t, s, "PREPARE now(int) AS SELECT 1 / (3 - i) FROM generate_series(1, $1) AS s(i)")
	runToEnd(t, s, "PREPARE gone AS SELECT k FROM g")
	runToEnd(t, s, "DROP TABLE g")
	runToEnd(t, s, "BEGIN")
	runToEnd(t, s, "DECLARE c CURSOR FOR SELECT 1 / (3 - i) FROM generate_series(1, 5) AS s(i)")
	for sql, code := range map[string]string{
		"EXECUTE now(3)": sqlerr.DivisionByZero, "EXPLAIN ANALYZE EXECUTE now(3)": sqlerr.DivisionByZero, "EXECUTE gone": sqlerr.UndefinedTable, "FETCH ALL FROM c": sqlerr.DivisionByZero,
	} {
		res, err := s.Query(t.Context(), sql)
		for err == nil {
			_, err = res.Next(t.Context())
		}
		if e := sqlerr.Find(err); e.Code != code || e.Position != 0 {
			t.Errorf("%s failed with %s at %d: %v", sql, e.Code, e.Position, err)
		}
		s.tx.status = 'T'
	}
}
