package taxi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"testing"
)

func TestTheSameOptionsGiveTheSameBytes(t *testing.T) {
	sum := func(opt Options) (string, int) {
		names, err := Generate(t.TempDir(), opt)
		if err != nil {
			t.Fatal(err)
		}
		h, lines := sha256.New(), 0
		for _, n := range names {
			text, err := os.ReadFile(n)
			if err != nil {
				t.Fatal(err)
			}
			h.Write(text)
			lines += bytes.Count(text, []byte{'\n'}) - 1
			for _, line := range bytes.Split(bytes.TrimSpace(text), []byte{'\n'}) {
				if bytes.Count(line, []byte{','}) != 18 {
					t.Fatalf("not 19 columns: %s", line)
				}
			}
		}
		return hex.EncodeToString(h.Sum(nil)), lines
	}
	a, n := sum(Options{Rows: 1001, Files: 3, Seed: 7})
	b, _ := sum(Options{Rows: 1001, Files: 3, Seed: 7})
	c, _ := sum(Options{Rows: 1001, Files: 3, Seed: 8})
	if a != b || a == c || n != 1001 {
		t.Fatalf("%s %s %s, %d rows", a, b, c, n)
	}
}
