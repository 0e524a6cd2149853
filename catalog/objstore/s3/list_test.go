package s3_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"volley/catalog/objstore"
	"volley/catalog/objstore/s3"
	"volley/sqlerr"
)

// lister is a server that only lists keys, by pages as S3 does.
type lister struct {
	keys     []string // sorted
	latency  time.Duration
	disorder bool                  // pages are in no order, and begin at the beginning
	fail     func(url string) bool // answers 503
	requests atomic.Int64

	mu            sync.Mutex
	running, most int
}

type listResult struct {
	keys, prefixes []string
	next           string
	truncated      bool
}

func (l *lister) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if !q.Has("list-type") {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	l.requests.Add(1)
	l.enter(1)
	defer l.enter(-1)
	for begun := time.Now(); time.Since(begun) < l.latency || time.Since(begun) < 10*l.latency && !l.parallel(); {
		time.Sleep(l.latency / 10)
	}
	if l.fail != nil && l.fail(r.URL.RawQuery) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	after := q.Get("start-after")
	if l.disorder {
		after = ""
	}
	if token := q.Get("continuation-token"); token != "" {
		after, _ = url.QueryUnescape(token)
	}
	prefix, delimiter := q.Get("prefix"), q.Get("delimiter")
	var out listResult
	var common string
	i, found := slices.BinarySearch(l.keys, max(prefix, after))
	if found && l.keys[i] == after {
		i++
	}
	n := 0
	for ; i < len(l.keys) && strings.HasPrefix(l.keys[i], prefix); i++ {
		key := l.keys[i]
		if delimiter != "" {
			if dir, _, ok := strings.Cut(key[len(prefix):], delimiter); ok {
				dir = prefix + dir + delimiter
				if dir <= after && strings.HasPrefix(after, dir) || dir == common {
					continue
				}
				if n == 1000 {
					break
				}
				common = dir
				out.prefixes = append(out.prefixes, dir)
				out.next = dir + "~"
				n++
				continue
			}
		}
		if n == 1000 {
			break
		}
		out.keys = append(out.keys, key)
		out.next = key
		n++
	}
	out.truncated = i < len(l.keys) && strings.HasPrefix(l.keys[i], prefix)
	if l.disorder {
		slices.Reverse(out.keys)
	}
	var b bytes.Buffer // the encoder takes a multiple of the time
	fmt.Fprintf(&b, "<ListBucketResult><IsTruncated>%t</IsTruncated><EncodingType>url</EncodingType><NextContinuationToken>%s</NextContinuationToken>", out.truncated, url.QueryEscape(out.next))
	for _, k := range out.keys {
		fmt.Fprintf(&b, "<Contents><Key>%s</Key><ETag>%x</ETag><Size>%d</Size></Contents>", url.QueryEscape(k), k, len(k))
	}
	for _, p := range out.prefixes {
		fmt.Fprintf(&b, "<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>", url.QueryEscape(p))
	}
	b.WriteString("</ListBucketResult>")
	_, _ = w.Write(b.Bytes())
}

func (l *lister) enter(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running += n
	l.most = max(l.most, l.running)
}

// parallel tells whether as many requests as are wanted were there at once: until then,
// answers wait for others that a busy machine has not sent yet.
func (l *lister) parallel() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.most >= leastAtOnce
}

// leastAtOnce is how many requests for pages must be made at once.
const leastAtOnce = 4

// listed starts a server of keys and gives a store for it.
func listed(t *testing.T, keys []string) (*lister, *s3.Store) {
	t.Helper()
	slices.Sort(keys)
	l := &lister{keys: slices.Compact(keys)}
	srv := httptest.NewServer(l)
	t.Cleanup(srv.Close)
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": srv.URL, "AWS_ENDPOINT_URL_S3": "", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key", "AWS_SESSION_TOKEN": "", "AWS_REGION": "us-east-1"} {
		t.Setenv(name, value)
	}
	return l, s3.New(s3.Config{Retry: impatient})
}

