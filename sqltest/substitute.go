package sqltest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"volley/sqlerr"
)

// expand replaces loop variables always, and $name, ${name} and ${name:default}
// where `control substitution on` is in force; there, \$ is a dollar sign and
// \\ a backslash.
func (r *runner) expand(sql string) (string, error) {
	for name, v := range r.loops {
		sql = strings.ReplaceAll(sql, "${"+name+"}", v)
	}
	if !r.substitution {
		return sql, nil
	}
	return r.substitute(sql)
}

func (r *runner) substitute(s string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(s); {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '$' || s[i+1] == '\\' || s[i+1] == ':' || s[i+1] == '{' || s[i+1] == '}'):
			out.WriteByte(s[i+1])
			i += 2
		case s[i] == '$':
			v, n, err := r.variable(s[i:])
			if err != nil {
				return "", err
			}
			out.WriteString(v)
			i += n
		default:
			out.WriteByte(s[i])
			i++
		}
	}
	return out.String(), nil
}

// variable expands the variable that s begins with and gives how long it is.
func (r *runner) variable(s string) (value string, n int, err error) {
	end := 1
	braced := strings.HasPrefix(s, "${")
	if braced {
		end = 2
	}
	start := end
	for end < len(s) && (s[end] == '_' || s[end] >= '0' && s[end] <= '9' || s[end] >= 'a' && s[end] <= 'z' || s[end] >= 'A' && s[end] <= 'Z') {
		end++
	}
	name := s[start:end]
	if name == "" {
		return "", 0, substitutionError("missing variable name in %q", s[:min(len(s), 20)])
	}
	fallback, hasFallback := "", false
	if braced {
		if end < len(s) && s[end] == ':' {
			rest := s[end+1:]
			depth, close := 0, -1
			for i := 0; i < len(rest) && close < 0; i++ {
				switch {
				case rest[i] == '{':
					depth++
				case rest[i] == '}' && depth == 0:
					close = i
				case rest[i] == '}':
					depth--
				}
			}
			if close < 0 {
				return "", 0, substitutionError("missing } after ${%s", name)
			}
			fallback, hasFallback = rest[:close], true
			end += 1 + close
		}
		if end >= len(s) || s[end] != '}' {
			return "", 0, substitutionError("missing } after ${%s", name)
		}
		end++
	}
	v, ok, err := r.lookup(name)
	if err != nil {
		return "", 0, err
	}
	if !ok && !hasFallback {
		return "", 0, substitutionError("No such variable: $%s", name)
	}
	if !ok {
		if v, err = r.substitute(fallback); err != nil {
			return "", 0, err
		}
	}
	return v, end, nil
}

func substitutionError(format string, args ...any) error {
	return sqlerr.New(sqlerr.UndefinedParameter, format, args...)
}

// lookup finds a variable: the special ones, those bound by let, the environment.
func (r *runner) lookup(name string) (string, bool, error) {
	switch name {
	case "__TEST_DIR__":
		dir, err := r.dir()
		return dir, true, err
	case "__NOW__":
		return strconv.FormatInt(time.Now().UnixNano(), 10), true, nil
	}
	if v, ok := r.vars[name]; ok {
		return v, true, nil
	}
	v, ok := r.opt.Getenv(name)
	return v, ok, nil
}

// dir makes the file's temporary directory on its first use.
func (r *runner) dir() (string, error) {
	if r.testDir == "" {
		dir, err := os.MkdirTemp("", "sqltest-")
		if err != nil {
			return "", fmt.Errorf("test directory: %w", err)
		}
		r.testDir = dir
	}
	return r.testDir, nil
}
