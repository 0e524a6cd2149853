package builtin

import (
	"math/rand"
	"strings"
	"testing"
)

// TestLikePieces compares the search for pieces with matching token by token.
func TestLikePieces(t *testing.T) {
	r := rand.New(rand.NewSource(7))
	text := func(alphabet string, n int) string {
		var b strings.Builder
		runes := []rune(alphabet)
		for range r.Intn(n) {
			b.WriteRune(runes[r.Intn(len(runes))])
		}
		return b.String()
	}
	searched, matched := 0, 0
	for range 200_000 {
		pattern, s := text("ab%%éß", 8), []byte(text("abéß€", 12))
		m := likeMatcher{fold: r.Intn(4) == 0}
		if err := m.use(pattern, `\`); err != nil {
			t.Fatal(err)
		}
		got, err := m.match(s)
		if err != nil {
			t.Fatal(err)
		}
		want, err := m.matchTokens(s)
		if got != want || err != nil {
			t.Fatalf("%q like %q is %v, want %v %v", s, pattern, got, want, err)
		}
		if m.shape == inOrder {
			searched++
			if got {
				matched++
			}
		}
	}
	if searched < 10_000 || matched < 1000 {
		t.Errorf("only %d patterns were searched for, %d found", searched, matched)
	}
}
