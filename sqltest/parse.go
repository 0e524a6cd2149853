package sqltest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

// SyntaxError is a fault in a test file.
type SyntaxError struct {
	Place
	Message string
}

// Error is file:line: message.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message) }

// ParseFile reads a test file and those it includes.
// A file that ends in .sql is a psql script.
func ParseFile(path string) ([]Record, error) {
	if filepath.Ext(path) == ".sql" {
		return parseScript(path, 0)
	}
	return parseFile(path, 0)
}

func parseFile(path string, depth int) ([]Record, error) {
	if depth > 16 {
		return nil, &SyntaxError{Place{path, 1}, "files include one another more than 16 levels deep"}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parse(path, string(text), depth)
}

// Parse reads the text of a test file; name is for messages, and its folder is
// where included files are looked for.
func Parse(name, text string) ([]Record, error) { return parse(name, text, 0) }

func parse(name, text string, depth int) ([]Record, error) {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if n := len(lines); n > 0 && lines[n-1] == "" {
		lines = lines[:n-1]
	}
	p := &fileParser{file: name, lines: lines, depth: depth}
	recs, err := p.records(false)
	if err != nil {
		return nil, err
	}
	return recs, nil
}

type fileParser struct {
	file  string
	lines []string
	at    int // next line, from 0
	depth int

	cond       Conditions // gathered for the next record
	connection string
}

func (p *fileParser) place(line int) Place { return Place{p.file, line + 1} }

func (p *fileParser) fault(line int, format string, args ...any) error {
	return &SyntaxError{p.place(line), fmt.Sprintf(format, args...)}
}

// records parses to the end of the file, or to endloop.
func (p *fileParser) records(inLoop bool) ([]Record, error) {
	var out []Record
	for p.at < len(p.lines) {
		line := p.lines[p.at]
		words := strings.Fields(line)
		if len(words) == 0 || line[0] == '#' {
			p.at++
			continue
		}
		if words[0] == "endloop" {
			if !inLoop {
				return nil, p.fault(p.at, "endloop without loop")
			}
			p.at++
			return out, nil
		}
		recs, err := p.record(words)
		if err != nil {
			return nil, err
		}
		out = append(out, recs...)
	}
	if inLoop {
		return nil, p.fault(len(p.lines)-1, "loop without endloop")
	}
	return out, nil
}

// record parses one record or directive whose first line has these words.
func (p *fileParser) record(words []string) ([]Record, error) {
	start := p.at
	p.at++
	switch words[0] {
	case "skipif", "onlyif":
		return nil, p.condition(words, start)
	case "connection":
		if len(words) != 2 {
			return nil, p.fault(start, "connection takes a name")
		}
		p.connection = words[1]
		return nil, nil
	case "subtest":
		return nil, nil
	}
	cond, conn := p.cond, p.connection
	p.cond, p.connection = Conditions{}, ""
	at := p.place(start)
	one := func(r Record, err error) ([]Record, error) { return []Record{r}, err }
	switch words[0] {
	case "statement":
		return one(p.statement(start, at, cond, conn))
	case "query":
		return one(p.query(start, words, at, cond, conn))
	case "system":
		return one(p.system(start, words, at, cond))
	case "let":
		names := strings.FieldsFunc(strings.TrimPrefix(p.lines[start], "let"), func(r rune) bool { return r == ',' || r == ' ' })
		if len(names) == 0 {
			return nil, p.fault(start, "let takes one or more names")
		}
		return one(&Let{Place: at, Conditions: cond, Names: names, SQL: p.sql(), Connection: conn}, nil)
	case "control", "hash-threshold":
		return one(p.control(start, words, at, cond))
	case "halt":
		return one(&Halt{at, cond}, nil)
	case "sleep":
		d, err := time.ParseDuration(strings.Join(words[1:], ""))
		if err != nil {
			return nil, p.fault(start, "sleep takes a duration such as 1s")
		}
		return one(&Sleep{at, cond, d}, nil)
	case "include":
		return p.include(start, words)
	case "loop", "foreach":
		return one(p.loop(start, words, at, cond))
	}
	return nil, p.fault(start, "unknown directive %q", words[0])
}

// condition reads skipif/onlyif; what follows # is a comment.
func (p *fileParser) condition(words []string, line int) error {
	if len(words) < 2 {
		return p.fault(line, "%s takes a label", words[0])
	}
	label := words[1]
	if len(words) > 2 && strings.HasPrefix(words[2], "#") {
		label += " " + strings.Join(words[2:], " ")
	}
	if words[0] == "skipif" {
		p.cond.SkipIf = append(p.cond.SkipIf, label)
	} else {
		p.cond.OnlyIf = append(p.cond.OnlyIf, label)
	}
	return nil
}

// sql reads SQL up to an empty line or to "----", which is left to be read.
// Comment lines in it are dropped, as the original format says.
func (p *fileParser) sql() string {
	var out []string
	for p.at < len(p.lines) {
		line := p.lines[p.at]
		if strings.TrimSpace(line) == "" || line == "----" {
			break
		}
		p.at++
		if line[0] != '#' {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// separator reads "----" if it is next.
func (p *fileParser) separator() bool {
	if p.at < len(p.lines) && p.lines[p.at] == "----" {
		p.at++
		return true
	}
	return false
}

// results reads the lines up to an empty one.
func (p *fileParser) results() ([]string, span) {
	first := p.at
	for p.at < len(p.lines) && p.lines[p.at] != "" {
		p.at++
	}
	return p.lines[first:p.at], span{first, p.at}
}

// message reads text in which single empty lines may stand; two end it.
func (p *fileParser) message() (string, span) {
	first := p.at
	for p.at < len(p.lines) {
		if p.lines[p.at] == "" && (p.at+1 >= len(p.lines) || p.lines[p.at+1] == "") {
			break
		}
		p.at++
	}
	return strings.TrimSpace(strings.Join(p.lines[first:p.at], "\n")), span{first, p.at}
}

var (
	retryClause = regexp.MustCompile(`\s*\bretry\s+(\d+)\s+backoff\s+(\S+)\s*$`)
	stateClause = regexp.MustCompile(`^\(([0-9A-Za-z]+)\)$`)
)

// header takes the retry clause off a record's first line and gives what
// follows the record's own words.
func (p *fileParser) header(line int) (string, Retry, error) {
	text := p.lines[line]
	m := retryClause.FindStringSubmatchIndex(text)
	if m == nil {
		return text, Retry{}, nil
	}
	n, err1 := strconv.Atoi(text[m[2]:m[3]])
	d, err2 := time.ParseDuration(text[m[4]:m[5]])
	if err1 != nil || err2 != nil || n < 1 {
		return "", Retry{}, p.fault(line, "invalid retry clause")
	}
	return text[:m[0]], Retry{n, d}, nil
}

// expectedError reads what follows "error" on a record's first line.
func (p *fileParser) expectedError(line int, rest string) (*ExpectedError, error) {
	rest = strings.TrimSpace(rest)
	if m := stateClause.FindStringSubmatch(rest); m != nil {
		return &ExpectedError{SQLState: m[1]}, nil
	}
	if _, err := regexp.Compile(rest); err != nil {
		return nil, p.fault(line, "invalid pattern: %v", err)
	}
	return &ExpectedError{Pattern: rest}, nil
}

func (p *fileParser) statement(start int, at Place, cond Conditions, conn string) (Record, error) {
	head, retry, err := p.header(start)
	if err != nil {
		return nil, err
	}
	s := &Statement{Place: at, Conditions: cond, Retry: retry, Connection: conn, Count: -1}
	words := strings.Fields(head)
	if len(words) < 2 {
		return nil, p.fault(start, "statement takes ok, error or count")
	}
	switch words[1] {
	case "ok":
	case "error":
		_, rest, _ := strings.Cut(head, "error")
		if s.Error, err = p.expectedError(start, rest); err != nil {
			return nil, err
		}
	case "count":
		if len(words) != 3 {
			return nil, p.fault(start, "statement count takes a number")
		}
		if s.Count, err = strconv.ParseInt(words[2], 10, 64); err != nil {
			return nil, p.fault(start, "statement count takes a number")
		}
	default:
		return nil, p.fault(start, "statement takes ok, error or count, not %q", words[1])
	}
	s.SQL = p.sql()
	if p.separator() {
		if s.Error == nil {
			return nil, p.fault(start, "only a statement error has a result")
		}
		s.Error.Exact, s.errorText = p.message()
	}
	return s, nil
}

func (p *fileParser) query(start int, words []string, at Place, cond Conditions, conn string) (Record, error) {
	head, retry, err := p.header(start)
	if err != nil {
		return nil, err
	}
	q := &Query{Place: at, Conditions: cond, Retry: retry, Connection: conn}
	if len(words) > 1 && words[1] == "error" {
		_, rest, _ := strings.Cut(head, "error")
		if q.Error, err = p.expectedError(start, rest); err != nil {
			return nil, err
		}
		q.SQL = p.sql()
		if p.separator() {
			q.Error.Exact, q.results = p.message()
		}
		return q, nil
	}
	for i, w := range strings.Fields(head)[1:] {
		mode, isSort := sortModes[w]
		switch {
		case i == 0 && !isSort:
			q.Types = w
		case isSort && q.Sort == DefaultSort:
			q.Sort = mode
		case q.Label == "":
			q.Label = w
		default:
			return nil, p.fault(start, "unexpected %q after the label", w)
		}
	}
	q.SQL = p.sql()
	q.results = span{p.at, p.at}
	if p.separator() {
		q.Expected, q.results = p.results()
	}
	return q, nil
}

func (p *fileParser) system(start int, words []string, at Place, cond Conditions) (Record, error) {
	_, retry, err := p.header(start)
	if err != nil {
		return nil, err
	}
	if len(words) < 2 || words[1] != "ok" {
		return nil, p.fault(start, "system takes ok")
	}
	s := &System{Place: at, Conditions: cond, Retry: retry}
	var lines []string
	for p.at < len(p.lines) && p.lines[p.at] != "" && p.lines[p.at] != "----" {
		lines = append(lines, p.lines[p.at])
		p.at++
	}
	s.Command = strings.Join(lines, "\n")
	if p.separator() {
		text, _ := p.message()
		s.Output = &text
	}
	return s, nil
}

func (p *fileParser) control(start int, words []string, at Place, cond Conditions) (Record, error) {
	if words[0] == "hash-threshold" {
		if len(words) != 2 {
			return nil, p.fault(start, "hash-threshold takes a number")
		}
		if _, err := strconv.Atoi(words[1]); err != nil {
			return nil, p.fault(start, "hash-threshold takes a number")
		}
		return &Control{at, cond, "hash-threshold", words[1]}, nil
	}
	if len(words) != 3 {
		return nil, p.fault(start, "control takes a name and a value")
	}
	allowed := map[string][]string{
		"sortmode":     {"nosort", "rowsort", "valuesort"},
		"resultmode":   {"rowwise", "valuewise"},
		"substitution": {"on", "off"},
	}
	for _, v := range allowed[words[1]] {
		if v == words[2] {
			return &Control{at, cond, words[1], words[2]}, nil
		}
	}
	return nil, p.fault(start, "unknown control %s %s", words[1], words[2])
}

func (p *fileParser) include(start int, words []string) ([]Record, error) {
	if len(words) != 2 {
		return nil, p.fault(start, "include takes a file name or pattern")
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(p.file), words[1]))
	if err != nil {
		return nil, p.fault(start, "invalid pattern: %v", err)
	}
	if len(files) == 0 {
		return nil, p.fault(start, "no file to include: %s", words[1])
	}
	sort.Strings(files)
	var out []Record
	for _, f := range files {
		recs, err := parseFile(f, p.depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, recs...)
	}
	return out, nil
}

// loop reads `loop name from to` (to excluded) and `foreach name values…`.
func (p *fileParser) loop(start int, words []string, at Place, cond Conditions) (Record, error) {
	l := &Loop{Place: at, Conditions: cond}
	if len(words) < 3 {
		return nil, p.fault(start, "%s takes a name and values", words[0])
	}
	l.Name, l.Values = words[1], words[2:]
	if words[0] == "loop" {
		if len(words) != 4 {
			return nil, p.fault(start, "loop takes a name, a first number and the number after the last")
		}
		from, err1 := strconv.Atoi(words[2])
		to, err2 := strconv.Atoi(words[3])
		if err1 != nil || err2 != nil || to-from > 1_000_000 {
			return nil, p.fault(start, "loop takes two numbers at most a million apart")
		}
		l.Values = nil
		for i := from; i < to; i++ {
			l.Values = append(l.Values, strconv.Itoa(i))
		}
	}
	var err error
	l.Body, err = p.records(true)
	return l, err
}
