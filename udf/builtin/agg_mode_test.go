package builtin

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
	"volley/udf"
)

// TestModeKeepsFewValues: value v comes v times in every group but for the last one,
// which is the largest and comes once, so that all groups have found a better value again
// and again. A batch ends among equal values.
func TestModeKeepsFewValues(t *testing.T) {
	const groups, best = 10_000, 8
	agg, err := newRegistry(t).FindAggregate("mode", []arrow.DataType{sqltype.Text})
	must(t, err)
	acc := newAccumulator(t, agg, []arrow.DataType{sqltype.Text})
	for v := 1; v <= best+1; v++ {
		for range v%(best+1) + v/(best+1) {
			for lo := 0; lo < groups; lo += groups / 2 {
				of, texts := make([]uint32, groups/2), make([]string, groups/2)
				for i := range of {
					of[i], texts[i] = uint32(lo+i), fmt.Sprintf("value %d", v)
				}
				must(t, acc.Update(of, groups, []udf.Arg{{Array: columnOf(t, sqltype.Text, texts)}}))
			}
		}
	}
	if bytes := acc.Bytes(); bytes > 1<<20 {
		t.Errorf("%d bytes are held", bytes)
	}
	got, err := acc.Result(0, groups+1)
	must(t, err)
	for i := range groups {
		if text := got.ValueStr(i); text != fmt.Sprintf("value %d", best) {
			t.Fatalf("group %d: %s", i, text)
		}
	}
	if got.IsValid(groups) {
		t.Error("a group without rows has a value")
	}
}
