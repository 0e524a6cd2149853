package main

import (
	"slices"
	"strings"
)

// scope tells which statements of PostgreSQL's regression suite concern a query
// engine. Statements about what lies outside (functions in procedural languages,
// own types and operators, inheritance, roles, triggers, plans, system catalogs,
// types beyond the SQL ones) are left out, and so is every later statement that
// names what those made.
type scope struct {
	// outside are names of tables, functions and types made by what was left out.
	outside map[string]bool
}

func newScope() *scope { return &scope{outside: map[string]bool{}} }

// statements that are outside, by their first word.
var outsideStatements = wordSet(`explain grant revoke cluster reindex lock listen notify unlisten load do call
	checkpoint comment security reassign refresh import`)

// what CREATE, DROP and ALTER are outside of.
var outsideObjects = wordSet(`function procedure routine aggregate operator type domain trigger rule role user group
	cast collation conversion extension foreign language tablespace text publication subscription policy
	statistics access event server database transform large default trusted`)

// words that put a statement outside wherever they stand.
var outsideWords = wordSet(`inherits inherit ctid tableoid xmin xmax cmin cmax oid oids
	point box circle polygon lseg line path inet cidr macaddr macaddr8 money xml tsvector tsquery
	to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery json_to_tsvector jsonb_to_tsvector
	ts_headline ts_rank ts_rank_cd ts_parse ts_debug ts_lexize ts_rewrite setweight numnode
	regclass regproc regprocedure regtype regrole regnamespace regoper regoperator
	int4range int8range numrange daterange tsrange tstzrange int4multirange nummultirange int8multirange datemultirange
	information_schema setval xid xid8 pg_lsn txid_current plpgsql tablefunc refcursor hstore`)

// functions whose names begin as those of system catalogs do.
var insidePg = wordSet(`pg_typeof pg_sleep pg_size_pretty pg_temp pg_input_is_valid`)

func wordSet(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// inside reports whether a statement counts, and notes what it makes if not.
func (s *scope) inside(sql string) bool {
	words := wordsOf(sql)
	if len(words) == 0 || strings.Contains(bare(sql), ";") {
		return false // several at once
	}
	kind, name := objectOf(words)
	outside := outsideStatements[words[0]] ||
		(words[0] == "create" || words[0] == "drop" || words[0] == "alter") && outsideObjects[kind] ||
		kind == "table" && isPartitioned(words) ||
		isSequence(words, "where", "current", "of") ||
		isSequence(words, "session", "authorization") || isSequence(words, "set", "role")
	named := false
	for i, w := range words {
		if i > 0 && (outsideWords[w] || strings.HasPrefix(w, "pg_") && !insidePg[w]) {
			outside = true
		}
		named = named || s.outside[w]
	}
	made := words[0] == "create" && name != "" && name != "on"
	switch {
	case outside && made:
		s.outside[name] = true
	case made && named && !onlyOwnName(s, words, name):
		s.outside[name] = true
	case made && kind == "table":
		delete(s.outside, name)
		return !outside
	}
	return !outside && !named
}

// onlyOwnName: a new table takes the name of one that was outside.
func onlyOwnName(s *scope, words []string, name string) bool {
	for _, w := range words {
		if w != name && s.outside[w] {
			return false
		}
	}
	return true
}

func isPartitioned(words []string) bool {
	return isSequence(words, "partition", "by", "range") || isSequence(words, "partition", "by", "list") ||
		isSequence(words, "partition", "by", "hash") || isSequence(words, "partition", "of") ||
		isSequence(words, "attach", "partition") || isSequence(words, "detach", "partition")
}

func isSequence(words []string, want ...string) bool {
	for i := range words {
		if i+len(want) <= len(words) && slices.Equal(words[i:i+len(want)], want) {
			return true
		}
	}
	return false
}

// objectOf gives what a CREATE, DROP or ALTER is about, and its name.
func objectOf(words []string) (kind, name string) {
	for i, w := range words[1:] {
		switch w {
		case "or", "replace", "temp", "temporary", "unlogged", "global", "local", "unique", "recursive", "constraint", "procedural":
			continue
		}
		rest := words[i+2:]
		for len(rest) > 0 && (rest[0] == "if" || rest[0] == "not" || rest[0] == "exists" || rest[0] == "view" || rest[0] == "concurrently") {
			rest = rest[1:]
		}
		if len(rest) > 0 {
			name = rest[0]
		}
		return w, name
	}
	return "", ""
}

// bare is SQL without strings, quoted names and comments.
func bare(sql string) string {
	var out strings.Builder
	for i := 0; i < len(sql); {
		n := quotedLength(sql[i:])
		if n == 0 {
			out.WriteByte(sql[i])
			n = 1
		}
		i += n
	}
	return out.String()
}

// quotedLength is the length of the string, quoted name or comment that s begins
// with; 0 if it begins with none.
func quotedLength(s string) int {
	until := func(from int, end string) int {
		if i := strings.Index(s[from:], end); i >= 0 {
			return from + i + len(end)
		}
		return len(s)
	}
	switch {
	case s[0] == '\'' || s[0] == '"':
		return until(1, s[:1])
	case strings.HasPrefix(s, "--"):
		return until(2, "\n")
	case strings.HasPrefix(s, "/*"):
		return until(2, "*/")
	case s[0] == '$':
		if end := strings.IndexByte(s[1:], '$'); end >= 0 && !strings.ContainsAny(s[1:end+1], " \n\t,;()") {
			return until(end+2, s[:end+2])
		}
	}
	return 0
}

// wordsOf gives the names and keywords of a statement in lower case.
func wordsOf(sql string) []string {
	return strings.FieldsFunc(strings.ToLower(bare(sql)), func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && r < 0x80
	})
}
