package sqltest

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// system runs a shell command; it must exit with 0 and print what is expected.
func (r *runner) system(ctx context.Context, s *System) Outcome {
	o := Outcome{Place: s.Place, SQL: s.Command, record: s}
	command := s.Command
	if r.substitution {
		// only the special variables: the shell knows the environment
		dir, err := r.dir()
		if err != nil {
			return failedWith(o, err)
		}
		special := map[string]string{
			"__TEST_DIR__": dir, "__DATABASE__": r.db.Name(), "__NOW__": strconv.FormatInt(time.Now().UnixNano(), 10),
		}
		for name, v := range special {
			command = strings.NewReplacer("$"+name, v, "${"+name+"}", v).Replace(command)
		}
	}
	shell := r.opt.Shell
	if len(shell) == 0 {
		shell = []string{"bash", "-c"}
	}
	cmd := exec.CommandContext(ctx, shell[0], append(shell[1:len(shell):len(shell)], command)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		o.Status, o.Reason = Failed, fmt.Sprintf("command failed: %v\n%s", err, strings.TrimSpace(stderr.String()))
		return o
	}
	if got := strings.TrimSpace(stdout.String()); s.Output != nil && got != strings.TrimSpace(*s.Output) {
		o.Status, o.Reason = Failed, "wrong output"
		o.Diff = diff(strings.Split(*s.Output, "\n"), strings.Split(got, "\n"))
	}
	return o
}
