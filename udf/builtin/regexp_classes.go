package builtin

import (
	"slices"
	"unicode/utf8"
)

// regexpClasses numbers characters so that two that are in the same ones of some sets
// have the same number. Classes of characters beyond ASCII are found as texts have
// them.
type regexpClasses struct {
	sets  []*runeSet
	ascii [utf8.RuneSelf]uint8
	byIn  map[uint64]uint8 // class by the sets that its characters are in, a bit a set
	most  int              // classes that there may be
	full  bool             // there would be more
	// recent are characters beyond ASCII of which the class is known, by their low bits.
	recent [64]struct {
		r     rune
		class uint8
	}
}

// spareClasses is how many classes there may be that no character of ASCII has.
const spareClasses = 8

// add takes a set, and tells whether there are not too many.
func (c *regexpClasses) add(set *runeSet) bool {
	for _, s := range c.sets {
		if s == set || slices.Equal(s.ranges, set.ranges) {
			return true
		}
	}
	c.sets = append(c.sets, set)
	return len(c.sets) <= 64
}

// number makes the classes of ASCII.
func (c *regexpClasses) number() {
	c.byIn, c.most = map[uint64]uint8{}, utf8.RuneSelf
	for r := range rune(utf8.RuneSelf) {
		c.ascii[r], _ = c.find(r)
	}
	c.most = len(c.byIn) + spareClasses
}

// find gives a character's class by the sets that it is in.
func (c *regexpClasses) find(r rune) (uint8, bool) {
	in := uint64(0)
	for i, s := range c.sets {
		if s.has(r) {
			in |= 1 << i
		}
	}
	class, ok := c.byIn[in]
	if !ok {
		if len(c.byIn) == c.most {
			c.full = true
			return 0, false
		}
		class = uint8(len(c.byIn))
		c.byIn[in] = class
	}
	return class, true
}

// of is the class of a character beyond ASCII; false where there are too many classes.
func (c *regexpClasses) of(r rune) (uint8, bool) {
	known := &c.recent[int(r)%len(c.recent)]
	if known.r == r {
		return known.class, true
	}
	class, ok := c.find(r)
	if ok {
		known.r, known.class = r, class
	}
	return class, ok
}
