package parquet

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"volley/sqltype"
)

// names makes metadata of field names, in the order given.
func names(list ...string) []byte {
	out := []byte{0x01, byte(len(list)), 0}
	at := 0
	for _, n := range list {
		at += len(n)
		out = append(out, byte(at))
	}
	return append(out, strings.Join(list, "")...)
}

// variantArrayOf makes an array of values, variantObjectOf an object whose fields
// have the ids 0, 1, ….
func variantArrayOf(values ...string) string { return container(0x03, "", values) }

func variantObjectOf(values ...string) string {
	ids := ""
	for i := range values {
		ids += string([]byte{byte(i)})
	}
	return container(0x02, ids, values)
}

func container(head byte, ids string, values []string) string {
	out := string([]byte{head, byte(len(values))}) + ids + "\x00"
	at := 0
	for _, v := range values {
		at += len(v)
		out += string([]byte{byte(at)})
	}
	return out + strings.Join(values, "")
}

func decodeVariant(metadata []byte, value string) (string, error) {
	d := &variantDecoder{limit: variantSlack + variantGrowth*len(value)}
	if err := d.names.decode(metadata); err != nil {
		return "", err
	}
	out, err := d.value(nil, []byte(value), 0)
	return string(out), err
}

func TestVariantValues(t *testing.T) {
	for _, tt := range []struct{ value, want string }{
		{"\x00", `null`},
		{"\x04", `true`},
		{"\x08", `false`},
		{"\x0c\xfe", `-2`},
		{"\x10\x00\x80", `-32768`},
		{"\x14\x01\x00\x00\x00", `1`},
		{"\x18\xff\xff\xff\xff\xff\xff\xff\xff", `-1`},
		{"\x1c\x00\x00\x00\x00\x00\x00\xf8\x3f", `1.5`},
		{"\x1c\x00\x00\x00\x00\x00\x00\xf0\x7f", `"Infinity"`},
		{"\x20\x02\x39\x30\x00\x00", `123.45`},
		{"\x28\x00" + strings.Repeat("\xff", 16), `-1`},
		{"\x2c\x00\x00\x00\x00", `"1970-01-01"`},
		{"\x30\x40\x42\x0f\x00\x00\x00\x00\x00", `"1970-01-01T00:00:01+00:00"`},
		{"\x34\xff\xff\xff\xff\xff\xff\xff\xff", `"1969-12-31T23:59:59.999999"`},
		{"\x38\x00\x00\xc0\x3f", `1.5`},
		{"\x3c\x02\x00\x00\x00\x0a\xff", `"\\x0aff"`},
		{"\x40\x03\x00\x00\x00a\"b", `"a\"b"`},
		{"\x44\x40\x42\x0f\x00\x00\x00\x00\x00", `"00:00:01"`},
		{"\x4c\x01\x00\x00\x00\x00\x00\x00\x00", `"1970-01-01T00:00:00.000000001"`},
		{"\x4c\xff\xff\xff\xff\xff\xff\xff\xff", `"1969-12-31T23:59:59.999999999"`},
		{"\x50" + strings.Repeat("\xab", 16), `"abababab-abab-abab-abab-abababababab"`},
		{"\x09hi", `"hi"`},
		{variantArrayOf(), `[]`},
		{variantArrayOf("\x00", "\x05x", variantArrayOf("\x04")), `[null,"x",[true]]`},
		{variantObjectOf("\x0c\x01", variantObjectOf("\x05y")), `{"a":1,"b":{"a":"y"}}`},
	} {
		got, err := decodeVariant(names("a", "b"), tt.value)
		if err != nil || got != tt.want {
			t.Errorf("%q: %s, %v; want %s", tt.value, got, err, tt.want)
		}
	}
}

func TestMalformedVariants(t *testing.T) {
	deep := strings.Repeat("\x03\x01\x00\x7f", 100_000)
	twice := "\x00"
	for range 40 { // each level shows the one below it twice
		twice = "\x0f\x02" + strings.Repeat("\x00", 12) + twice
	}
	for _, value := range []string{
		"", "\x14\x01", "\x58", "\xfc", "\x09h", "\x09\xff\xff", "\x05\x00", "\x40\xff\xff\xff\xffx", "\x20\xff\x00\x00\x00\x00",
		"\x03", "\x03\x05", "\x13\xff\xff\xff\xff", "\x02\x01\x07\x00\x01\x00", "\x03\x01\x09\x09\x00", deep, twice,
	} {
		if got, err := decodeVariant(names("a"), value); !errors.Is(err, errVariant) {
			t.Errorf("%.40q: %.40s, %v", value, got, err)
		}
	}
	for _, metadata := range []string{"", "\x00", "\x01", "\x01\xff", "\xc1\xff\xff\xff\xff", "\x01\x01\x05\x00a", "\x01\x01\x00\x01\x00"} {
		if _, err := decodeVariant([]byte(metadata), variantObjectOf("\x00")); !errors.Is(err, errVariant) {
			t.Errorf("metadata %q: %v", metadata, err)
		}
	}
}

// FuzzVariant: whatever the bytes are, they are an error or JSON that jsonb takes.
func FuzzVariant(f *testing.F) {
	f.Add(names("a", "b"), []byte(variantObjectOf("\x0c\x01", variantArrayOf("\x05y", "\x00"))))
	f.Add(names(), []byte("\x20\x02\x39\x30\x00\x00"))
	f.Fuzz(func(t *testing.T, metadata, value []byte) {
		got, err := decodeVariant(metadata, string(value))
		if err != nil {
			return
		}
		if len(got) > 2*(variantSlack+variantGrowth*len(value)) {
			t.Fatalf("%d bytes of %d", len(got), len(value))
		}
		if !json.Valid([]byte(got)) {
			t.Fatalf("%q", got)
		}
		if _, err := sqltype.AppendJSONB(nil, []byte(got)); err != nil {
			t.Fatalf("%q: %v", got, err)
		}
	})
}
