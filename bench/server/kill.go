package server

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// killer kills workers of a server.
type killer struct {
	mu   sync.Mutex
	n    int
	stop chan struct{}
	done chan struct{}
}

// KillWorkers kills a random worker every pause with SIGKILL, and starts another in
// its place, until Stop. It is called once, on a server with workers.
func (s *Server) KillWorkers(pause time.Duration) {
	s.killer = &killer{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(s.killer.done)
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-s.killer.stop:
				return
			}
			if err := s.replace(1 + rand.IntN(len(s.processes)-1)); err != nil {
				fmt.Fprintln(os.Stderr, "server:", err)
				return
			}
		}
	}()
}

// replace kills process i, a worker, and starts it again.
func (s *Server) replace(i int) error {
	s.killer.mu.Lock()
	defer s.killer.mu.Unlock()
	old := s.processes[i]
	_ = old.Process.Kill()
	_ = old.Wait() // that it was killed
	s.killer.n++
	cmd := exec.Command(old.Path, old.Args[1:]...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	s.processes[i] = cmd
	return nil
}

// Killed is how many workers KillWorkers has killed.
func (s *Server) Killed() int {
	s.killer.mu.Lock()
	defer s.killer.mu.Unlock()
	return s.killer.n
}

// end ends the killing; k may be nil.
func (k *killer) end() {
	if k != nil {
		close(k.stop)
		<-k.done
	}
}

// Metric is a value without labels of the server's /metrics, named without its
// prefix volley_.
func (s *Server) Metric(name string) (float64, error) {
	resp, err := http.Get("http://" + s.http + "/metrics")
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), "volley_"+name+" "); ok {
			return strconv.ParseFloat(value, 64)
		}
	}
	if err := lines.Err(); err != nil {
		return 0, err
	}
	return 0, fmt.Errorf("there is no metric volley_%s", name)
}
