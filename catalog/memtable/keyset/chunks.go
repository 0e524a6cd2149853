package keyset

import "slices"

// chunks are bytes in pieces that stay where they are: larger ones as there are more, up
// to most, but for what does not fit into one. They ask for room before they grow.
type chunks struct {
	room        *Room
	list        [][]byte
	size        int // bytes of all
	least, most int // of a piece
}

// last gives the number of the piece that has place for n more bytes; 53200 when there is
// no room for it.
func (c *chunks) last(n int) (int, error) {
	i := len(c.list) - 1
	if i >= 0 && cap(c.list[i])-len(c.list[i]) >= n {
		return i, nil
	}
	size := max(min(c.size, c.most), c.least, n)
	if err := c.room.Take(size); err != nil {
		return 0, err
	}
	c.list = append(c.list, make([]byte, 0, size))
	c.size += size
	return i + 1, nil
}

// free gives the room back.
func (c *chunks) free() {
	c.room.Give(c.size)
	c.list, c.size = nil, 0
}

// drop forgets a piece.
func (c *chunks) drop(i int) {
	c.room.Give(cap(c.list[i]))
	c.size -= cap(c.list[i])
	c.list = slices.Delete(c.list, i, i+1)
}
