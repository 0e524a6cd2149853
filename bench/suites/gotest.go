package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// goTest runs tests of a package that read a suite. Tests without tests below
// them count; a skipped one counts as failed, for the suite is there.
func goTest(pkg, pattern string) func(options) (*result, error) {
	return usually(func(options) (*result, error) {
		out, err := exec.Command("go", "test", "-json", "-count=1", "-run", pattern, pkg).Output()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			return nil, err
		}
		type event struct{ Action, Test, Output string }
		outcome, said := map[string]string{}, map[string]string{}
		parents := map[string]bool{}
		for dec := json.NewDecoder(bytes.NewReader(out)); ; {
			var e event
			if dec.Decode(&e) != nil {
				break
			}
			switch {
			case e.Test == "":
			case e.Action == "pass" || e.Action == "fail" || e.Action == "skip":
				outcome[e.Test] = e.Action
				if i := strings.LastIndexByte(e.Test, '/'); i >= 0 {
					parents[e.Test[:i]] = true
				}
			case e.Action == "output" && strings.HasPrefix(e.Output, " ") && len(said[e.Test]) < 300:
				said[e.Test] += strings.TrimSpace(e.Output) + " "
			}
		}
		if len(outcome) == 0 {
			return nil, fmt.Errorf("no test ran in %s: %.500s", pkg, out)
		}
		r := &result{}
		for test, action := range outcome {
			switch {
			case parents[test]:
			case action == "pass":
				r.passed++
			default:
				r.fail("%s %s: %.300s", test, action, said[test])
			}
		}
		return r, nil
	})
}
