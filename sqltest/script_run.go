package sqltest

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Copier is a Session that takes the data of COPY … FROM STDIN.
type Copier interface {
	CopyFrom(ctx context.Context, sql string, data io.Reader) (*Result, error)
}

// ask runs a statement of a script; it passes whatever the answer is.
func (r *runner) ask(ctx context.Context, a *Ask) Outcome {
	sql := expandScript(a.SQL, r.vars)
	o := Outcome{Place: a.Place, SQL: sql, record: a}
	var (
		res *Result
		err error
	)
	s, err := r.session(ctx, "")
	if err != nil {
		return failedWith(o, err)
	}
	if r.opt.StatementTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.opt.StatementTimeout)
		defer cancel()
	}
	if copier, ok := s.(Copier); ok && a.Data != nil {
		res, err = copier.CopyFrom(ctx, sql, strings.NewReader(*a.Data))
	} else {
		res, err = s.Run(ctx, sql)
	}
	if err != nil {
		message, state := describe(err)
		o.state = state
		o.answer = Answer{Hash: "e" + state + digest([]string{message}), Lines: []string{"ERROR " + state + ": " + message}}
		return o
	}
	o.answer = answerOf(res, endsOrdered(sql))
	if a.Bind && len(res.Rows) == 1 {
		for i, v := range res.Rows[0] {
			if i < len(res.Columns) {
				r.vars[a.Prefix+res.Columns[i]] = v.Text
			}
		}
	}
	return o
}

func (r *runner) assign(a *Assign) {
	var value strings.Builder
	for _, v := range a.Values {
		if name, ok := strings.CutPrefix(v, "$"); ok {
			v, _ = r.opt.Getenv(name)
		}
		v = expandScript(v, r.vars)
		if len(v) >= 2 && v[0] == '\'' && v[len(v)-1] == '\'' {
			v = strings.ReplaceAll(v[1:len(v)-1], "''", "'")
		}
		value.WriteString(v)
	}
	r.vars[a.Name] = value.String()
}

// Answer is what a statement of a script gave.
type Answer struct {
	// Hash is of column names and rows, or of SQLSTATE and message; rows count
	// in any order unless the statement says one. "" for other records.
	Hash string
	// Lines are the first lines of the answer, for people.
	Lines []string
}

// maxAnswerLines bounds Answer.Lines.
const maxAnswerLines = 40

func answerOf(res *Result, ordered bool) Answer {
	rows := make([]string, len(res.Rows))
	for i, row := range res.Rows {
		values := make([]string, len(row))
		for j, v := range row {
			if values[j] = v.Text; v.Null {
				values[j] = "\\N"
			}
		}
		rows[i] = strings.Join(values, "|")
	}
	lines := slices.Clone(rows)
	if !ordered {
		slices.Sort(rows)
	}
	head := strings.Join(res.Columns, "|")
	hash := fmt.Sprintf("r%d:%s%s", len(rows), digest([]string{head}), digest(rows))
	if len(lines) > maxAnswerLines {
		lines = append(lines[:maxAnswerLines], "…")
	}
	return Answer{hash, append([]string{head}, lines...)}
}

// digest is a short hash of lines.
func digest(lines []string) string {
	sum := md5.Sum([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:4])
}

// endsOrdered reports whether an ORDER BY stands outside of parentheses.
func endsOrdered(sql string) bool {
	depth := 0
	var outside strings.Builder
	for i := range len(sql) {
		switch sql[i] {
		case '(':
			depth++
		case ')':
			depth--
		default:
			if depth == 0 {
				outside.WriteByte(sql[i])
			}
		}
	}
	return strings.Contains(strings.ToLower(squeeze(outside.String())), "order by")
}

// expandScript replaces :name, :'name' and :"name" outside of strings where the
// variable is known.
func expandScript(sql string, vars map[string]string) string {
	if !strings.Contains(sql, ":") {
		return sql
	}
	var out strings.Builder
	quote := byte(0)
	for i := 0; i < len(sql); i++ {
		c := sql[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case c == ':' && i+1 < len(sql) && sql[i+1] == ':':
			out.WriteByte(c)
			i++
		case c == ':':
			if text, n := scriptVariable(sql[i+1:], vars); n > 0 {
				out.WriteString(text)
				i += n
				continue
			}
		case c == '\'' || c == '"':
			quote = c
		}
		out.WriteByte(sql[i])
	}
	return out.String()
}

// scriptVariable is the text of the variable that follows a colon, and how many
// bytes name it; 0 if there is none.
func scriptVariable(s string, vars map[string]string) (text string, n int) {
	quote := ""
	if s != "" && (s[0] == '\'' || s[0] == '"') {
		quote = s[:1]
	}
	end := len(quote)
	for end < len(s) && isWord(s[end]) {
		end++
	}
	name := s[len(quote):end]
	v, ok := vars[name]
	if !ok || !strings.HasPrefix(s[end:], quote) {
		return "", 0
	}
	if quote == "" {
		return v, end
	}
	return quote + strings.ReplaceAll(v, quote, quote+quote) + quote, end + 1
}
