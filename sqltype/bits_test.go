package sqltype

import (
	"testing"

	"volley/sqlerr"
)

func TestParseBits(t *testing.T) {
	for _, c := range []struct{ text, bits, code string }{
		{"", "", ""},
		{"0101", "0101", ""},
		{"b10", "10", ""},
		{"X1f", "00011111", ""},
		{"x", "", ""},
		{"12", "", sqlerr.InvalidText},
		{"xg", "", sqlerr.InvalidText},
		{"1ä", "", sqlerr.InvalidText},
		{" 1", "", sqlerr.InvalidText},
	} {
		got, err := AppendParsedBits(nil, []byte(c.text))
		if err != nil && c.code != sqlerr.Code(err) || err == nil && (c.code != "" || string(got) != c.bits) {
			t.Errorf("%q: %q, %v; want %q %s", c.text, got, err, c.bits, c.code)
		}
	}
}

func TestIntBits(t *testing.T) {
	for _, c := range []struct {
		v    int64
		n    int
		bits string
	}{{5, 4, "0101"}, {-5, 4, "1011"}, {5, 2, "01"}, {-2, 66, "111111111111111111111111111111111111111111111111111111111111111110"}, {-1, 1, "1"}} {
		if got := AppendIntBits(nil, c.v, c.n); string(got) != c.bits {
			t.Errorf("%d as bit(%d) is %s, want %s", c.v, c.n, got, c.bits)
		}
	}
	if _, err := BitsToInt(make([]byte, 33), 32, "integer"); sqlerr.Code(err) != sqlerr.NumericOutOfRange {
		t.Errorf("33 bits as integer: %v", err)
	}
}

// FuzzPackedBits: what can be unpacked packs to the same bits, and nothing else
// than an error comes of the rest.
func FuzzPackedBits(f *testing.F) {
	f.Add([]byte{0, 0, 0, 3, 0xa0})
	f.Add([]byte{0, 0, 0, 9, 0xff, 0x80})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, packed []byte) {
		bits, err := AppendUnpackedBits(nil, packed)
		if err != nil {
			if sqlerr.Code(err) != sqlerr.InvalidBinary {
				t.Fatal(err)
			}
			return
		}
		again, err := AppendUnpackedBits(nil, AppendPackedBits(nil, string(bits)))
		if err != nil || string(again) != string(bits) {
			t.Fatalf("%x: %s became %s, %v", packed, bits, again, err)
		}
	})
}
