package builtin

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

func textColumn(values ...string) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.AppendValues(values, nil)
	return b.NewArray()
}

// TestTextThatIsTooLong holds that a function refuses before it has used the
// memory that its result would take.
func TestTextThatIsTooLong(t *testing.T) {
	r := udf.NewRegistry()
	must(t, Register(r))
	long := strings.Repeat("a", 1<<16)
	for _, c := range []struct {
		name string
		args []string
		code string
	}{
		{"replace", []string{long, "a", long}, sqlerr.ProgramLimitExceeded},
		{"regexp_replace", []string{long, "a", long, "g"}, sqlerr.ProgramLimitExceeded},
		{"regexp_count", []string{strings.Repeat("a", maxMatches), "a"}, sqlerr.ProgramLimitExceeded},
		{"format", []string{"%999999999s", "x"}, sqlerr.ProgramLimitExceeded},
		{"to_date", []string{"2024", strings.Repeat("Y", maxTemplate+1)}, sqlerr.ProgramLimitExceeded},
		{"replace", []string{long, "aa", "bbb"}, ""},
	} {
		var args []udf.Arg
		var types []arrow.DataType
		for _, v := range c.args {
			args, types = append(args, udf.Arg{Array: textColumn(v)}), append(types, sqltype.Text)
		}
		fn, err := r.FindScalar(c.name, types)
		must(t, err)
		if _, err := fn.Batch(&udf.Context{}, args, 1); sqlerr.Code(err) != c.code {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestBatchOfTextsHasTheContextsLimit(t *testing.T) {
	r := udf.NewRegistry()
	must(t, Register(r))
	fn, err := r.FindScalar("||", []arrow.DataType{sqltype.Text, sqltype.Text})
	must(t, err)
	half := strings.Repeat("a", 500)
	args := []udf.Arg{{Array: textColumn(half, half)}, {Array: textColumn(half, half)}}
	for limit, code := range map[int64]string{0: "", 2000: "", 1999: sqlerr.OutOfMemory} {
		if _, err := fn.Batch(&udf.Context{MaxText: limit}, args, 2); sqlerr.Code(err) != code {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
}

// TestLogarithmOfManyDigits holds that the time of a logarithm grows with the
// digits of its result, not of its argument: it would take minutes here.
func TestLogarithmOfManyDigits(t *testing.T) {
	n, err := sqltype.ParseNum([]byte(strings.Repeat("9", 100_000)))
	must(t, err)
	got, err := n.Ln()
	must(t, err)
	if want, _ := sqltype.ParseNum([]byte("230258.50929940457")); got.Cmp(want) != 0 {
		t.Errorf("got %v", got.ToFloat64())
	}
}
