package exec

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/exec/spill"
	"volley/sqltype"
)

// rankedDisk are words that did not fit into memory, in the order in which they came.
// Those of several groups are cut by the hash of the group's number, so that many groups
// at once can be put together in memory at the end.
type rankedDisk struct {
	of    *aggregate
	parts *spillParts
}

// Schemas of words on disk, without and with groups.
var (
	wordSchema      = arrow.NewSchema([]arrow.Field{{Name: "word", Type: sqltype.Int64}}, nil)
	groupWordSchema = arrow.NewSchema([]arrow.Field{{Name: "word", Type: sqltype.Int64}, {Name: "group", Type: sqltype.Int32}}, nil)
)

func (r *rankedArgs) schema() *arrow.Schema {
	if r.keyed {
		return groupWordSchema
	}
	return wordSchema
}

// spill writes the words in memory.
func (r *rankedArgs) spill(a *aggregate) error {
	if r.disk == nil {
		r.disk = &rankedDisk{a, a.task.newSpillParts(r.schema(), 0)}
	}
	for i, words := range r.words {
		cols := []arrow.Array{kernel.FromValues(sqltype.Int64, words, nil)}
		if r.keyed {
			cols = append(cols, kernel.FromValues(sqltype.Int32, r.groups[i], nil))
		}
		if err := r.disk.parts.write(kernel.Record(r.schema(), cols, len(words)), cols[1:]); err != nil {
			return err
		}
		r.words[i] = nil
	}
	r.words, r.groups, r.rows, r.held = nil, nil, 0, 0
	return nil
}

// findOnDisk is find where words are on disk: then all are.
func (r *rankedArgs) findOnDisk(ctx context.Context, asked *ranksAsked) error {
	of, parts := r.disk.of, r.disk.parts
	if err := r.spill(of); err != nil {
		return err
	}
	files, err := parts.finish(of.stats)
	if err != nil {
		return err
	}
	for at, file := range files {
		if file == nil {
			continue
		}
		if err := r.findInPart(ctx, file, r.sizesIn(parts, at), asked); err != nil {
			return err
		}
		if err := file.Remove(); err != nil {
			return err
		}
	}
	return nil
}

// sizesIn is how many words of each group a file has.
func (r *rankedArgs) sizesIn(parts *spillParts, at int) []int64 {
	if !r.keyed {
		return r.sizes
	}
	ids := make([]int32, len(r.sizes))
	for i := range ids {
		ids[i] = int32(i)
	}
	hashes := make([]uint64, len(ids))
	rowkey.Hash([]arrow.Array{kernel.FromValues(sqltype.Int32, ids, nil)}, len(ids), hashes)
	sizes := make([]int64, len(ids))
	for i, h := range hashes {
		if parts.part(h) == at {
			sizes[i] = r.sizes[i]
		}
	}
	return sizes
}

// findInPart finds the words of all groups of a file: it puts as many groups together as
// there is room for, reading the file once for these. Words of one that is larger are
// selected from the file.
func (r *rankedArgs) findInPart(ctx context.Context, file *spill.File, sizes []int64, asked *ranksAsked) error {
	room := r.room(file.Rows)
	for lo, hi := 0, 0; lo < len(sizes); lo = hi {
		total, takes := int64(0), int64(0)
		for hi = lo; r.keyed && hi < len(sizes) && takes+sizes[hi]+groupWordsWidth <= room; hi++ {
			total += sizes[hi]
			takes += sizes[hi] + groupWordsWidth
		}
		if hi == lo {
			hi++
			r.selector.Room = int(room)
			if err := r.findOne(lo, r.onDisk(ctx, file, uint32(lo)), asked); err != nil {
				return err
			}
			continue
		}
		if total == 0 {
			continue
		}
		of := newGroupWords(r, lo, sizes[lo:hi])
		if err := r.read(ctx, file, of.add); err != nil {
			return err
		}
		if err := of.find(ctx, asked); err != nil {
			return err
		}
	}
	return nil
}

// groupWordsWidth is how many words' memory groupWords need for each group.
const groupWordsWidth = 2

// leastRoom is how many words are kept at once whatever memory there is.
const leastRoom = 1 << 12

// room is how many of the words of a file can be kept at once.
func (r *rankedArgs) room(words int64) int64 {
	if !r.keyed {
		words /= roomAmong
	} else {
		words += groupWordsWidth * int64(len(r.sizes))
	}
	of := r.disk.of
	for ; words > leastRoom; words /= 2 {
		if of.mem.resize(of.bytes()+8*words) == nil {
			return words
		}
	}
	return leastRoom
}

// onDisk are the words of a group that are in a file.
func (r *rankedArgs) onDisk(ctx context.Context, file *spill.File, group uint32) rowkey.WordSource {
	var scratch []uint64
	return func(f func([]uint64)) error {
		return r.read(ctx, file, func(words []uint64, groups []uint32) {
			if !r.keyed {
				f(words)
				return
			}
			scratch = scratch[:0]
			for i, g := range groups {
				if g == group {
					scratch = append(scratch, words[i])
				}
			}
			f(scratch)
		})
	}
}

// read gives the words of a file, and their groups or nil, to f.
func (r *rankedArgs) read(ctx context.Context, file *spill.File, f func(words []uint64, groups []uint32)) error {
	in, err := file.Open()
	if err != nil {
		return err
	}
	for {
		if ctx.Err() != nil {
			return errors.Join(context.Cause(ctx), in.Close())
		}
		rec, err := in.Next()
		if err == io.EOF {
			return in.Close()
		}
		if err != nil {
			return errors.Join(err, in.Close())
		}
		var groups []uint32
		if r.keyed {
			groups = kernel.Values[uint32](rec.Column(1))
		}
		f(kernel.Values[uint64](rec.Column(0)), groups)
	}
}
