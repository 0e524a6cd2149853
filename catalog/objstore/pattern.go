package objstore

import (
	"path"
	"strings"

	"volley/sqlerr"
)

// maxAlternatives bounds how many patterns the braces of one may stand for.
const maxAlternatives = 1024

// HasMeta tells whether s contains a wildcard or an alternative.
func HasMeta(s string) bool { return strings.ContainsAny(s, "*?[{") }

// ExpandBraces gives the patterns without braces that pattern stands for:
// "a{b,c{d,e}}f" gives abf, acdf and acef. A brace without its partner stands
// for itself.
func ExpandBraces(pattern string) ([]string, error) {
	out, err := expandBraces(nil, "", pattern)
	if err != nil {
		return nil, err
	}
	return out, nil
}

func expandBraces(out []string, head, tail string) ([]string, error) {
	open, end, commas := findBraces(tail)
	if open < 0 {
		if len(out) >= maxAlternatives {
			return nil, sqlerr.New(sqlerr.ProgramLimitExceeded,
				"file pattern has more than %d alternatives", maxAlternatives)
		}
		return append(out, head+tail), nil
	}
	head += tail[:open]
	from := open + 1
	var err error
	for _, comma := range append(commas, end) {
		// The alternative may hold braces itself, so it is expanded as part of the tail.
		if out, err = expandBraces(out, head, tail[from:comma]+tail[end+1:]); err != nil {
			return nil, err
		}
		from = comma + 1
	}
	return out, nil
}

// findBraces gives the first balanced brace pair of s and the commas directly
// in it; open is −1 when there is none.
func findBraces(s string) (open, end int, commas []int) {
	for open = strings.IndexByte(s, '{'); open >= 0; {
		depth := 0
		commas = nil
		for i := open; i < len(s); i++ {
			switch s[i] {
			case '{':
				depth++
			case '}':
				if depth--; depth == 0 {
					return open, i, commas
				}
			case ',':
				if depth == 1 {
					commas = append(commas, i)
				}
			}
		}
		next := strings.IndexByte(s[open+1:], '{')
		if next < 0 {
			break
		}
		open += 1 + next
	}
	return -1, -1, nil
}

// Pattern is one alternative of a glob, cut at its slashes.
type Pattern struct {
	segments []string
}

// AnyDirs is the segment that stands for any number of directories.
const AnyDirs = "**"

// CompilePattern checks a pattern without braces. Its segments are those
// between slashes; a leading slash gives an empty first one.
func CompilePattern(pattern string) (Pattern, error) {
	segments := strings.Split(pattern, "/")
	for i, s := range segments {
		// path.Match negates a class by ^ only; shells and DuckDB by ! too.
		s = strings.ReplaceAll(s, "[!", "[^")
		if _, err := path.Match(s, ""); err != nil {
			return Pattern{}, sqlerr.New(sqlerr.InvalidParameterValue, "invalid file pattern \"%s\"", pattern).
				WithHint("A [ starts a character class that ] must end.")
		}
		segments[i] = s
	}
	return Pattern{segments}, nil
}

// Segments are the parts of the pattern between its slashes.
func (p Pattern) Segments() []string { return p.segments }

// Prefix is the part of the pattern before its first wildcard: every name that
// matches starts with it.
func (p Pattern) Prefix() string {
	whole := strings.Join(p.segments, "/")
	if i := strings.IndexAny(whole, "*?["); i >= 0 {
		return whole[:i]
	}
	return whole
}

// Match tells whether name, cut at its slashes, matches the whole pattern.
func (p Pattern) Match(name string) bool {
	whole, _ := p.match(name)
	return whole
}

// MatchBelow tells whether names below a directory can match the pattern.
func (p Pattern) MatchBelow(dir string) bool {
	_, below := p.match(dir)
	return below
}

// match tells whether name matches the whole pattern, and whether names below it can.
func (p Pattern) match(name string) (whole, below bool) {
	parts := strings.Split(name, "/")
	// can[j]: the segments seen so far match the first j parts.
	can := make([]bool, len(parts)+1)
	can[0] = true
	for i, s := range p.segments {
		next := make([]bool, len(parts)+1)
		for j := range can {
			switch {
			case s == AnyDirs:
				next[j] = can[j] || j > 0 && next[j-1] && !hidden(parts[j-1])
			case j > 0:
				next[j] = can[j-1] && MatchSegment(s, parts[j-1])
			}
		}
		can = next
		below = below || can[len(parts)] && (i < len(p.segments)-1 || s == AnyDirs)
	}
	return can[len(parts)], below
}

// MatchSegment tells whether one part of a path matches one segment. As in a
// shell, a name that begins with a dot is matched only by a segment that does.
func MatchSegment(segment, name string) bool {
	if hidden(name) && !hidden(segment) {
		return false
	}
	ok, err := path.Match(segment, name)
	return err == nil && ok
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") }

// SkippedInDirectory tells whether a directory scan leaves a name out: files
// and directories that begin with . or _ are bookkeeping (_SUCCESS, .crc,
// _temporary), not data.
func SkippedInDirectory(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}
