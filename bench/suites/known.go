package main

import (
	"fmt"
	"os"
	"strings"
)

// knownDifferences are the records of sqltest/known.tsv, which Volley answers
// otherwise than PostgreSQL for a reason.
type knownDifferences map[string]string

// readKnown reads lines of tab-separated suite, file:line and reason; # begins
// a comment.
func readKnown(path string) (knownDifferences, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	out := knownDifferences{}
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 3 || f[2] == "" {
			return nil, fmt.Errorf("%s:%d: want suite, file:line and reason", path, i+1)
		}
		out[f[0]+"\t"+f[1]] = f[2]
	}
	return out, nil
}

func (k knownDifferences) has(suite, place string) bool {
	return k[suite+"\t"+place] != ""
}
