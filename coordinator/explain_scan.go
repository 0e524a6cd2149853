package coordinator

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"volley/catalog"
	"volley/coordinator/sched"
	"volley/exec"
	"volley/planner/physical"
	"volley/sqltype"
)

// explainedScan is what a scan read of what there was, and why.
type explainedScan struct {
	Format  string            `json:"Format"`
	Files   int               `json:"Files"`
	Options map[string]string `json:"Options,omitempty"` // of delimited files, sniffed ones too
	Columns []string          `json:"Columns,omitempty"` // likewise: names and types
	// Pruning are the predicates that may leave out files, row groups and pages.
	Pruning string `json:"Pruning,omitempty"`
	*explainedReads
}

// explainedReads are the counters of a scan that ran.
type explainedReads struct {
	FilesRead     int   `json:"Files Read"`
	RowGroups     int64 `json:"Row Groups,omitempty"`
	RowGroupsRead int64 `json:"Row Groups Read,omitempty"`
	ByStatistics  int64 `json:"Row Groups Skipped by Statistics,omitempty"`
	ByValues      int64 `json:"Row Groups Skipped by Bloom Filters and Dictionaries,omitempty"`
	ByPages       int64 `json:"Row Groups Skipped by Page Index,omitempty"`
	Pages         int64 `json:"Pages,omitempty"`
	PagesRead     int64 `json:"Pages Read,omitempty"`
	Bytes         int64 `json:"Bytes Read"`
	Rows          int64 `json:"Rows Read"`
	LeftOut       int64 `json:"Rows Left Out by Keys of Joins,omitempty"`
	// of remote stores
	explainedTraffic
	// Workers have parts of it, where there are several.
	Workers map[string]explainedTraffic `json:"Workers,omitempty"`
}

// explainedTraffic is what was asked of remote stores, and what a cache had of it.
type explainedTraffic struct {
	Requests     int64 `json:"Requests,omitempty"`
	RequestBytes int64 `json:"Request Bytes,omitempty"`
	Retries      int64 `json:"Retries,omitempty"`
	CacheHits    int64 `json:"Cache Hits,omitempty"`
	CacheBytes   int64 `json:"Cache Bytes,omitempty"`
	Listings     int64 `json:"Listings,omitempty"`
}

// decidedOptions are those of delimited files that EXPLAIN shows, in this order:
// what was sniffed, unless the user has said it.
var decidedOptions = []string{"delim", "quote", "escape", "new_line", "header", "skip", "comment", "inline_comments", "compression", "encoding", "nullstr", "dateformat", "timestampformat", "on_error"}

// explainScan describes a scan of files; nil for tables in memory. o is nil when
// it did not run.
func explainScan(n *physical.Scan, def *catalog.TableDef, o *exec.OperatorStats, files sched.ScanFiles) *explainedScan {
	if def == nil || len(def.Files) == 0 {
		return nil
	}
	out := &explainedScan{Format: n.Spec.Format, Files: len(def.Files), Pruning: n.PruningText()}
	if def.Format == "csv" {
		out.Options = map[string]string{}
		for _, name := range decidedOptions {
			if v, ok := def.Options[name]; ok && (v != "" || name == "quote") {
				out.Options[name] = v
			}
		}
		for _, f := range def.Schema.Fields() {
			out.Columns = append(out.Columns, f.Name+" "+sqltype.Name(f.Type))
		}
	}
	if o != nil {
		c := o.Scan
		out.explainedReads = &explainedReads{
			FilesRead: files.Read, RowGroups: c.RowGroups, RowGroupsRead: min(c.RowGroupsRead, c.RowGroups),
			ByStatistics: c.ByStatistics, ByValues: c.ByValues, ByPages: c.ByPages,
			Pages: c.Pages, PagesRead: c.PagesRead, Bytes: o.BytesRead, Rows: o.RowsRead, LeftOut: c.LeftOut,
			explainedTraffic: explainedTraffic(o.Traffic),
		}
		if len(o.TrafficBy) > 1 {
			out.Workers = map[string]explainedTraffic{}
			for w, t := range o.TrafficBy {
				out.Workers[w] = explainedTraffic(t)
			}
		}
	}
	return out
}

