package coordinator

import "maps"

// settingsBlock is what a transaction block must give back: at its end the
// values of SET LOCAL, and when it rolls back those of SET too.
type settingsBlock struct {
	before map[string]string  // the session's values at its begin
	local  map[string]*string // the values that SET LOCAL hides; nil: the default
	modes  map[string]string  // the values of transactionSettings
}

// settingsMark is the settings at a savepoint.
type settingsMark struct {
	values map[string]string
	local  map[string]*string
	modes  map[string]string
}

// mark notes the settings of a block.
func (s *settings) mark() settingsMark {
	return settingsMark{maps.Clone(s.values), maps.Clone(s.block.local), maps.Clone(s.block.modes)}
}

// rollbackTo gives the settings of a block the values that they had at a mark.
func (s *settings) rollbackTo(m settingsMark) {
	s.backTo(m.values)
	s.block.local, s.block.modes = maps.Clone(m.local), maps.Clone(m.modes)
}

// release ends the savepoint of a mark. What was set since then stays, but for the mode of
// the subtransaction, as in PostgreSQL.
func (s *settings) release(m settingsMark) {
	const readOnly = "transaction_read_only"
	s.block.modes[readOnly] = m.modes[readOnly]
}

// begin starts a transaction block.
func (s *settings) begin() {
	if s.block == nil {
		s.block = &settingsBlock{before: maps.Clone(s.values), local: map[string]*string{}, modes: s.modes()}
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
	s.backTo(b.before)
}

// backTo gives all settings earlier values.
func (s *settings) backTo(values map[string]string) {
	for name := range s.values {
		if _, ok := values[name]; !ok {
			s.restore(name, nil)
		}
	}
	for name, v := range values {
		if now, ok := s.values[name]; !ok || now != v {
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
