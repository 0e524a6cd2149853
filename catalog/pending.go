package catalog

import "slices"

// Transactions change the catalog in place, one key at a time, which nobody else changes
// until they end. What others see of a key meanwhile is what was there before:
//
//	Hold(key, owner)   before its first change: others see what is there now
//	Create, Drop, …    and what takes it back, in any number
//	Settle(key)        at the owner's end: everybody sees what is there then

// pending is what others see under a key that a transaction has changed.
type pending struct {
	owner  any // the transaction
	before entry
}

// entry is what there is under a key.
type entry struct {
	schema   bool
	comment  string // of a schema or the database
	object   *Object
	function *Function
}

// Hold has others see a key as it is now until Settle; owner is who is going to change it. It
// gives false where the owner holds it already. At most one owner may hold a key.
func (c *Catalog) Hold(k Key, owner any) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending[k] != nil {
		return false
	}
	c.pending[k] = &pending{owner, c.entry(k)}
	return true
}

// Settle lets everybody see a key as it is.
func (c *Catalog) Settle(k Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pending, k)
	c.version++
}

// entry is what is under a key, as whoever changes it sees it. Under mu.
func (c *Catalog) entry(k Key) entry {
	switch names := k.names(); {
	case k == DatabaseKey:
		return entry{comment: c.comments[k]}
	case names[0] == keySchema:
		return entry{schema: c.schemas[names[1]] != nil, comment: c.comments[k]}
	case names[0] == keyRelation:
		return entry{object: c.schemas[names[1]][names[2]]}
	case names[0] == keyFunction:
		list := c.functions[names[1]][names[2]]
		if i := slices.IndexFunc(list, func(f *Function) bool { return f.Signature == names[3] }); i >= 0 {
			return entry{function: list[i]}
		}
	}
	return entry{}
}

// Names are the catalog's parts as a transaction sees them: what others have not committed
// has not happened. It is safe for concurrent use.
type Names struct {
	c     *Catalog
	owner any
}

// As gives the names as a transaction, the owner of what it holds, sees them; nil: as all
// see them.
func (c *Catalog) As(owner any) Names { return Names{c, owner} }

// before is what was under a key that somebody else has changed. Under c.mu.
func (v Names) before(k Key) (entry, bool) {
	if p := v.c.pending[k]; p != nil && p.owner != v.owner {
		return p.before, true
	}
	return entry{}, false
}

// hidden calls f with all that was under keys that others have changed. Under c.mu.
func (v Names) hidden(f func(k Key, e entry)) {
	for k, p := range v.c.pending {
		if p.owner != v.owner {
			f(k, p.before)
		}
	}
}
