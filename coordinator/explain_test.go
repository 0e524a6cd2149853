package coordinator

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// One tree: numbers stand beside their operators, what is long is wrapped below
// them, and no line is wider than a terminal of 120 columns shows in psql's box.
func TestExplainText(t *testing.T) {
	n := func(v int64) *int64 { return &v }
	f := func(v float64) *float64 { return &v }
	stage := &explainedStage{Stage: 0, explainedTasks: &explainedTasks{
		Tasks: 9, Attempts: 10, Rows: 46_008, MostRows: 9_000, MedianRows: 4_700, Bytes: 3_598_670, Spilled: 1_000_000, Median: 110.3, Slowest: 260.8, Skew: 260.8 / 110.3, Workers: map[string]int{"a": 4, "b": 5},
	}}
	scan := &explainedNode{
		name: "Scan orders", Estimated: n(1_000_000),
		details: []string{"columns " + strings.Repeat("o_orderkey, o_custkey, ", 8) + "o_orderdate"},
		Scan: &explainedScan{Format: "parquet", Files: 12, explainedReads: &explainedReads{
			FilesRead: 3, RowGroups: 16, RowGroupsRead: 4, ByStatistics: 10, ByPages: 2, Pages: 240, PagesRead: 31, Bytes: 18_800_000, Rows: 227_597,
			explainedTraffic: explainedTraffic{Requests: 7, RequestBytes: 12_000_000, Retries: 2, CacheHits: 1, CacheBytes: 7_000_000},
			Workers: map[string]explainedTraffic{
				"b": {Requests: 3, RequestBytes: 5_000_000, Retries: 2}, "a": {Requests: 4, RequestBytes: 7_000_000, CacheHits: 1, CacheBytes: 7_000_000},
			},
		}},
		explainedWork: &explainedWork{Rows: 6_001, Self: 843.1, Peak: 0},
	}
	join := &explainedNode{
		name: "HashJoin inner", details: []string{"on o_custkey = c_custkey"}, Estimated: n(46_008), Plans: []*explainedNode{scan},
		explainedWork: &explainedWork{
			Rows: 46_008, Self: 156.9, Peak: 6_415_444, Spilled: 1_000_000,
			Functions: []explainedFunction{{Name: "classify", Rows: 46_008, Time: 46.008}},
		},
	}
	root := &explainedNode{
		name: "Exchange gather", reads: stage, Plans: []*explainedNode{join}, explainedWork: &explainedWork{Rows: 46_008, Wait: 500},
	}
	root.total()
	p := &explainedPlan{Plan: root, explainedTotals: &explainedTotals{Planning: f(1.5), Lookups: &explainedTraffic{Listings: 12, Requests: 1, RequestBytes: 1_000_000}, Time: f(505), CPU: f(1000), Memory: n(7_000_000)}}
	o := explainOptions{costs: true, timing: true, buffers: true, summary: true}
	want := `
operator                                     rows  estimated           self                 total   memory
Exchange gather                            46,008                                          1.00 s
│   stage 0: 9 tasks (4 on a, 5 on b), 10 attempts, 46,008 rows (a task at most 9,000, median 4,700), sent 3.60 MB,
│     slowest 261 ms = 2.4× median, spilled 1.00 MB
└ HashJoin inner on o_custkey = c_custkey  46,008     46,008         157 ms  16% █▎        1.00 s  6.42 MB
  │   spilled 1.00 MB
  │   classify() called for 46,008 rows, 46.0 ms, 1000 ns a row
  └ Scan orders                             6,001  1,000,000 ▲167×   843 ms  84% ██████▊   843 ms
        columns o_orderkey, o_custkey, o_orderkey, o_custkey, o_orderkey, o_custkey, o_orderkey, o_custkey,
          o_orderkey, o_custkey, o_orderkey, o_custkey, o_orderkey, o_custkey, o_orderkey, o_custkey, o_orderdate
        read 3 of 12 parquet files, 4 of 16 row groups (10 skipped by statistics, 2 skipped by the page index), 31 of
          240 pages, 227,597 rows, 18.8 MB
        7 requests for 12.0 MB, 2 made again, 7.00 MB of the cache in 1 read
          a: 4 requests for 7.00 MB, 7.00 MB of the cache in 1 read
          b: 3 requests for 5.00 MB, 2 made again
Estimates: 1 of 2 are off by 10 times or more (▲ too many rows expected, ▼ too few)
Planning Time: 1.500 ms
Planning Requests: 12 for names of objects, 1 request for 1.00 MB
Execution Time: 505.000 ms
CPU Time: 1000.000 ms (2.0 cores)
Peak Memory: 7.00 MB
`
	got := p.text(o)
	if got != want[1:] {
		t.Errorf("got\n%s\nwant\n%s", got, want[1:])
	}
	for line := range strings.Lines(got) {
		if w := utf8.RuneCountInString(strings.TrimRight(line, "\n")); w > explainWidth {
			t.Errorf("%d columns: %s", w, line)
		}
	}
}

// The label of a stage's cluster in a graph says how its tasks went.
func TestExplainDotStage(t *testing.T) {
	s := explainedStage{Stage: 2, Output: "hash(a) 4", explainedTasks: &explainedTasks{
		Tasks: 3, Attempts: 4, Rows: 1_200, MostRows: 1_000, MedianRows: 100, Bytes: 5_000, Spilled: 2_000,
		Median: 10, Slowest: 35, Skew: 3.5, Partition: 8,
	}}
	want := "Stage 2 → hash(a) 4\n3 tasks, 4 attempts, 1,200 rows, sent 5.00 kB\n" +
		"a task at most 1,000 rows, median 100; slowest 35.0 ms = 3.5× median\nlargest partition = 8.0× median\nspilled 2.00 kB"
	if got := s.label(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestNumbersForPeople(t *testing.T) {
	for got, want := range map[string]string{
		count(0): "0", count(999): "999", count(1000): "1,000", count(-1234567): "-1,234,567",
		bytesText(999): "999 B", bytesText(1000): "1.00 kB", bytesText(999_600): "1.00 MB", bytesText(12_345_678): "12.3 MB",
		timeText(0): "0", timeText(0.011): "11 µs", timeText(0.9996): "1.00 ms", timeText(999.6): "1.00 s", timeText(2_000_000): "2000 s",
		offBy(1000, 1001): "", offBy(0, 900): "", offBy(1, 33_000): "▼33k×", offBy(6_001_215, 7243): "▲829×", offBy(5_000_000_000, 0): "▲5000M×",
		shareBar(0): "", shareBar(1): "████████", shareBar(0.5): "████",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
