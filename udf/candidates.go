package udf

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
)

// narrow is PostgreSQL's func_select_candidate: which of several overloads that
// implicit casts can reach is meant. It gives one candidate, or several when
// the call is ambiguous.
//
//  1. keep those with most exact matches;
//  2. keep those that take most preferred types where a cast is needed;
//  3. give each unknown argument a category (string if any candidate takes a
//     string there), drop those that take another one, and those that do not
//     take the preferred type where one of the category is taken;
//  4. if all known arguments have one type, take unknown ones to have it too.
func narrow(sigs []signatureOf, candidates []int, args []arrow.DataType) []int {
	candidates = mostMatches(candidates, func(c int) int { return exactMatches(sigs[c], args) })
	if len(candidates) == 1 {
		return candidates
	}
	candidates = mostMatches(candidates, func(c int) int { return preferredMatches(sigs[c], args) })
	if len(candidates) == 1 || !slices.ContainsFunc(args, isUnknown) {
		return candidates
	}
	if kept := byUnknownCategory(sigs, candidates, args); len(kept) > 0 {
		candidates = kept
	}
	if len(candidates) == 1 {
		return candidates
	}
	if kept := likeKnownArgs(sigs, candidates, args); len(kept) == 1 {
		return kept
	}
	return candidates
}

func mostMatches(candidates []int, score func(int) int) []int {
	best := -1
	var kept []int
	for _, c := range candidates {
		switch s := score(c); {
		case s > best:
			best, kept = s, []int{c}
		case s == best:
			kept = append(kept, c)
		}
	}
	return kept
}

// exactMatches counts arguments of the parameter's type. A Decimal is a numeric,
// so Numeric matches it; among equal counts, parameters that take it as it is
// win.
func exactMatches(s signatureOf, args []arrow.DataType) int {
	exact, asIs := 0, 0
	for i, t := range args {
		if p := s.param(i); identical(t, p) {
			exact, asIs = exact+1, asIs+1
		} else if sameNumeric(t, p) {
			exact++
		}
	}
	return exact*(len(args)+1) + asIs
}

func sameNumeric(t, p arrow.DataType) bool {
	return p != nil && t.ID() == arrow.DECIMAL128 && isNumeric(p)
}

func preferredMatches(s signatureOf, args []arrow.DataType) int {
	n := 0
	for i, t := range args {
		if isUnknown(t) {
			continue
		}
		if p := s.param(i); identical(t, p) || sameNumeric(t, p) || p != nil && asPolymorphic(p) == nil && sqltype.IsPreferred(p) && category(p) == category(t) {
			n++
		}
	}
	return n
}

// anyCategory is that of a parameter of any type.
const anyCategory = 'P'

func category(t arrow.DataType) byte {
	switch {
	case t == nil || asPolymorphic(t) != nil:
		return anyCategory
	case isDecimalParam(t):
		return 'N'
	}
	return sqltype.Category(t)
}

// byUnknownCategory is step 3; nil when the candidates' categories conflict.
func byUnknownCategory(sigs []signatureOf, candidates []int, args []arrow.DataType) []int {
	type slot struct {
		category  byte
		preferred bool
	}
	slots := make([]slot, len(args))
	for i, t := range args {
		if !isUnknown(t) {
			continue
		}
		conflict := false
		for _, c := range candidates {
			p := sigs[c].param(i)
			cat, pref := category(p), p != nil && asPolymorphic(p) == nil && !isDecimalParam(p) && sqltype.IsPreferred(p)
			switch s := &slots[i]; {
			case s.category == 0:
				*s = slot{cat, pref}
			case s.category == cat:
				s.preferred = s.preferred || pref
			case cat == 'S':
				*s, conflict = slot{cat, pref}, false
			case s.category != 'S':
				conflict = true
			}
		}
		if conflict {
			return nil
		}
	}
	return slices.DeleteFunc(slices.Clone(candidates), func(c int) bool {
		for i, s := range slots {
			if !isUnknown(args[i]) {
				continue
			}
			p := sigs[c].param(i)
			if category(p) != s.category || s.preferred && !sqltype.IsPreferred(p) {
				return true
			}
		}
		return false
	})
}

// likeKnownArgs is step 4.
func likeKnownArgs(sigs []signatureOf, candidates []int, args []arrow.DataType) []int {
	var known arrow.DataType
	for _, t := range args {
		switch {
		case isUnknown(t):
		case known == nil:
			known = t
		case !sqltype.Equal(known, t):
			return nil
		}
	}
	if known == nil {
		return nil
	}
	same := make([]arrow.DataType, len(args))
	for i := range same {
		same[i] = known
	}
	return slices.DeleteFunc(slices.Clone(candidates), func(c int) bool { return !sigs[c].reachable(same) })
}