// lines say in words what was read, of what, and what was left out by what.
func (s *explainedScan) lines(o explainOptions) []string {
	var out []string
	if s.Pruning != "" {
		out = append(out, "skip by "+s.Pruning)
	}
	if r := s.explainedReads; r != nil {
		out = append(out, s.readLine(r, o))
		if line := r.trafficLine(); line != "" && o.buffers {
			out = append(out, line)
			for _, w := range slices.Sorted(maps.Keys(r.Workers)) {
				part := r.Workers[w]
				out = append(out, "  "+w+": "+part.trafficLine())
			}
		}
	} else {
		out = append(out, fmt.Sprintf("%s %s file%s", count(int64(s.Files)), s.Format, plural(int64(s.Files))))
	}
	if len(s.Options) > 0 && (s.explainedReads == nil || o.verbose) {
		var parts []string
		for _, name := range decidedOptions {
			if v, ok := s.Options[name]; ok {
				parts = append(parts, fmt.Sprintf("%s = %s", name, shownOption(v)))
			}
		}
		out = append(out, "read with "+strings.Join(parts, ", "), "fields "+strings.Join(s.Columns, ", "))
	}
	return out
}

func (s *explainedScan) readLine(r *explainedReads, o explainOptions) string {
	parts := []string{fmt.Sprintf("read %s of %s %s file%s", count(int64(r.FilesRead)), count(int64(s.Files)), s.Format, plural(int64(s.Files)))}
	if r.RowGroups > 0 {
		groups := fmt.Sprintf("%s of %s row group%s", count(r.RowGroupsRead), count(r.RowGroups), plural(r.RowGroups))
		var why []string
		add := func(n int64, by string) {
			if n > 0 {
				why = append(why, count(n)+" skipped by "+by)
			}
		}
		add(r.ByStatistics, "statistics")
		add(r.ByValues, "Bloom filters and dictionaries")
		add(r.ByPages, "the page index")
		if len(why) > 0 {
			groups += " (" + strings.Join(why, ", ") + ")"
		}
		parts = append(parts, groups)
	}
	if r.Pages > 0 {
		parts = append(parts, fmt.Sprintf("%s of %s page%s", count(r.PagesRead), count(r.Pages), plural(r.Pages)))
	}
	parts = append(parts, count(r.Rows)+" row"+plural(r.Rows))
	if o.buffers {
		parts = append(parts, bytesText(r.Bytes))
	}
	if r.LeftOut > 0 {
		parts = append(parts, fmt.Sprintf("%s row%s left out by keys of joins", count(r.LeftOut), plural(r.LeftOut)))
	}
	return strings.Join(parts, ", ")
}

// trafficLine says what was asked of a remote store; "" of a local one.
func (r *explainedTraffic) trafficLine() string {
	var parts []string
	if r.Listings > 0 {
		parts = append(parts, fmt.Sprintf("%s for names of objects", count(r.Listings)))
	}
	if r.Requests > 0 {
		parts = append(parts, fmt.Sprintf("%s request%s for %s", count(r.Requests), plural(r.Requests), bytesText(r.RequestBytes)))
	}
	if r.Retries > 0 {
		parts = append(parts, fmt.Sprintf("%s made again", count(r.Retries)))
	}
	if r.CacheHits > 0 {
		parts = append(parts, fmt.Sprintf("%s of the cache in %s read%s", bytesText(r.CacheBytes), count(r.CacheHits), plural(r.CacheHits)))
	}
	return strings.Join(parts, ", ")
}

// shownOption is a value as one can write it in read_csv; a tab as \t.
func shownOption(v string) string {
	if slices.Contains([]string{"true", "false"}, v) || v != "" && strings.Trim(v, "0123456789") == "" {
		return v
	}
	return "'" + strings.NewReplacer("'", "''", "\t", `\t`, "\x01", `\x01`).Replace(v) + "'"
}
