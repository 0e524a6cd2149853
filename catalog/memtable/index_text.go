package memtable

import "strings"

// keyText is the list of the key's columns as messages have it.
func (u *Unique) keyText(def *Definition) string {
	parts, exprs := make([]string, len(u.Columns)), u.Exprs
	for i, c := range u.Columns {
		if c == Computed {
			parts[i], exprs = KeyExprText(exprs[0]), exprs[1:]
		} else {
			parts[i] = def.Columns[c].Name
		}
	}
	return strings.Join(parts, ", ")
}

// KeyExprText is an expression of an index as PostgreSQL writes it in the index's
// definition: in parentheses unless it looks like a call.
func KeyExprText(sql string) string {
	if looksLikeCall(sql) {
		return sql
	}
	return "(" + sql + ")"
}

// looksLikeCall tells whether SQL text is a name and one list in parentheses.
func looksLikeCall(sql string) bool {
	open := strings.IndexByte(sql, '(')
	return open > 0 && !strings.ContainsAny(sql[:open], " \t\n'+-*/%^:<>=!~|&#@[") && closing(sql, open) == len(sql)-1
}

// Unparenthesized is an expression without the parentheses around all of it.
func Unparenthesized(sql string) string {
	sql = strings.TrimSpace(sql)
	for strings.HasPrefix(sql, "(") && closing(sql, 0) == len(sql)-1 {
		sql = strings.TrimSpace(sql[1 : len(sql)-1])
	}
	return sql
}

// closing is the place of the parenthesis that closes the one at open, −1 for none.
func closing(sql string, open int) int {
	depth, quote := 0, byte(0)
	for i := open; i < len(sql); i++ {
		switch c := sql[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
