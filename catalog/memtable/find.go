package memtable

import (
	"context"
	"hash/maphash"
	"slices"
	"weak"

	"volley/catalog/memtable/block"
	"volley/catalog/memtable/keyset"
)

// rowFinder finds rows by key. A block that is looked through a second time gets an index,
// as far as there is room: a table whose blocks all change between two searches gains
// nothing by any, and one of which few do needs to look through these only.
//
// An index is the rows of a block in the order of hashes of their keys:
//
//	hash of the key (32 bits) | number of the row (32 bits)
type rowFinder struct {
	seed    maphash.Seed
	room    *keyset.Room
	indexes map[weak.Pointer[block.Block]][]uint64 // nil: looked through once
}

// sought is a key that is looked for: its row in a record.
type sought struct {
	hash uint64
	key  string
	row  int
}

func newRowFinder(room *keyset.Room) *rowFinder {
	return &rowFinder{seed: maphash.MakeSeed(), room: room, indexes: map[weak.Pointer[block.Block]][]uint64{}}
}

func (f *rowFinder) hash(key []byte) uint64 { return maphash.Bytes(f.seed, key) >> 32 << 32 }

// find tells found the numbers of the rows that have keys, all of which some row has.
func (k *keyIndex) find(ctx context.Context, keys keyMaker, rows *Snapshot, wanted map[string]int, found func(row int, at int64)) error {
	f := k.finder
	f.forget(rows)
	list := make([]sought, 0, len(wanted))
	for key, row := range wanted {
		list = append(list, sought{f.hash([]byte(key)), key, row})
	}
	var others []int // blocks without index
	for i, b := range rows.blocks {
		index := f.indexes[weak.Make(b)]
		if index == nil {
			others = append(others, i)
			continue
		}
		if i%askEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var err error
		if list, err = k.lookUp(ctx, keys, b, index, list, func(row, at int) { found(row, rows.start(i)+int64(at)) }); err != nil || len(list) == 0 {
			return err
		}
	}
	left := make(map[string]int, len(list))
	for _, s := range list {
		left[s.key] = s.row
	}
	for _, i := range others {
		if len(left) == 0 {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := k.lookThrough(ctx, keys, rows.blocks[i], left, func(row, at int) { found(row, rows.start(i)+int64(at)) }); err != nil {
			return err
		}
	}
	return nil
}

// lookUp finds keys by the index of a block, and gives those that it does not have.
func (k *keyIndex) lookUp(ctx context.Context, keys keyMaker, b *block.Block, index []uint64, list []sought, found func(row, at int)) ([]sought, error) {
	var cols KeyColumns
	read := false
	left := list[:0]
	for _, s := range list {
		at, _ := slices.BinarySearch(index, s.hash)
		hit := false
		for ; !hit && at < len(index) && index[at]>>32<<32 == s.hash; at++ {
			if !read {
				rec, err := b.Record()
				if err == nil {
					cols, err = keys.columns(ctx, k, rec)
				}
				if err != nil {
					return nil, err
				}
				read = true
			}
			row := int(uint32(index[at]))
			if key, ok := k.key(&cols, row); ok && string(key) == s.key {
				found(s.row, row)
				hit = true
			}
		}
		if !hit {
			left = append(left, s)
		}
	}
	return left, nil
}

// lookThrough finds keys in a block without index, and takes them out of those left.
func (k *keyIndex) lookThrough(ctx context.Context, keys keyMaker, b *block.Block, left map[string]int, found func(row, at int)) error {
	rec, err := b.Record()
	if err != nil {
		return err
	}
	cols, err := keys.columns(ctx, k, rec)
	if err != nil {
		return err
	}
	f, id := k.finder, weak.Make(b)
	_, again := f.indexes[id]
	var index []uint64
	if again = again && f.room.Take(8*int(b.Rows())) == nil; again {
		index = make([]uint64, 0, b.Rows())
	}
	for i := 0; i < int(rec.NumRows()) && (again || len(left) > 0); i++ {
		key, ok := k.key(&cols, i)
		if !ok {
			continue
		}
		if again {
			index = append(index, f.hash(key)|uint64(i))
		}
		if row, hit := left[string(key)]; hit {
			found(row, i)
			delete(left, string(key))
		}
	}
	slices.Sort(index)
	f.indexes[id] = index
	return nil
}

// forget gives up indexes of blocks that a table does not have any more, when there are
// many.
func (f *rowFinder) forget(rows *Snapshot) {
	if len(f.indexes) < 2*len(rows.blocks)+16 {
		return
	}
	kept := make(map[weak.Pointer[block.Block]][]uint64, len(rows.blocks))
	for _, b := range rows.blocks {
		id := weak.Make(b)
		if index, ok := f.indexes[id]; ok {
			kept[id] = index
			delete(f.indexes, id)
		}
	}
	for _, index := range f.indexes {
		f.room.Give(8 * cap(index))
	}
	f.indexes = kept
}
