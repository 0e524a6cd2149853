package expr

// Frame says which rows of its partition a window function sees from each row:
// those from Start to End but for Exclude.
type Frame struct {
	Unit       FrameUnit
	Start, End Bound
	Exclude    Exclusion
}

// Bound is one end of a frame. Offset, of Preceding and Following, is the same
// for all rows: bigint for Rows and Groups; for Range, what is subtracted from
// or added to the one ORDER BY key.
type Bound struct {
	Kind   BoundKind
	Offset Expr
}

// FrameUnit is what the bounds of a frame count.
type FrameUnit uint8

// Units of frames: rows, values of the ORDER BY key, groups of peers.
const (
	Rows FrameUnit = iota
	Range
	Groups
)

// BoundKind is a place in the partition, seen from the row.
type BoundKind uint8

// Kinds of bound, in the order of the places.
const (
	UnboundedPreceding BoundKind = iota
	Preceding
	CurrentRow
	Following
	UnboundedFollowing
)

// Exclusion is what a frame leaves out around the row.
type Exclusion uint8

// Exclusions: nothing; the row; the row and its peers; its peers.
const (
	NoOthers Exclusion = iota
	ExcludeCurrentRow
	ExcludeGroup
	ExcludeTies
)

// DefaultFrame is the frame of a window that does not name one: from the start
// of the partition to the last peer of the row.
func DefaultFrame() Frame {
	return Frame{Unit: Range, Start: Bound{Kind: UnboundedPreceding}, End: Bound{Kind: CurrentRow}}
}

// Equal tells whether two frames are the same as far as their form shows it.
func (f Frame) Equal(g Frame) bool {
	return f.Unit == g.Unit && f.Exclude == g.Exclude && f.Start.equal(g.Start) && f.End.equal(g.End)
}

func (b Bound) equal(c Bound) bool {
	return b.Kind == c.Kind && (b.Offset == nil) == (c.Offset == nil) && (b.Offset == nil || Equal(b.Offset, c.Offset))
}

// Map is f with its offsets replaced by m's results.
func (f Frame) Map(m func(Expr) Expr) Frame {
	for _, b := range []*Bound{&f.Start, &f.End} {
		if b.Offset != nil {
			b.Offset = m(b.Offset)
		}
	}
	return f
}

// String is the frame clause as in SQL.
func (f Frame) String() string {
	s := [...]string{"ROWS", "RANGE", "GROUPS"}[f.Unit] + " BETWEEN " + f.Start.String() + " AND " + f.End.String()
	return s + [...]string{"", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES"}[f.Exclude]
}

// String is the bound as in SQL.
func (b Bound) String() string {
	s := [...]string{"UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING"}[b.Kind]
	if b.Offset != nil {
		return b.Offset.String() + " " + s
	}
	return s
}