// keysOf are what a listing gave, without the bucket.
func keysOf(infos []objstore.Info) []string {
	var out []string
	for _, i := range infos {
		out = append(out, strings.TrimPrefix(i.Path, "s3://bkt/"))
	}
	return out
}

// manyNames are names of keys, as tools make them.
var manyNames = map[string]func(i int) string{
	"numbers": func(i int) string { return fmt.Sprintf("p/part-%05d.csv", i) },
	"short":   func(i int) string { return fmt.Sprintf("p/%d.csv", i) },
	"hashes":  func(i int) string { return fmt.Sprintf("p/%016x.parquet", uint64(i)*0x9e3779b97f4a7c15) },
	"days": func(i int) string {
		day := time.Date(2009, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i/40)
		return fmt.Sprintf("p/year=%d/month=%02d/day=%02d/part-%d.csv", day.Year(), day.Month(), day.Day(), i%40)
	},
	"words": func(i int) string { return fmt.Sprintf("p/%s-%d.csv", strings.Repeat("data", i%3), i) },
}

// TestPagesInParallel: a prefix of 100,000 keys is listed whole, by several requests at
// once, and few more than its pages.
func TestPagesInParallel(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(manyNames)) {
		var keys []string
		count := 20_000
		if name == "numbers" {
			count = 100_000
		}
		for i := range count {
			keys = append(keys, manyNames[name](i))
		}
		l, s := listed(t, append(slices.Clone(keys), "o/before.csv", "p.csv", "q/behind.csv"))
		l.latency = 50 * time.Millisecond
		var meter objstore.Meter
		infos, err := s.Glob(objstore.WithMeter(t.Context(), &meter), "s3://bkt/p/")
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(keys)
		if !slices.Equal(keysOf(infos), keys) {
			t.Errorf("%s: %d keys, want %d", name, len(infos), len(keys))
		}
		n := l.requests.Load()
		t.Logf("%s: %d requests, %d at once", name, n, l.most)
		if int(n) > 2*count/1000 || l.most < leastAtOnce || l.most > 16 || meter.Traffic().Listings != n {
			t.Errorf("%s: %d requests (%d counted), %d at once", name, n, meter.Traffic().Listings, l.most)
		}
	}
}

// TestListingFaults: a listing goes on where it failed; a server of no order is listed
// as it wants.
func TestListingFaults(t *testing.T) {
	var keys []string
	for i := range 20_000 {
		keys = append(keys, manyNames["numbers"](i))
	}
	l, s := listed(t, keys)
	var asked sync.Map
	l.fail = func(url string) bool {
		_, again := asked.LoadOrStore(url, nil)
		return !again
	}
	infos, err := s.Glob(t.Context(), "s3://bkt/p/")
	if err != nil || !slices.Equal(keysOf(infos), l.keys) || l.requests.Load() > 120 {
		t.Errorf("each request fails once: %d keys by %d requests, %v", len(infos), l.requests.Load(), err)
	}
	l.fail = func(string) bool { return true }
	if _, err := s.Glob(t.Context(), "s3://bkt/p/"); sqlerr.Code(err) != sqlerr.IOError {
		t.Errorf("every request fails: %v", err)
	}
	l.fail, l.disorder = nil, true
	if infos, err = s.Glob(t.Context(), "s3://bkt/p/"); err != nil || !slices.Equal(keysOf(infos), l.keys) {
		t.Errorf("no order: %d keys, %v", len(infos), err)
	}
}

