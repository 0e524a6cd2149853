package parser

import "strings"

// keywordClass is PostgreSQL's category of a keyword (SQL Key Words, Appendix
// C): it decides where the word may stand as a name.
type keywordClass uint8

const (
	unreserved   keywordClass = iota // any identifier, and keywords free for every use
	colName                          // a column or table name, not a function name
	typeFuncName                     // a type or function name, not a column name
	reserved                         // a name only after AS or a dot
)

type keyword struct {
	class   keywordClass
	asLabel bool
}

var keywords = func() map[string]keyword {
	m := map[string]keyword{}
	add := func(words string, set func(*keyword)) {
		for _, w := range strings.Fields(words) {
			k := m[w]
			set(&k)
			m[w] = k
		}
	}
	add(`all analyse analyze and any array as asc asymmetric both case cast check collate column
		constraint create current_catalog current_date current_role current_time
		current_timestamp current_user default deferrable desc distinct do else end except
		false fetch for foreign from grant group having in initially intersect into lateral
		leading limit localtime localtimestamp not null offset on only or order placing
		primary references returning select session_user some symmetric table then to
		trailing true union unique user using variadic when where window with`,
		func(k *keyword) { k.class = reserved })
	add(`authorization binary collation concurrently cross current_schema freeze full ilike
		inner is isnull join left like natural notnull outer overlaps right similar
		tablesample verbose`,
		func(k *keyword) { k.class = typeFuncName })
	add(`between bigint bit boolean char character coalesce dec decimal exists extract float
		greatest grouping inout int integer interval least national nchar none normalize
		nullif numeric out overlay position precision real row setof smallint substring time
		timestamp treat trim try_cast values varchar`,
		func(k *keyword) { k.class = colName })
	// Not PostgreSQL's: QUALIFY, which must not become an alias by accident.
	add(`array as char character create day except fetch filter for from grant group having
		hour intersect into isnull limit minute month notnull offset on order over overlaps
		precision returning second to union varying where window with within without year
		qualify`,
		func(k *keyword) { k.asLabel = true })
	return m
}()
