package main

import "fmt"

const (
	// reachable is which share of the connections' rate readers that do nothing must get,
	// or else the processors of this machine, not the link, are what limits a query.
	reachable = 0.95
	// rates is at how many rates it is tried, each half of the one before.
	rates = 3
)

// bandwidth measures how much of the link a query uses that reads all of some files: at
// the rate asked for and, where not even idle readers get that on this machine, at one that
// they do.
func (b *bench) bandwidth(t table, sql string, print func(where string, runs []sample, notes ...string)) error {
	defer b.link.SetRate(b.rate)
	rate := b.rate
	for range rates {
		b.link.SetRate(rate)
		all := rate * connections
		most, err := ceiling("s3://"+bucket+"/"+t.files, connections)
		if err != nil {
			return err
		}
		var runs []sample
		for range b.pairs {
			m, err := b.fresh(sql)
			if err != nil {
				return err
			}
			runs = append(runs, m)
		}
		m := median(runs)
		print(fmt.Sprintf("S3 at %.0f MB/s", rate/1e6), runs,
			fmt.Sprintf("%.0f %% of %d connections' rate (at least 90)", 100*float64(m.bytes)/m.took.Seconds()/all, connections),
			fmt.Sprintf("as many readers that do nothing get %.0f %%", 100*most/all))
		if most >= reachable*all {
			return nil
		}
		rate /= 2
	}
	return nil
}

// fresh runs a query on a server that knows nothing of its files yet.
func (b *bench) fresh(sql string) (sample, error) {
	s, err := b.start("fresh")
	if err != nil {
		return sample{}, err
	}
	defer s.Stop()
	return b.ask(s, sql)
}