// TestPrunedListing: directories that are not wanted are not listed, as long as that
// saves requests.
func TestPrunedListing(t *testing.T) {
	var keys []string
	for i := range 40_000 {
		keys = append(keys, manyNames["days"](i))
	}
	l, s := listed(t, append(slices.Clone(keys), "p/_SUCCESS", "p/year=2010/README.csv"))
	for name, c := range map[string]struct {
		keep  func(dir string) bool
		want  func(key string) bool // nil: all that keep permits
		least int64
		most  int64
	}{
		"a year":  {func(d string) bool { return !strings.Contains(d, "year=") || strings.Contains(d, "year=2010") }, nil, 2, 30},
		"a month": {func(d string) bool { return !strings.Contains(d, "month=") || strings.Contains(d, "month=07") }, nil, 8, 16},
		// A page, and then the year, the month, the day and what is in it.
		"a day":    {func(d string) bool { return strings.HasPrefix("s3://bkt/p/year=2010/month=07/day=04", d) }, nil, 5, 5},
		"nothing":  {func(string) bool { return false }, nil, 2, 2},
		"all days": {func(string) bool { return true }, nil, 41, 90},
	} {
		l.requests.Store(0)
		infos, err := s.GlobPruned(t.Context(), "s3://bkt/p/", c.keep)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, k := range keysOf(infos) {
			got[k] = true
		}
		for _, k := range l.keys {
			dirs := strings.Split(k, "/")
			wanted := !strings.HasSuffix(k, "_SUCCESS")
			for i := 2; i < len(dirs); i++ {
				wanted = wanted && c.keep("s3://bkt/"+strings.Join(dirs[:i], "/"))
			}
			if wanted && !got[k] {
				t.Errorf("%s: %s is missing", name, k)
				break
			}
		}
		if n := l.requests.Load(); n < c.least || n > c.most || len(got) > len(keys)/2 && name != "all days" {
			t.Errorf("%s: %d keys by %d requests", name, len(got), n)
		}
	}
}

// TestNothingToPrune: where directories have no values in their names, or few keys
// altogether, nothing is asked that a listing of all keys would not ask.
func TestNothingToPrune(t *testing.T) {
	for name, c := range map[string]struct {
		key   func(i int) string
		count int
	}{
		"no values": {func(i int) string { return fmt.Sprintf("p/%d/%02d/part-%d.csv", 2009+i/6000, i/500%12, i%500) }, 12_000},
		"one page":  {manyNames["days"], 999},
		"hashes":    {manyNames["hashes"], 5000},
	} {
		var keys []string
		for i := range c.count {
			keys = append(keys, c.key(i))
		}
		l, s := listed(t, keys)
		infos, err := s.GlobPruned(t.Context(), "s3://bkt/p/**", func(dir string) bool { return strings.HasSuffix(dir, "7") })
		if err != nil || !slices.Equal(keysOf(infos), l.keys) {
			t.Errorf("%s: %d of %d keys, %v", name, len(infos), len(l.keys), err)
		}
		pruned := l.requests.Swap(0)
		if _, err := s.Glob(t.Context(), "s3://bkt/p/**"); err != nil {
			t.Fatal(err)
		}
		// Ranges are cut as answers come: a few requests more or less.
		if all := l.requests.Load(); pruned > all+all/4 || c.count < 1000 && pruned != 1 {
			t.Errorf("%s: %d requests, %d without conditions", name, pruned, all)
		}
	}
}

