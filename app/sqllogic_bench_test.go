package app

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"volley/sqltest"
)

// sqllogicSamples are files of SQLite's test corpus that may lie beside the
// project; sqllogicKinds is one of each kind.
const sqllogicSamples = "../../shared/corpora/sqllogictest-sqlite/test"

var sqllogicKinds = []string{
	"select1.test", "select2.test", "select3.test", "evidence/in1.test",
	"random/expr/slt_good_0.test", "random/aggregates/slt_good_0.test", "random/groupby/slt_good_0.test", "random/select/slt_good_0.test",
	"index/random/10/slt_good_0.test", "index/between/1/slt_good_0.test", "index/commute/10/slt_good_0.test", "index/delete/10/slt_good_0.test",
	"index/orderby/10/slt_good_0.test", "index/orderby_nosort/10/slt_good_0.test", "index/view/10/slt_good_1.test",
}

// BenchmarkSqllogic runs files of small queries against a database in this
// process, one thread. cpu-µs/record counts the records that are run, and all
// threads of the process, the garbage collector's too.
func BenchmarkSqllogic(b *testing.B) {
	registerDefaults(b)
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(gcPercent)
	for _, name := range sqllogicKinds {
		file := filepath.Join(sqllogicSamples, name)
		if _, err := os.Stat(file); err != nil {
			b.Skip("the corpus is not here")
		}
		b.Run(strings.ReplaceAll(strings.TrimSuffix(name, ".test"), "/", "-"), func(b *testing.B) {
			o := sqltestOptions{config: "one"}
			o.node.memory, o.node.spillDir = 4<<30, b.TempDir()
			engine, err := o.engine(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = engine.Close() }()
			records, err := sqltest.ParseFile(file)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			run, start := 0, processTime()
			for b.Loop() {
				outcomes, err := sqltest.Run(context.Background(), engine, records, sqltest.Options{})
				if err != nil {
					b.Fatal(err)
				}
				for _, o := range outcomes {
					if o.Status != sqltest.Skipped {
						run++
					}
				}
			}
			b.ReportMetric(float64((processTime()-start).Microseconds())/float64(run), "cpu-µs/record")
		})
	}
}

// processTime is the time that this process has had on processors.
func processTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
