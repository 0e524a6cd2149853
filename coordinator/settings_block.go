package coordinator

import "maps"

// settingsBlock is what a transaction block must give back: at its end the
// values of SET LOCAL, and when it rolls back those of SET too.
type settingsBlock struct {
	before map[string]string  // the session's values at its begin
	local  map[string]*string // the values that SET LOCAL hides; nil: the default
}

// begin starts a transaction block.
func (s *settings) begin() {
	if s.block == nil {
		s.block = &settingsBlock{before: maps.Clone(s.values), local: map[string]*string{}}
	}
}

// end ends the block, if there is one.
func (s *settings) end(commit bool) {
	b := s.block
	if b == nil {
		return
	}
	s.block = nil
	if commit {
		for name, v := range b.local {
			s.restore(name, v)
		}
		return
	}
	for name := range s.values {
		if _, ok := b.before[name]; !ok {
			s.restore(name, nil)
		}
	}
	for name, v := range b.before {
		if s.values[name] != v {
			s.restore(name, &v)
		}
	}
}

// restore gives a setting an earlier value; nil is the default.
func (s *settings) restore(name string, v *string) {
	if v == nil {
		delete(s.values, name)
	} else {
		s.values[name] = *v
	}
	s.touched(name)
}

// hide is told that a setting is about to change, by SET LOCAL or by SET.
// Outside a block a local value has no effect, and false is given.
func (s *settings) hide(name string, local bool) bool {
	switch {
	case s.block == nil:
		return !local
	case !local:
		delete(s.block.local, name)
		return true
	}
	if _, ok := s.block.local[name]; !ok {
		var hidden *string
		if v, ok := s.values[name]; ok {
			hidden = &v
		}
		s.block.local[name] = hidden
	}
	return true
}
