package parser

// The front writes TiDB SQL out of order: it meets the left operand before the
// operator whose parenthesis comes first. So the text is kept as pieces in
// chains; joining two chains is one assignment, and the text is written once.

// piece is a bit of TiDB SQL and the link to the next one.
type piece struct {
	text  string
	next  int32
	pos   int32 // position in the original SQL, or noPos
	side  int32 // index in rope.sides, or 0
	quote byte  // quote to write the text in, or 0
	comma bool  // ", " goes before the text
	built bool  // it stands for the node that is its side data
}

const noPos = -1

// frag is a chain of pieces; the zero frag is empty. height is that of the tree
// it stands for.
type frag struct{ head, tail, height int32 }

func (f frag) empty() bool { return f.head == 0 }

// rope holds the pieces and side data of one query. Index 0 is unused in both.
type rope struct {
	pieces []piece
	sides  []any
}

// mark says what stands at an offset of the TiDB SQL: the position in the
// original SQL and side data.
type mark struct{ off, pos, side int32 }

func (r *rope) reset() {
	r.pieces = append(r.pieces[:0], piece{})
	r.sides = append(make([]any, 0, 16), nil) // the lift keeps what sides holds
}

func (r *rope) add(p piece) frag {
	if len(r.pieces) == 0 {
		r.reset()
	}
	r.pieces = append(r.pieces, p)
	n := int32(len(r.pieces) - 1)
	return frag{head: n, tail: n}
}

// side keeps v and gives its index.
func (r *rope) side(v any) int32 {
	if v == nil {
		return 0
	}
	if len(r.pieces) == 0 {
		r.reset()
	}
	r.sides = append(r.sides, v)
	return int32(len(r.sides) - 1)
}

// text is a piece of fixed SQL.
func (p *parser) text(s string) frag { return p.rope.add(piece{text: s, pos: noPos}) }

// textAt is a piece that a node begins with.
func (p *parser) textAt(s string, pos int32, side any) frag {
	return p.rope.add(piece{text: s, pos: pos, side: p.rope.side(side)})
}

// ident is a quoted identifier.
func (p *parser) ident(s string, pos int32) frag {
	return p.rope.add(piece{text: s, pos: pos, quote: '"'})
}

// cat joins fragments; its height is the greatest of theirs.
func (p *parser) cat(fs ...frag) frag {
	var out frag
	for _, f := range fs {
		out = p.append(out, f)
	}
	return out
}

func (p *parser) append(a, b frag) frag {
	if b.empty() {
		return a
	}
	if a.empty() {
		return b
	}
	p.rope.pieces[a.tail].next = b.head
	return frag{a.head, b.tail, max(a.height, b.height)}
}

// list appends an element, with a comma if there is one before it.
func (p *parser) list(a, b frag) frag {
	if !a.empty() && !b.empty() {
		p.rope.pieces[b.head].comma = true
	}
	return p.append(a, b)
}

// raise makes f n nodes higher.
func (p *parser) raise(f frag, n int) frag {
	f.height += int32(n)
	if f.height > maxHeight {
		p.tooDeep(p.pos())
	}
	return f
}

// write gives the TiDB SQL of f and its marks, ordered by offset.
func (r *rope) write(f frag) (string, []mark) {
	size, marked := 0, 0
	for i := f.head; i != 0; i = r.pieces[i].next {
		pc := &r.pieces[i]
		size += len(pc.text) + 4
		if pc.pos != noPos || pc.side != 0 {
			marked++
		}
	}
	buf := make([]byte, 0, size)
	marks := make([]mark, 0, marked)
	for i := f.head; i != 0; i = r.pieces[i].next {
		pc := &r.pieces[i]
		if pc.comma {
			buf = append(buf, ", "...)
		}
		if pc.pos != noPos || pc.side != 0 {
			marks = append(marks, mark{int32(len(buf)), pc.pos, pc.side})
		}
		if pc.quote == 0 {
			buf = append(buf, pc.text...)
			continue
		}
		buf = append(buf, pc.quote)
		for j := 0; j < len(pc.text); j++ {
			if pc.text[j] == pc.quote {
				buf = append(buf, pc.quote)
			}
			buf = append(buf, pc.text[j])
		}
		buf = append(buf, pc.quote)
	}
	return string(buf), marks
}
