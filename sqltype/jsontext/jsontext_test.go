package jsontext

import (
	"encoding/json"
	"testing"

	"volley/sqlerr"
)

func TestCheckSaysWhatIsWrong(t *testing.T) {
	for text, detail := range map[string]string{
		`{"a"`:        "The input string ended unexpectedly.",
		`{"a":x}`:     `Token "x" is invalid.`,
		`[1,]`:        `Expected JSON value, but found "]".`,
		`{1:2}`:       `Expected string or "}", but found "1".`,
		`{"a":1,}`:    `Expected string, but found "}".`,
		`[1 2]`:       `Expected "," or "]", but found "2".`,
		`1 2`:         `Expected end of input, but found "2".`,
		`"\q"`:        `Escape sequence "\q" is invalid.`,
		"\"a\tb\"":    "Character with value 0x09 must be escaped.",
		`"\u00"`:      `"\u" must be followed by four hexadecimal digits.`,
		`01`:          `Token "01" is invalid.`,
		`{"a" 1}`:     `Expected ":", but found "1".`,
		`[,1]`:        `Expected array element or "]", but found ",".`,
		`{"a":1 "b"}`: `Expected "," or "}", but found ""b"".`,
	} {
		err := Check([]byte(text))
		if e := sqlerr.Find(err); err == nil || e.Detail != detail {
			t.Errorf("%s: got %v, want %q", text, err, detail)
		}
	}
}

func TestLookup(t *testing.T) {
	doc := []byte(` {"a" : [1, {"b":"x\"y"}], "a b": null , "esc\u0041": 2}`)
	for _, c := range []struct {
		path []string
		want string
	}{
		{[]string{"a", "0"}, "1"},
		{[]string{"a", "-1", "b"}, `"x\"y"`},
		{[]string{"a b"}, "null"},
		{[]string{"escA"}, "2"},
		{[]string{"a", "2"}, ""},
		{[]string{"a", "x"}, ""},
		{[]string{"a", "0", "c"}, ""},
	} {
		got, ok := Lookup(doc, c.path)
		if string(got) != c.want || ok != (c.want != "") {
			t.Errorf("%v: got %q, %v", c.path, got, ok)
		}
	}
}

// FuzzJSON: what Check takes, Go's decoder takes; it parses, prints, and scans
// without a fault; and the printed form is a fixed point.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,{"b":null}],"c":"\u00e9\n"}`, `[]`, `"x"`, `-1.5e3`, `{"a":1,"a":2}`, `"\ud83d\ude00"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if Check(text) != nil {
			return
		}
		if !json.Valid(text) {
			t.Fatalf("%q is no JSON", text)
		}
		Len(text)
		Member(text, "a")
		Element(text, -1)
		v, err := Parse(text)
		if err != nil { // an escape that is no character
			return
		}
		printed := v.Append(nil)
		again, err := Parse(printed)
		if err != nil || string(again.Append(nil)) != string(printed) || Compare(&v, &again) != 0 || !Contains(&v, &again) {
			t.Fatalf("%q prints as %q, %v", text, printed, err)
		}
	})
}
