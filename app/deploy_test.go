package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

var flagOfExample = regexp.MustCompile(`(?:^|[\s\[",])--([a-z][a-z-]*)`)

// TestExamplesUseFlagsThatExist: those of deploy/ are of this program, but for the
// ones of other programs.
func TestExamplesUseFlagsThatExist(t *testing.T) {
	known := map[string]bool{}
	for _, name := range []string{"ntasks-per-node", "from", "export", "no-kill", "kill-on-bad-exit", "cpu-bind", "signal"} {
		known[name] = true
	}
	for _, cmd := range newRoot().Commands() {
		if name := cmd.Name(); name == "coordinator" || name == "worker" || name == "sql" {
			for _, flags := range []*pflag.FlagSet{cmd.Flags(), cmd.InheritedFlags()} {
				flags.VisitAll(func(f *pflag.Flag) { known[f.Name] = true })
			}
		}
	}
	found := 0
	err := filepath.WalkDir(filepath.Join("..", "deploy"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".md") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(text), "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "#") {
				continue
			}
			line, _, _ = strings.Cut(line, " #")
			for _, m := range flagOfExample.FindAllStringSubmatch(line, -1) {
				found++
				if !known[m[1]] {
					t.Errorf("%s:%d: there is no flag --%s", path, i+1, m[1])
				}
			}
		}
		return nil
	})
	if err != nil || found < 40 {
		t.Errorf("%d flags found, %v", found, err)
	}
}
