package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"volley/bench/server"
)

// times are the runs of one query, by where it reads.
type times struct {
	local, remote, empty, full []sample
	kept                       []sample // with a full cache and the listing of the run before
	off, first, second         []sample // DuckDB's: without its cache, with an empty one, with a full one
}

// compare prints the lines of one table.
func (b *bench) compare(plain *server.Server, t table) error {
	local := fmt.Sprintf(q1, filepath.Join(b.objects, t.files))
	remote := fmt.Sprintf(q1, "s3://"+bucket+"/"+t.files)
	var all times
	for range b.pairs + 1 {
		if err := b.round(plain, local, remote, &all); err != nil {
			return err
		}
	}
	base := median(all.local)
	print := func(where string, runs []sample, notes ...string) {
		if len(runs) == 0 {
			return
		}
		m := median(runs)
		cpu := "-"
		if m.cpu > 0 {
			cpu = fmt.Sprintf("%.0f", ms(m.cpu))
		}
		fmt.Printf("%-8s %-22s %8.1f %8s %9.2f %9.2f %s\n", t.name, where, ms(m.took), cpu, float64(m.bytes)/1e6, over(m, base), strings.Join(notes, "; "))
	}
	once, cold, warm, kept := median(all.remote), median(all.empty), median(all.full), median(all.kept)
	print("the local disk", all.local)
	notes, err := b.reading(t, remote, once)
	if err != nil {
		return err
	}
	print("S3", all.remote, notes...)
	if t.name == "csv" {
		if err := b.bandwidth(t, remote, print); err != nil {
			return err
		}
	}
	print("S3, cache empty", all.empty, fmt.Sprintf("%.2f × without a cache (at most 1.05)", over(cold, once)))
	print("S3, cache full", all.full, fmt.Sprintf("%.2f × the local disk or the listing's delay (at most 1.3), %d bytes of data (none)", over(warm, base.atLeast(b.delay)), warm.data()))
	print("S3, listing kept", all.kept, fmt.Sprintf("%.2f × the local disk, %d bytes of anything (none)", over(kept, base), kept.bytes))
	if b.peer == nil {
		return nil
	}
	print("DuckDB, no cache", all.off, fmt.Sprintf("volley without a cache takes %.2f of it (at most 0.8)", over(once, median(all.off))))
	print("DuckDB, cache empty", all.first, fmt.Sprintf("volley's first run takes %.2f of it (at most 0.8)", over(cold, median(all.first))))
	print("DuckDB, cache full", all.second, fmt.Sprintf("volley's second run takes %.2f of it (at most 0.5), with the listing kept %.2f", over(warm, median(all.second)), over(kept, median(all.second))))
	return nil
}

// tooSlow is how long a run of DuckDB may take that is made more than once.
const tooSlow = 10 * time.Second

// round runs the query once by each way. Servers that read over the link know nothing
// of the files yet, but for those of which the cache is full.
func (b *bench) round(plain *server.Server, local, remote string, all *times) error {
	cache := filepath.Join(b.dir, "cache")
	cached, err := b.start("cached", "--cache-dir", cache, "--cache-size", "20GB")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(cache) }()
	defer cached.Stop()
	fresh, err := b.start("fresh")
	if err != nil {
		return err
	}
	defer fresh.Stop()
	for _, x := range []struct {
		s   *server.Server
		sql string
		to  *[]sample
	}{{plain, local, &all.local}, {fresh, remote, &all.remote}, {cached, remote, &all.empty}, {cached, remote, &all.full}, {cached, remote, &all.kept}} {
		age := "0"
		if x.to == &all.kept {
			age = "1h"
		}
		if _, err := x.s.Ask("SET volley.listing_max_age = '" + age + "'"); err != nil {
			return err
		}
		took, err := b.ask(x.s, x.sql)
		if err != nil {
			return err
		}
		*x.to = append(*x.to, took)
	}
	if b.peer == nil || len(all.off) > 0 && all.off[0].took > tooSlow {
		return nil
	}
	p, err := b.peer.ask(remote)
	if err != nil {
		return err
	}
	all.off = append(all.off, sample{took: p.off})
	all.first = append(all.first, sample{took: p.first})
	all.second = append(all.second, sample{took: p.second})
	return nil
}

// reading is what there is to say of a run over the link without a cache.
func (b *bench) reading(t table, sql string, m sample) ([]string, error) {
	asked, err := b.asked(sql)
	if err != nil {
		return nil, err
	}
	if t.name == "parquet" {
		size, err := b.size(t)
		return []string{fmt.Sprintf("%.1f requests for a file (at most 3), %.2f %% of its bytes (less than 2)", asked.requests/files, 100*asked.bytes/size)}, err
	}
	return []string{fmt.Sprintf("%.0f requests, %.0f listings", asked.requests, asked.listings)}, nil
}

// size is how many bytes the files of a table have.
func (b *bench) size(t table) (bytes float64, err error) {
	names, err := filepath.Glob(filepath.Join(b.objects, t.files))
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return 0, err
		}
		bytes += float64(info.Size())
	}
	return bytes, err
}

// sample is one run: how long, the processors' time in it, and what came over the link.
type sample struct {
	took, cpu time.Duration
	bytes     int64
}

// listed is more than the answers to the requests for names have.
const listed = 8 << 10

// data is how many bytes came that were no names of objects.
func (s sample) data() int64 { return max(0, s.bytes-listed) }

// atLeast is the run, if it takes longer than what goes on beside it.
func (s sample) atLeast(delay time.Duration) sample {
	s.took = max(s.took, delay)
	return s
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

func over(a, b sample) float64 { return a.took.Seconds() / b.took.Seconds() }

func (b *bench) ask(s *server.Server, sql string) (sample, error) {
	if s.Conn == nil {
		return sample{}, errors.New("the server is gone")
	}
	before := b.link.Bytes.Load()
	busy, err := s.CPU()
	if err != nil {
		return sample{}, err
	}
	took, err := s.Ask(sql)
	if err != nil {
		return sample{}, err
	}
	used, err := s.CPU()
	return sample{took, used - busy, b.link.Bytes.Load() - before}, err
}

// median leaves out the first run of several, which warms caches of the system.
func median(s []sample) sample {
	s = slices.Clone(s[min(1, len(s)-1):])
	slices.SortFunc(s, func(a, b sample) int { return int(a.took - b.took) })
	return s[len(s)/2]
}
