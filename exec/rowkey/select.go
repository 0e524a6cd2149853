package rowkey

import (
	"math/bits"
	"slices"
)

// WordSource gives words to f, in blocks; whenever it is called, the same ones.
type WordSource func(f func(words []uint64)) error

// Selector finds words by their ranks among many, without sorting them all:
//
//  1. It counts how many lie in each of equal parts of their range.
//  2. Words of the parts that have a rank asked for are kept, and sorted.
//  3. A part of more words than there is room for is cut again in the same way.
//
// So the words are read two times, and once more for each time that many lie so near to
// each other.
type Selector struct {
	Room int // how many words may be kept at once

	counts []int64
	wanted []bool // by part
	kept   []uint64
}

// selectBits is into how many parts a range is cut, as a power of two.
const selectBits = 13

// SelectorBytes is what a Selector holds besides the words that are kept.
const SelectorBytes = 9 << selectBits

// wordPart is a part of a range in which ranks are asked for.
type wordPart struct {
	number uint64
	below  int64 // words less than the part's
	count  int64
	ranks  []int64
	dst    []uint64
}

// Select writes the words that have the ranks given, ascending and from 0, to dst. Of all
// words of the source those from least to most count.
func (s *Selector) Select(source WordSource, least, most uint64, ranks []int64, dst []uint64) error {
	return s.within(source, least, most, 0, ranks, dst)
}

// within is Select where so many words are less than least.
func (s *Selector) within(source WordSource, least, most uint64, below int64, ranks []int64, dst []uint64) error {
	shift := max(bits.Len64(most-least)-selectBits, 0)
	parts, err := s.parts(source, least, most, shift, below, ranks, dst)
	if err != nil {
		return err
	}
	var batch, large []wordPart
	room := int64(s.Room)
	for _, p := range parts {
		switch {
		case shift == 0: // all its words are equal
			for i := range p.dst {
				p.dst[i] = least + p.number
			}
			continue
		case p.count > int64(s.Room):
			large = append(large, p)
			continue
		case p.count > room:
			if err := s.sortParts(source, least, most, shift, batch); err != nil {
				return err
			}
			batch, room = batch[:0], int64(s.Room)
		}
		batch = append(batch, p)
		room -= p.count
	}
	if err := s.sortParts(source, least, most, shift, batch); err != nil {
		return err
	}
	for _, p := range large {
		lo := least + p.number<<shift
		if err := s.within(source, lo, lo+min(1<<shift-1, most-lo), p.below, p.ranks, p.dst); err != nil {
			return err
		}
	}
	return nil
}

// parts counts the words of each part, and gives those with ranks.
func (s *Selector) parts(source WordSource, least, most uint64, shift int, below int64, ranks []int64, dst []uint64) ([]wordPart, error) {
	width := most - least
	n := int(width>>shift) + 1
	if cap(s.counts) < n {
		s.counts, s.wanted = make([]int64, n), make([]bool, n)
	}
	counts := s.counts[:n]
	clear(counts)
	if err := source(func(words []uint64) {
		for _, w := range words {
			if d := w - least; d <= width {
				counts[d>>shift]++
			}
		}
	}); err != nil {
		return nil, err
	}
	var parts []wordPart
	for number, count := range counts {
		asked := 0
		for asked < len(ranks) && ranks[asked] < below+count {
			asked++
		}
		if asked > 0 {
			parts = append(parts, wordPart{uint64(number), below, count, ranks[:asked], dst[:asked]})
			if ranks, dst = ranks[asked:], dst[asked:]; len(ranks) == 0 {
				break
			}
		}
		below += count
	}
	return parts, nil
}

// sortParts keeps and sorts the words of some parts, in which it finds the ranks.
func (s *Selector) sortParts(source WordSource, least, most uint64, shift int, parts []wordPart) error {
	if len(parts) == 0 {
		return nil
	}
	width := most - least
	wanted := s.wanted[:int(width>>shift)+1]
	clear(wanted)
	total := int64(0)
	for _, p := range parts {
		wanted[p.number] = true
		total += p.count
	}
	if int64(cap(s.kept)) < total {
		s.kept = make([]uint64, 0, total)
	}
	kept := s.kept[:0]
	if err := source(func(words []uint64) {
		for _, w := range words {
			if d := w - least; d <= width && wanted[d>>shift] {
				kept = append(kept, w)
			}
		}
	}); err != nil {
		return err
	}
	slices.Sort(kept)
	for _, p := range parts {
		for i, r := range p.ranks {
			p.dst[i] = kept[r-p.below]
		}
		kept = kept[p.count:]
	}
	return nil
}

// SelectFrom is Select of words in memory, whose order it may change.
func (s *Selector) SelectFrom(words []uint64, ranks []int64, dst []uint64) {
	if len(words) < 1<<selectBits || len(ranks) > len(words)/selectAmong {
		slices.Sort(words)
		for i, r := range ranks {
			dst[i] = words[r]
		}
		return
	}
	least, most := slices.Min(words), slices.Max(words)
	s.Room = max(len(words)/selectAmong, 1<<selectBits)
	_ = s.Select(func(f func([]uint64)) error { f(words); return nil }, least, most, ranks, dst) // the source cannot fail
}

// selectAmong is how many times the words kept at once are less than those in memory.
const selectAmong = 16
