package textencoding

import "testing"

// TestThereAndBack: what is written in an encoding is read from it.
func TestThereAndBack(t *testing.T) {
	for name, e := range encodings {
		if e.codec == nil {
			continue
		}
		text := []byte("a\tb\\n\n")
		for r := rune(0xa0); r < 0xd800; r += 5 {
			char := []byte(string(r))
			if _, err := e.Encode(char); err == nil {
				text = append(text, char...)
			}
		}
		coded, err := e.Encode(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		d := e.NewDecoder()
		var back []byte
		for len(coded) > 0 { // in pieces that cut characters
			n := min(7, len(coded))
			piece, err := d.Decode(coded[:n], n == len(coded))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
			back, coded = append(back, piece...), coded[n:]
		}
		if len(back) != len(text) {
			t.Errorf("%s: %d bytes came back of %d", name, len(back), len(text))
		}
	}
}
