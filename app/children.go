package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"volley/sqlerr"
)

// children are the worker processes that a command has started: this very
// program again.
type children struct {
	options *nodeOptions
	address string // of the coordinator
	threads int    // of each

	mu    sync.Mutex
	procs []*exec.Cmd
	kills int
	stop  func() // ends killing; nil: it never began
}

// spawn starts so many worker processes and waits until they have registered.
func (o *nodeOptions) spawn(ctx context.Context, n *node, workers int) (*children, error) {
	if err := checkShares(int64(o.memory), workers); err != nil {
		return nil, err
	}
	c := &children{options: o, address: n.flight.Addr(), threads: max(1, o.threads/workers), procs: make([]*exec.Cmd, workers)}
	if n.cache != nil { // the workers have the other parts
		n.cache.Resize(int64(o.cacheSize) / int64(workers+1))
	}
	for i := range workers {
		if err := c.start(i); err != nil {
			c.close()
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := n.scheduler.WaitWorkers(ctx, workers); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// start starts worker i of its number.
func (c *children) start(i int) error {
	self, err := os.Executable()
	if err != nil {
		return sqlerr.Wrap(err, sqlerr.SystemError, "could not find this program")
	}
	o := c.options
	args := []string{
		"worker", "--coordinator", c.address, "--flight", "127.0.0.1:0", "--http", "", "--threads", strconv.Itoa(c.threads),
		"--memory", strconv.FormatInt(int64(o.memory)/int64(len(c.procs)), 10), "--spill-dir", o.spillDir,
		"--id", "worker-" + strconv.Itoa(i+1), "--log-level", "error", "--s3-timeout", o.s3Timeout.String(),
		"--cluster-tls-cert", "", "--cluster-tls-key", "", "--cluster-tls-ca", "", // whatever the environment says
	}
	args = append(args, o.cacheOf(i, len(c.procs))...)
	for _, a := range o.allow {
		args = append(args, "--allow-path", a)
	}
	if o.unlimited {
		args = append(args, "--allow-path", "/", "--allow-path", "s3://", "--allow-path", "gs://", "--allow-path", "https://", "--allow-path", "http://")
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), envPrefix+"CLUSTER_SECRET="+o.secret)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = childAttributes()
	if err := cmd.Start(); err != nil {
		return sqlerr.Wrap(err, sqlerr.SystemError, "could not start a worker")
	}
	c.procs[i] = cmd
	return nil
}

// killEvery kills a random worker again and again, and starts another in its
// place.
func (c *children) killEvery(pause time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	c.stop = func() { cancel(); <-ended }
	go func() {
		defer close(ended)
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			if err := c.replace(rand.IntN(len(c.procs))); err != nil {
				fmt.Fprintln(os.Stderr, "volley:", err)
				return
			}
		}
	}()
}

func (c *children) replace(i int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.procs[i].Process.Kill()
	_ = c.procs[i].Wait() // that it was killed
	c.kills++
	return c.start(i)
}

// killed is how many workers were killed.
func (c *children) killed() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kills
}

// close ends all of them.
func (c *children) close() {
	if c.stop != nil {
		c.stop()
	}
	for _, p := range c.procs {
		if p != nil {
			_ = p.Process.Signal(syscall.SIGTERM)
		}
	}
	for _, p := range c.procs {
		if p == nil {
			continue
		}
		timer := time.AfterFunc(3*time.Second, func() { _ = p.Process.Kill() })
		err := p.Wait()
		timer.Stop()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			fmt.Fprintln(os.Stderr, "volley: worker:", err)
		}
	}
}
