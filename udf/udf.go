// Package udf is the function registry and the public Go API for functions of
// one's own. A program imports it, registers typed functions, and calls
// Volley's main (package volley/app); the same binary is then coordinator,
// worker and shell.
//
//	udf.Scalar2("add_tax", func(price, rate float64) float64 { return price * (1 + rate) })
//
// Volley's own functions and operators (udf/builtin) are in the same registry
// by the same API. A function works on batches: Batch gets n rows as Arrow
// arrays (or constants of length 1) and gives one array of n rows. The typed
// helpers (scalar.go, aggregate.go) make a Batch from a plain Go function.
package udf

import (
	"math/rand/v2"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
)

// Volatility is PostgreSQL's: what the optimizer may assume.
type Volatility uint8

// Volatilities. The zero value is Immutable.
const (
	Immutable Volatility = iota // same arguments, same result, always
	Stable                      // the same within one query
	Volatile                    // evaluated once per row
)

// String is the keyword of CREATE FUNCTION.
func (v Volatility) String() string {
	return [...]string{"immutable", "stable", "volatile"}[min(v, Volatile)]
}

// Arg is one argument of a batch call. When Const, Array has length 1 and
// stands for every row; otherwise it has as many rows as the batch.
type Arg struct {
	Array arrow.Array
	Const bool
}

// Digits are an argument of Scalar.Short: the digits of Decimals of one scale,
// one for each row, or a single one that stands for all when Const.
type Digits struct {
	Values []int64
	Const  bool
	Scale  int32
}

// Context is what a batch call may know of its surroundings.
type Context struct {
	TimeZone  *time.Location
	Style     sqltype.Style // of text
	Now       time.Time     // the transaction's start
	Statement time.Time     // the statement's start
	User      string
	Database  string
	Schema    string
	// MaxText is how many bytes of text one call may make; 0: as many as fit
	// into an array.
	MaxText int64
	// Done is closed when the statement is cancelled; nil: it never is. A function
	// that takes its time watches it and fails with 57014.
	Done <-chan struct{}
	// Random is the task's source of random numbers, nil outside of tasks. Each
	// attempt at a task has the same one, so that an output that was lost is
	// made again as it was: some of its readers may have read it already.
	Random *rand.Rand
	// Session is the coordinator's session, nil on workers.
	Session Session
}

// Scalar is one overload of a scalar function.
type Scalar struct {
	Name string // lower case
	// Params are the types taken; a nil entry takes any type, and Decimal
	// takes any Decimal128. The last one repeats when Variadic.
	Params   []arrow.DataType
	Variadic bool
	// Returns is the result type; ReturnFor, if set, computes it from the
	// argument types instead.
	Returns   arrow.DataType
	ReturnFor func(args []arrow.DataType) (arrow.DataType, error)
	// ArgsFor, if set, says to which types the arguments are cast once the
	// overload is chosen, from the types the parameters ask for. With a nil
	// Batch, this Scalar is only a rule of resolution: the overload that takes
	// exactly ArgsFor's types does the work.
	ArgsFor    func(args []arrow.DataType) ([]arrow.DataType, error)
	Volatility Volatility
	// NullCall: the function is called for rows that have a NULL argument.
	// Otherwise (strict) Batch's result is NULL there, and it must not fail
	// because of what it computes for those rows.
	NullCall bool
	// Total: there is a result for all arguments of these types, never an error, so
	// that it may be computed for rows that do not need it.
	Total bool
	// EmptyVariadic: a NULL given by VARIADIC stands for no arguments. Otherwise
	// the result is NULL then.
	EmptyVariadic bool
	// Cost is the expected ns per row; 0 means cheap (about 1).
	Cost float64
	// Batch computes n rows. A result of length 1 when every argument is Const
	// stands for all rows. Errors of single rows are *RowError.
	Batch func(ctx *Context, args []Arg, n int) (arrow.Array, error)
	// Short, if set, computes Decimals of Decimals whose digits are all known to
	// fit in 64 bits, at the scale of the result's type; false, and dst is
	// anything, if a result might not. Rows that are NULL have any digits. Not all
	// arguments are Const.
	Short func(dst []int64, args []Digits) bool
	// Session: the function reaches for Context.Session, so it runs in the
	// coordinator. One that is stable is evaluated there before the query runs
	// when its arguments are constants.
	Session bool
	// Doc is one line for the function table.
	Doc string
	// User: registered by a user's program; its panics and errors name it.
	User bool
}

// Decimal in Scalar.Params stands for Decimal128 of any precision and scale.
var Decimal arrow.DataType = &arrow.Decimal128Type{}

// RowError is the failure of one row of a batch.
type RowError struct {
	Row int // in the batch, from 0
	Err error
}

// Error is the cause's text.
func (e *RowError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *RowError) Unwrap() error { return e.Err }

