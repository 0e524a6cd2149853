package ast

// Direction says where FETCH goes.
type Direction uint8

// Directions of FETCH: so many rows on or back, or to one row, counted from the
// start (or, negative, from the end) or from the current one.
const (
	Forward Direction = iota
	Backward
	Absolute
	Relative
)

// String is the keyword.
func (d Direction) String() string {
	return [...]string{"FORWARD", "BACKWARD", "ABSOLUTE", "RELATIVE"}[d]
}
