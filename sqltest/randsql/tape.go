package randsql

import "slices"

// Tape is a source that repeats choices; after its end every choice is 0.
type Tape struct {
	Choices []int
	at      int
}

// Below gives the next choice.
func (t *Tape) Below(n int) int {
	if t.at == len(t.Choices) {
		return 0
	}
	t.at++
	return t.Choices[t.at-1] % max(1, n)
}

// Recorder keeps the choices of another source.
type Recorder struct {
	Source  Source
	Choices []int
}

// Below gives a choice of the other source.
func (r *Recorder) Below(n int) int {
	v := r.Source.Below(n)
	r.Choices = append(r.Choices, v)
	return v
}

// Shrink looks for fewer and smaller choices with which a statement still fails,
// trying at most the given number of them.
func Shrink(choices []int, tries int, fails func([]int) bool) []int {
	best := slices.Clone(choices)
	attempt := func(c []int) bool {
		if tries == 0 {
			return false
		}
		tries--
		if !fails(c) {
			return false
		}
		best = c
		return true
	}
	for improved := true; improved && tries > 0; {
		improved = false
		for size := max(1, len(best)/2); size > 0; size /= 2 {
			for i := 0; i < len(best); {
				end := min(i+size, len(best))
				if attempt(slices.Concat(best[:i], best[end:])) {
					improved = true
					continue
				}
				if zeros := slices.Clone(best); clearRange(zeros[i:end]) && attempt(zeros) {
					improved = true
				}
				i = end
			}
		}
	}
	return best
}

// clearRange sets all to 0 and tells if that changed anything.
func clearRange(c []int) bool {
	changed := slices.ContainsFunc(c, func(v int) bool { return v != 0 })
	clear(c)
	return changed
}