// Aggregate is one overload of an aggregate function.
type Aggregate struct {
	Name      string
	Params    []arrow.DataType // as in Scalar; count(*) has none
	Variadic  bool
	Returns   arrow.DataType
	ReturnFor func(args []arrow.DataType) (arrow.DataType, error)
	// ArgsFor is as in Scalar, with New for Batch.
	ArgsFor func(args []arrow.DataType) ([]arrow.DataType, error)
	// State gives the types of the intermediate state's columns, by which
	// partial results travel.
	State func(args []arrow.DataType) []arrow.DataType
	// New makes an accumulator for all groups of one operator instance.
	New func(ctx *Context, args []arrow.DataType) (Accumulator, error)
	// NullCall: rows with a NULL argument are given to Update too.
	NullCall bool
	// Ordered: the result depends on the order of rows (array_agg, string_agg).
	Ordered bool
	// NoPartial: it cannot be split in two phases.
	NoPartial bool
	// OrderedSet: it is called with WITHIN GROUP (ORDER BY …), and gets its rows
	// in that order; the keys are its last arguments.
	OrderedSet bool
	Doc        string
	User       bool
}

// FewGroups is how many rows at least, of how many groups at most, Volley's own
// accumulators add floating-point numbers of in any order; of others they do so
// from left to right.
const FewGroups = 256

// Accumulator holds one aggregate's state for many groups, numbered from 0.
// It is used by one goroutine.
type Accumulator interface {
	// Update adds rows: row i belongs to groups[i] < n, the number of groups so
	// far; args have len(groups) rows, or are Const. Rows whose argument is NULL
	// must be skipped by the accumulator itself unless the aggregate is NullCall.
	Update(groups []uint32, n int, args []Arg) error
	// Merge adds partial states: row i of states belongs to groups[i] < n.
	Merge(groups []uint32, n int, states []arrow.Array) error
	// State gives the state columns of groups lo to hi−1.
	State(lo, hi int) ([]arrow.Array, error)
	// Result gives the results of groups lo to hi−1.
	Result(lo, hi int) (arrow.Array, error)
	// Bytes is the memory held, approximately.
	Bytes() int64
}

// IndexedAccumulator is an Accumulator that takes its one argument in the form of
// indices of values, which saves writing and reading it row by row.
type IndexedAccumulator interface {
	// UpdateIndices is Update where row i's argument is values[indices[i]]; no
	// value is NULL, no index negative.
	UpdateIndices(groups []uint32, n int, values arrow.Array, indices []int32) error
	// UpdateBytes is UpdateIndices with indices of a byte.
	UpdateBytes(groups []uint32, n int, values arrow.Array, indices []uint8) error
	// UpdateWords is UpdateIndices with indices of two bytes.
	UpdateWords(groups []uint32, n int, values arrow.Array, indices []uint16) error
}

// ShortAccumulator is an Accumulator that takes its one argument, Decimals, as
// digits that fit in 64 bits.
type ShortAccumulator interface {
	// UpdateShort is Update where row i's argument has the digits digits[i]; none
	// is NULL.
	UpdateShort(groups []uint32, n int, digits []int64) error
}

// Sharing is an Accumulator that can do with the state of another aggregate: sum,
// avg and count of one column need the same sums and counts.
type Sharing interface {
	// Share makes it take its state from that of another accumulator, which alone
	// gets rows then, of the same arguments; false where that has not the same.
	// Results must be as without.
	Share(from Accumulator) bool
}

// Presized is an Accumulator of an ordered-set aggregate that needs to know how many
// rows there are: it can then drop all but a few of them as they come in their order.
type Presized interface {
	// Expect says, before the first Update, how many rows each group will have whose
	// last argument is not NULL.
	Expect(rows []int64)
}

// Ranked is a Presized accumulator to which a value's place in the order is all that
// matters, so that its values need not be sorted: instead of Update it gets those it asks
// for.
type Ranked interface {
	Presized
	// Ranks gives, after Expect, for all n groups the numbers of the values that it
	// needs, from 0 and ascending in each group; those of group i end at ends[i]. direct
	// has the direct argument, the same for all groups, as its only row.
	Ranks(n int, direct arrow.Array) (ranks []int64, ends []int32, err error)
	// Keep takes the values of all these ranks. There are no others.
	Keep(values arrow.Array)
}

// Reusable is an Accumulator that can lose its groups and keep its memory.
type Reusable interface {
	// Reset makes it as new.
	Reset()
}

// RowCounter is an Accumulator that, without arguments, looks at the number of
// rows alone.
type RowCounter interface {
	// RowStates gives the state columns of n groups of one row each. The arrays
	// may be shared.
	RowStates(n int) []arrow.Array
}

// String is name(type, …), for messages.
func (s *Scalar) String() string { return signature(s.Name, s.Params, s.Variadic) }

// String is name(type, …), for messages.
func (a *Aggregate) String() string { return signature(a.Name, a.Params, a.Variadic) }
