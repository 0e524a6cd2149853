package jsontext

import "testing"

func TestKeyOfEqualValues(t *testing.T) {
	for _, c := range [][2]string{
		{`1.0`, `1`},
		{`[1.50, "1.50", {"a.0": -2.00}]`, `[1.5, "1.50", {"a.0": -2}]`},
		{`100`, `100`},
		{`0.00`, `0`},
		{`"\".0"`, `"\".0"`},
		{`{"a": 10.010}`, `{"a": 10.01}`},
	} {
		if got := string(AppendKey(nil, []byte(c[0]))); got != c[1] {
			t.Errorf("key of %s is %s, want %s", c[0], got, c[1])
		}
	}
}