// TestOutline: the directories of a tree, and a few of its files, where that takes no more
// requests than a listing; elsewhere all files.
func TestOutline(t *testing.T) {
	for name, c := range map[string]struct {
		key      func(i int) string
		count    int
		pattern  string
		unworthy bool
		dirs     int // 0: all files are listed
		most     int64
	}{
		"days":       {manyNames["days"], 40_000, "s3://bkt/p/**", false, 1000, 47},
		"a year":     {manyNames["days"], 40_000, "s3://bkt/p/year=2010/**/*.csv", false, 365, 22},
		"some years": {manyNames["days"], 40_000, "s3://bkt/p/year=20*/month=1*/**", false, 184, 27},
		"directory":  {manyNames["days"], 40_000, "s3://bkt/p/", false, 1000, 46},
		"few":        {manyNames["days"], 990, "s3://bkt/p/**", false, 0, 1},
		"short ones": {func(i int) string { return fmt.Sprintf("p/a=%d/b=%d/%d.csv", i/100, i/10%10, i%10) }, 5000, "s3://bkt/p/**", false, 0, 9},
		"no values":  {manyNames["numbers"], 20_000, "s3://bkt/p/**", false, 0, 60},
		"unworthy":   {manyNames["days"], 20_000, "s3://bkt/p/**", true, 0, 30},
	} {
		var keys []string
		for i := range c.count {
			keys = append(keys, c.key(i))
		}
		l, s := listed(t, append(slices.Clone(keys), "p/.hidden=1/x.csv", "p/_SUCCESS/", "p/year=2010/_SUCCESS"))
		var names []string
		o := objstore.Outline{Worth: func(of []string) bool { names = of; return !c.unworthy }}
		if strings.HasSuffix(c.pattern, "**") { // _SUCCESS matches it
			l.keys = slices.DeleteFunc(l.keys, func(k string) bool { return strings.HasSuffix(k, "_SUCCESS") })
		}
		infos, err := s.Glob(objstore.WithOutline(t.Context(), &o), c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		n := l.requests.Load()
		if len(o.Directories) != c.dirs || n > c.most || c.dirs == 0 && len(infos) != c.count || c.dirs > 0 && (len(infos) > 9 || len(infos) < 2) {
			t.Errorf("%s: %d directories and %d files by %d requests, names %v", name, len(o.Directories), len(infos), n, names)
		}
		for _, i := range infos {
			if dir := i.Path[:strings.LastIndexByte(i.Path, '/')]; c.dirs > 0 && !slices.Contains(o.Directories, dir) {
				t.Errorf("%s: %s is in none of the directories", name, i.Path)
			}
		}
	}
}

// TestPrunedRandomTrees: whatever is refused, what is wanted is there, once.
func TestPrunedRandomTrees(t *testing.T) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 1))
		depth, fan, files := 1+r.IntN(3), 1+r.IntN(15), 1+r.IntN(60)
		var keys []string
		for range 1 + r.IntN(6000) {
			key := "p/"
			for d := range depth {
				if key += fmt.Sprintf("k%d=%d/", d, r.IntN(fan)); r.IntN(500) == 0 {
					break
				}
			}
			keys = append(keys, key+fmt.Sprint(r.IntN(files)))
		}
		refused := map[string]bool{}
		for d := range depth {
			for v := range fan {
				refused[fmt.Sprintf("k%d=%d", d, v)] = r.IntN(3) > 0
			}
		}
		keep := func(dir string) bool {
			return !slices.ContainsFunc(strings.Split(dir, "/"), func(part string) bool { return refused[part] })
		}
		l, s := listed(t, keys)
		for _, pattern := range []string{"s3://bkt/p/", "s3://bkt/p/**", "s3://bkt/p/k0=1*/**/*", "s3://bkt/{p/k0=0/,p}/**"} {
			infos, err := s.GlobPruned(t.Context(), pattern, keep)
			if err != nil && (len(l.keys) > 0 && pattern == "s3://bkt/p/") {
				t.Fatal(err)
			}
			all, _ := s.Glob(t.Context(), pattern)
			wanted := func(infos []objstore.Info) []string {
				return slices.DeleteFunc(keysOf(infos), func(k string) bool { return !keep(k) })
			}
			if !slices.Equal(wanted(infos), wanted(all)) {
				t.Errorf("seed %d, %s: %d wanted keys, want %d", seed, pattern, len(wanted(infos)), len(wanted(all)))
			}
		}
	}
}

// TestListingsOfRandomKeys: cut or not, a listing is all keys.
func TestListingsOfRandomKeys(t *testing.T) {
	const letters = "09afz/=-"
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 0))
		var keys []string
		for range r.IntN(8000) {
			key := []byte("p/")
			for range 1 + r.IntN(10) {
				key = append(key, letters[r.IntN(1+int(seed)%len(letters))])
			}
			keys = append(keys, string(key)+"x")
		}
		l, s := listed(t, keys)
		infos, err := s.Glob(t.Context(), "s3://bkt/p/**")
		if len(l.keys) > 0 && (err != nil || !slices.Equal(keysOf(infos), l.keys)) {
			t.Errorf("seed %d: %d keys, want %d, %v", seed, len(infos), len(l.keys), err)
		}
	}
}
