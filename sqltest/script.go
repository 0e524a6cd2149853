package sqltest

import (
	"os"
	"path/filepath"
	"strings"
)

// Ask is a statement of a psql script, whose answer is noted and not compared
// with anything. SQL has psql's variables in it.
type Ask struct {
	Place
	SQL string
	// Data follows COPY … FROM STDIN, up to \. ; nil: none.
	Data *string
	// Bind: \gset, the columns of the one row become variables named Prefix and
	// the column's name.
	Bind   bool
	Prefix string
}

// Assign is \set or \getenv: the variable's value is the Values together.
type Assign struct {
	Place
	Name   string
	Values []string
}

// parseScript reads a psql script: statements that end with semicolons, and
// those of psql's commands that statements need (\set, \getenv, \i, \g, \gset,
// data of COPY). Other commands are skipped, and so is what stands between \if
// and \else or \endif.
func parseScript(path string, depth int) ([]Record, error) {
	if depth > 16 {
		return nil, &SyntaxError{Place{path, 1}, "files include one another more than 16 levels deep"}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p := &scriptParser{file: path, depth: depth, lines: strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")}
	for p.at < len(p.lines) {
		if err := p.line(); err != nil {
			return nil, err
		}
	}
	if strings.TrimSpace(p.sql.String()) != "" {
		p.end(nil)
	}
	return p.out, nil
}

type scriptParser struct {
	file  string
	lines []string
	at    int // the line being read, from 0
	depth int
	out   []Record

	sql    strings.Builder // of the statement so far
	first  int             // its first line
	quote  string          // what ends the string or comment that is open; "": none
	nested int             // open parentheses
	off    int             // nested \if that are skipped
}

// line reads a line of SQL or a command.
func (p *scriptParser) line() error {
	line := p.lines[p.at]
	p.at++
	if word, rest, ok := psqlCommand(line); p.quote == "" && ok && strings.HasPrefix(strings.TrimSpace(line), `\`) {
		return p.command(word, rest)
	}
	if p.off > 0 {
		return nil
	}
	for i := 0; i < len(line); {
		if p.sql.Len() == 0 && p.quote == "" && (line[i] == ' ' || line[i] == '\t') {
			i++
			continue
		}
		if p.sql.Len() == 0 {
			p.first = p.at
		}
		if p.quote == "" {
			if word, rest, ok := psqlCommand(line[i:]); ok {
				return p.command(word, rest)
			}
			if strings.HasPrefix(line[i:], `\;`) {
				p.sql.WriteByte(';')
				i += 2
				continue
			}
			if line[i] == ';' && p.nested == 0 {
				p.end(nil)
				i++
				continue
			}
		}
		i += p.token(line[i:])
	}
	if p.sql.Len() > 0 {
		p.sql.WriteByte('\n')
	}
	return nil
}

// token copies a token of SQL that s begins with, or a piece of one, and gives
// its length.
func (p *scriptParser) token(s string) int {
	n := 1
	switch {
	case p.quote == "E" && s[0] == '\\' && len(s) > 1:
		n = 2
	case p.quote == "E" && s[0] == '\'':
		p.quote = ""
	case p.quote == "E":
	case p.quote != "" && strings.HasPrefix(s, p.quote):
		n = len(p.quote)
		p.quote = ""
	case p.quote != "":
	case strings.HasPrefix(s, "--"):
		return len(s) // a comment, left out
	case strings.HasPrefix(s, "/*"):
		p.quote, n = "*/", 2
	case strings.HasPrefix(s, "E'") || strings.HasPrefix(s, "e'"):
		p.quote, n = "E", 2
	case s[0] == '\'' || s[0] == '"':
		p.quote = s[:1]
	case s[0] == '$':
		if tag := dollarQuote(s); tag != "" {
			p.quote, n = tag, len(tag)
		}
	case s[0] == '(':
		p.nested++
	case s[0] == ')':
		p.nested = max(0, p.nested-1)
	case isWord(s[0]):
		for n < len(s) && isWord(s[n]) {
			n++
		}
	}
	p.sql.WriteString(s[:n])
	return n
}

// dollarQuote is the $tag$ that s begins with, if any.
func dollarQuote(s string) string {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '$':
			return s[:i+1]
		case !isWord(s[i]) || i == 1 && s[i] >= '0' && s[i] <= '9':
			return ""
		}
	}
	return ""
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// psqlCommand splits \word and what follows on the line.
func psqlCommand(line string) (word, rest string, ok bool) {
	line = strings.TrimLeft(line, " \t")
	if len(line) < 2 || line[0] != '\\' || !isWord(line[1]) {
		return "", "", false
	}
	n := 1
	for n < len(line) && (isWord(line[n]) || line[n] == '+') {
		n++
	}
	return line[1:n], line[n:], true
}

// end makes a record of the statement gathered so far.
func (p *scriptParser) end(change func(*Ask)) {
	sql := strings.TrimSpace(p.sql.String())
	p.sql.Reset()
	p.nested = 0
	if sql == "" {
		return
	}
	a := &Ask{Place: Place{p.file, p.first}, SQL: sql}
	if lower := strings.ToLower(sql); strings.HasPrefix(lower, "copy ") && strings.Contains(lower, "from stdin") {
		a.Data = p.data()
	}
	if change != nil {
		change(a)
	}
	p.out = append(p.out, a)
}

// data reads the lines that follow up to \. .
func (p *scriptParser) data() *string {
	var b strings.Builder
	for p.at < len(p.lines) && p.lines[p.at] != `\.` {
		b.WriteString(p.lines[p.at])
		b.WriteByte('\n')
		p.at++
	}
	p.at++
	text := b.String()
	return &text
}

// command follows a command of psql's.
func (p *scriptParser) command(word, rest string) error {
	args := strings.Fields(rest)
	switch {
	case word == "if":
		p.off++
	case word == "endif":
		p.off = max(0, p.off-1)
	case word == "else" && p.off == 1:
		p.off = 0
	case word == "else" && p.off == 0:
		p.off = 1
	case p.off > 0:
	case word == "i" && len(args) == 1:
		path := args[0]
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(p.file), path)
		}
		records, err := parseScript(path, p.depth+1)
		p.out = append(p.out, records...)
		return err
	case word == "set" && len(args) > 0:
		p.out = append(p.out, &Assign{Place{p.file, p.at}, args[0], args[1:]})
	case word == "getenv" && len(args) == 2:
		p.out = append(p.out, &Assign{Place{p.file, p.at}, args[0], []string{"$" + args[1]}})
	case word == "gset":
		p.end(func(a *Ask) {
			a.Bind = true
			if len(args) > 0 {
				a.Prefix = args[0]
			}
		})
	case word == "g" || word == "gx" || word == "gexec" || word == "crosstabview":
		p.end(nil)
	case word == "r" || word == "gdesc":
		p.sql.Reset()
	}
	return nil
}
