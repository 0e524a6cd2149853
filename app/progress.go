package app

import (
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progressAfter is how long a query runs before its progress is shown.
const progressAfter = time.Second

// progress shows on the terminal how many of a query's tasks are done.
type progress struct {
	tasks func() (done, all int)
}

// newProgress gives nil where standard error is not a terminal.
func newProgress(n *node) *progress {
	if !isTerminal(os.Stderr) {
		return nil
	}
	return &progress{tasks: n.taskCounts}
}

// start shows progress from a second on until the function it gives is called,
// any number of times.
func (p *progress) start() (stop func()) {
	if p == nil {
		return func() {}
	}
	end, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		p.show(end)
	}()
	var once sync.Once
	return func() { once.Do(func() { close(end); <-gone }) }
}

func (p *progress) show(end chan struct{}) {
	select {
	case <-end:
		return
	case <-time.After(progressAfter):
	}
	bar := progressbar.NewOptions(1, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription("tasks"),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true))
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if done, all := p.tasks(); all > 0 {
			bar.ChangeMax(all)
			_ = bar.Set(min(done, all))
		}
		select {
		case <-end:
			_ = bar.Finish()
			_ = bar.Clear()
			return
		case <-tick.C:
		}
	}
}
