package parquet

import "testing"

func BenchmarkUnpack(b *testing.B) {
	packed := make([]byte, 8192*2+64)
	for i := range packed {
		packed[i] = byte(i * 7)
	}
	b.Run("bytes", func(b *testing.B) {
		dst := make([]byte, 8192)
		for b.Loop() {
			unpackSmall(dst, packed, 0, 4)
			allBelow(dst, 256)
		}
	})
	b.Run("words", func(b *testing.B) {
		dst := make([]uint16, 8192)
		for b.Loop() {
			unpackWords(dst, packed, 0, 13)
			allWordsBelow(dst, 1<<13)
		}
	})
}
