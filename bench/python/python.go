// Package python runs another engine in a Python process beside a benchmark: a script
// that reads a line of JSON at a time and answers each with a line of JSON.
package python

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// Process is such a process. It is used by one goroutine.
type Process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// Start runs a script by the interpreter python, which must have the packages that are
// named ("duckdb, pyarrow"). env is added to this process's own.
func Start(python, packages, script string, env []string, args ...string) (*Process, error) {
	if err := exec.Command(python, "-c", "import "+packages).Run(); err != nil {
		return nil, fmt.Errorf("%s cannot import %s: %w", python, packages, err)
	}
	cmd := exec.Command(python, append([]string{"-c", script}, args...)...)
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), env...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &Process{cmd, in, bufio.NewReader(out)}, cmd.Start()
}

// Ask sends a question and puts the answer into answer, a pointer.
func (p *Process) Ask(question, answer any) error {
	if err := json.NewEncoder(p.in).Encode(question); err != nil {
		return err
	}
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, answer)
}

// PID is the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Close ends the process.
func (p *Process) Close() {
	_ = p.in.Close()
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // that it was killed
}
