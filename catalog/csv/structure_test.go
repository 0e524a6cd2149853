package csv

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// structureOf is kernel.index byte by byte.
func structureOf(text []byte, s symbols) (ends, newlines []int, limit int) {
	begins, inside := true, false
	for p := 0; p < len(text); p++ {
		c := text[p]
		switch {
		case s.quote != 0 && c == s.quote && s.escaped:
			return ends, newlines, p
		case inside && c != s.quote:
		case inside: // a quote
			if s.doubled && p+1 < len(text) && text[p+1] == s.quote {
				p++
				continue
			}
			inside, begins = false, false
			after := p + 1
			if after < len(text) && text[after] == '\r' && s.newline != '\r' && s.delim != '\r' {
				if after++; after < len(text) && text[after] != s.newline {
					return ends, newlines, after
				}
			}
			if after < len(text) && text[after] != s.delim && text[after] != s.newline {
				return ends, newlines, after
			}
		case s.quote != 0 && c == s.quote:
			if !begins {
				return ends, newlines, p
			}
			inside, begins = true, false
		case c == s.delim || c == s.newline:
			ends = append(ends, p)
			if c == s.newline {
				newlines = append(newlines, p)
			}
			begins = true
		default:
			begins = false
		}
	}
	return ends, newlines, len(text)
}

// positions are those of the bits that masks have before limit.
func positions(blocks []block, limit int, mask func(block) uint64) (at []int) {
	for p := range limit {
		if mask(blocks[p/blockLen])>>(p%blockLen)&1 == 1 {
			at = append(at, p)
		}
	}
	return at
}

func checkKernels(t *testing.T, text []byte, s symbols) {
	t.Helper()
	ends, newlines, limit := structureOf(text, s)
	const before = 3 // loads need not be aligned
	padded := bytes.Repeat([]byte{s.delim}, before+len(text)+pad)
	copy(padded[before:], text)
	for _, k := range kernels {
		blocks := make([]block, (len(text)+blockLen-1)/blockLen)
		got, q := k.index(padded, before, before+len(text), s, blocks)
		if got -= before; got != limit {
			t.Fatalf("%s: %q %+v holds before %d, want %d", k.name, text, s, got, limit)
		}
		if at := positions(blocks, limit, func(b block) uint64 { return b.ends }); !slices.Equal(at, ends) {
			t.Fatalf("%s: %q %+v: fields end at %v, want %v", k.name, text, s, at, ends)
		}
		if at := positions(blocks, limit, func(b block) uint64 { return b.newlines }); !slices.Equal(at, newlines) {
			t.Fatalf("%s: %q %+v: newlines at %v, want %v", k.name, text, s, at, newlines)
		}
		if s.quote != 0 && !q.seen && bytes.IndexByte(text[:limit], s.quote) >= 0 {
			t.Fatalf("%s: %q: quotes not seen", k.name, text)
		}
	}
}

var kernelSymbols = []symbols{
	{delim: ',', newline: '\n', quote: '"', doubled: true},
	{delim: '|', newline: '\r', quote: '\'', doubled: true},
	{delim: ',', newline: '\n', quote: '"'},
	{delim: ' ', newline: '\n', quote: '"', escaped: true},
	{delim: 0, newline: '\n'},
}

// TestKernels: every build finds what reading byte by byte does.
func TestKernels(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, s := range kernelSymbols {
		alphabet := []byte{s.delim, s.delim, s.newline, '"', '"', '\'', '\r', 'x', '-', 0x80 | s.delim, 0}
		for n := range 400 {
			text := make([]byte, n)
			for i := range text {
				text[i] = alphabet[r.IntN(len(alphabet))]
			}
			checkKernels(t, text, s)
			// Quotes that stand well carry the structure over many blocks.
			var well bytes.Buffer
			for well.Len() < n {
				switch r.IntN(4) {
				case 0:
					fmt.Fprintf(&well, "%c%s%c", s.quote, bytes.Repeat([]byte("a,\n|"), r.IntN(40)), s.quote)
				case 1:
					fmt.Fprintf(&well, "%c%c%c%c", s.quote, s.quote, s.quote, s.quote)
				default:
					well.Write(bytes.Repeat([]byte{'y'}, r.IntN(70)))
				}
				well.WriteString([]string{string(s.delim), string(s.newline), "\r" + string(s.newline)}[r.IntN(3)])
			}
			checkKernels(t, well.Bytes(), s)
		}
	}
}

func FuzzKernels(f *testing.F) {
	f.Add([]byte("7,\"a,b\",1.5\n8,\"x\"\"y\",2\r\n,-,\"\"\n"), uint8(0))
	f.Fuzz(func(t *testing.T, text []byte, symbols uint8) {
		checkKernels(t, text, kernelSymbols[int(symbols)%len(kernelSymbols)])
	})
}

func BenchmarkKernels(b *testing.B) {
	text := []byte(trips(1000))
	text = append(text, make([]byte, pad)...)
	quoted := append(bytes.ReplaceAll(text, []byte("N"), []byte(`"N,"`)), make([]byte, pad)...)
	for _, k := range kernels {
		for name, text := range map[string][]byte{"plain": text, "quoted": quoted} {
			b.Run(k.name+"/"+name, func(b *testing.B) {
				n := 16 << 10
				blocks := make([]block, n/blockLen)
				b.SetBytes(int64(n))
				for b.Loop() {
					if limit, _ := k.index(text, 0, n, kernelSymbols[0], blocks); limit != n {
						b.Fatal(limit)
					}
				}
			})
		}
	}
}
