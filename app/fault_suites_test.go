package app

import (
	"context"
	"path/filepath"
	"testing"
	"time"
)

// TestFaultSuites runs the SQL tests on three workers, of which one at random is
// killed every second.
func TestFaultSuites(t *testing.T) {
	if testing.Short() {
		t.Skip("the suites run without faults")
	}
	files, err := filepath.Glob(filepath.Join("..", "sqltest", "testdata", "*.slt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	registerDefaults(t)
	t.Setenv(asProgram, "1") // for the worker processes
	for range rounds(1) {
		o := sqltestOptions{config: "shipped", killEvery: time.Second}
		o.node.memory = byteSize(machineMemory() / 4)
		o.node.spillDir = t.TempDir()
		engine, err := o.engine(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if showsPlans(file) {
				continue
			}
			t.Run(filepath.Base(file), func(t *testing.T) { runSuite(t, engine, file) })
		}
		n := engine.(*testEngine).n
		killed, lost := n.children.killed(), n.scheduler.Losses()
		t.Logf("%d workers were killed; %+v", killed, lost)
		if killed == 0 || lost.Workers == 0 || lost.Attempts+lost.Outputs == 0 {
			t.Error("no worker was lost that had something to lose")
		}
		if err := engine.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
