package app

import (
	"context"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"volley/sqltest"
)

// TestSuites runs every file of sqltest/testdata in every configuration: one
// thread, many, worker processes over Flight, which read managed tables too in one of
// them, tiny batches and splits, and so little memory that operators spill. All must give the same answers.
func TestSuites(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "sqltest", "testdata", "*.slt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	registerDefaults(t)
	t.Setenv(asProgram, "1") // for the worker processes
	for _, name := range configNames() {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && (name == "one" || name == "tiny") {
				t.Skip("what runs at once is the same in the other configurations")
			}
			t.Parallel() // some wait for other processes, some have one thread
			o := sqltestOptions{config: name}
			o.node.threads = runtime.GOMAXPROCS(0)
			o.node.memory = byteSize(machineMemory() / 4)
			o.node.spillDir = t.TempDir()
			engine, err := o.engine(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = engine.Close() }()
			for _, file := range files {
				if name == "shipped" && showsPlans(file) {
					continue
				}
				t.Run(filepath.Base(file), func(t *testing.T) { runSuite(t, engine, file) })
			}
		})
	}
}

// showsPlans tells whether a file has plans of managed tables, which are others when
// workers read these.
func showsPlans(file string) bool { return strings.HasPrefix(filepath.Base(file), "explain") }

func runSuite(t *testing.T, engine sqltest.Engine, file string) {
	records, err := sqltest.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	outcomes, err := sqltest.Run(context.Background(), engine, records, sqltest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	passed := 0
	for _, o := range outcomes {
		switch o.Status {
		case sqltest.Passed:
			passed++
		case sqltest.Failed:
			t.Errorf("%s:%d: %s\n%s\n%s", o.Place.File, o.Place.Line, o.Reason, o.SQL, o.Diff)
		}
	}
	if passed == 0 {
		t.Error("no record passed")
	}
}
