package sched_test

import (
	"context"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/sqlerr"
	"volley/sqltype"
)

// digits is a format without files: row i of a table is the number i and takes
// ten bytes, so that splits begin inside rows. Its options say how it misbehaves.
type digits struct {
	mu    sync.Mutex
	opens map[string]int // by option "name"
}

const rowBytes = 10

var digitSchema = arrow.NewSchema([]arrow.Field{{Name: "n", Type: sqltype.Int64, Nullable: true}}, nil)

func (*digits) Name() string { return "digits" }

func (*digits) Infer(context.Context, objstore.Store, []catalog.FileInfo, catalog.Given) (*catalog.TableDef, error) {
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "digits are declared")
}

// Splits cuts files at the size asked for, mostly inside rows. Option "panic":
// it does that instead.
func (*digits) Splits(_ context.Context, _ objstore.Store, def *catalog.TableDef, _ *catalog.ScanSpec, target catalog.SplitTarget) ([]catalog.Split, error) {
	if def.Options["panic"] != "" {
		panic("no splits today")
	}
	size := target.Bytes
	if v := def.Options["split"]; v != "" {
		size, _ = strconv.ParseInt(v, 10, 64)
	}
	var out []catalog.Split
	for _, f := range def.Files {
		for at := int64(0); at < f.Size; at += size {
			end := min(at+size, f.Size)
			out = append(out, catalog.Split{Index: len(out), File: f, Start: at, End: end, Exact: at == 0 || def.Options["exact"] != "", Rows: -1, Bytes: 64 << 20})
		}
	}
	return out, nil
}

// Open reads a split. Option "lie": guesses are wrong in every third split, and
// with "tear" such a reader fails. "delay" is slept before each batch of "batch"
// rows. "slow" is the delay in the first split alone. "fail" is the row that cannot
// be read.
func (d *digits) Open(_ context.Context, _ objstore.Store, spec *catalog.ScanSpec, split catalog.Split) (catalog.Reader, error) {
	d.mu.Lock()
	if d.opens == nil {
		d.opens = map[string]int{}
	}
	d.opens[spec.Options["name"]]++
	d.mu.Unlock()
	r := &digitReader{spec: spec, batch: number(spec, "batch", 1000), fail: number(spec, "fail", -1)}
	r.delay, _ = time.ParseDuration(spec.Options["delay"])
	if split.Start == 0 && spec.Options["slow"] != "" {
		r.delay, _ = time.ParseDuration(spec.Options["slow"])
	}
	first := (split.Start + rowBytes - 1) / rowBytes
	r.next, r.end = first, (split.End+rowBytes-1)/rowBytes
	r.bounds = catalog.Bounds{Start: first * rowBytes, End: r.end * rowBytes}
	if spec.Options["lie"] != "" && !split.Exact && split.Index%3 == 1 {
		if spec.Options["lie"] == "tear" {
			return nil, sqlerr.New(sqlerr.InvalidText, "torn apart")
		}
		r.bounds.Start += 3
		r.lies = 1_000_000_000
	}
	return r, nil
}

func number(spec *catalog.ScanSpec, option string, otherwise int64) int64 {
	if n, err := strconv.ParseInt(spec.Options[option], 10, 64); err == nil {
		return n
	}
	return otherwise
}

type digitReader struct {
	spec            *catalog.ScanSpec
	batch, fail     int64
	delay           time.Duration
	next, end, lies int64
	bounds          catalog.Bounds
}

func (r *digitReader) Next(ctx context.Context) (arrow.Record, error) {
	if r.next >= r.end {
		return nil, io.EOF
	}
	if r.delay > 0 {
		select {
		case <-time.After(r.delay):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	hi := min(r.next+r.batch, r.end)
	if r.fail >= r.next && r.fail < hi {
		return nil, sqlerr.New(sqlerr.InvalidText, "invalid input").WithFile("digits", r.fail+1, "n")
	}
	n := hi - r.next
	if len(r.spec.Projection) == 0 {
		r.next = hi
		return array.NewRecord(arrow.NewSchema(nil, nil), nil, n), nil
	}
	b := array.NewInt64Builder(memory.DefaultAllocator)
	for ; r.next < hi; r.next++ {
		b.Append(r.next + r.lies)
	}
	return array.NewRecord(digitSchema, []arrow.Array{b.NewArray()}, n), nil
}

func (r *digitReader) Bounds() catalog.Bounds { return r.bounds }
func (r *digitReader) Close() error           { return nil }
