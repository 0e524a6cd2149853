// Package physical is the executable plan: operators as plain data, cut at
// exchanges into stages. The same stages run in one process and on many
// machines; a Fragment is what travels to a worker.
//
//	Plan ── Stage 0 ── Stage 1 ── … ── root Stage (runs in the coordinator)
//	          │ tasks: one per group of splits, or one per hash partition
//	          └ Output: how its rows are cut into partitions for the consumer
package physical

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/objstore/secret"
	"volley/planner/expr"
	"volley/sqltype"
)

// Node is a physical operator. The set of implementations is closed; package
// exec has one switch over it.
type Node interface {
	fmt.Stringer // one line, for EXPLAIN, without its inputs
	// Schema is that of the records the operator gives.
	Schema() *arrow.Schema
	// Inputs are the operators it pulls from, in order.
	Inputs() []Node
	node()
}

type (
	// Scan reads the splits of its task. Exactly one Scan may be split per
	// stage (the one with Split true); others, in a stage that has no
	// splits to distribute, read all of theirs.
	Scan struct {
		ID   int // unique in the plan; Task.Splits are given by it
		Spec catalog.ScanSpec
		// Filter, over the output columns, is applied by the scan; nil for none.
		Filter expr.Expr
		// Estimate of rows out, −1 unknown.
		Rows int64
	}
	// Values gives constant rows; Rows[i][j] is evaluated over no input.
	Values struct {
		Rows [][]expr.Expr
		Out  *arrow.Schema
	}
	// Filter keeps the rows for which Predicate is true.
	Filter struct {
		Input     Node
		Predicate expr.Expr
	}
	// Project computes Exprs for each row.
	Project struct {
		Input Node
		Exprs []expr.Expr
		Names []string
	}
	// Aggregate groups by hash (no Keys: one group, which exists even without
	// rows, but for Partial). Output columns: keys, then aggregates (Single,
	// Final) or the states of each aggregate in turn (Partial). A Final one
	// takes the columns of a Partial one; its Keys are the first columns of it.
	// Always are the keys, as constants, of groups that exist even without rows,
	// but for Partial; with Partitions > 1 each exists in the partition of its
	// keys' hash only.
	Aggregate struct {
		Input      Node
		Mode       AggMode
		Keys       []expr.Expr
		Aggs       []AggCall
		Always     [][]expr.Expr
		Partitions int
		Out        *arrow.Schema
	}
	// Join joins by equality of LeftKeys[i] and RightKeys[i] (hash join; the
	// right side is the build side), or by Residual alone when there are no
	// keys (nested loop). Residual, over left then right columns, must also
	// hold. Output: left then right columns; Semi and Anti: left columns only;
	// Mark: left columns and a boolean (NULL-aware when NullAware).
	//
	// A null-aware join compares as IN does, but for the last EqualKeys keys, which must
	// be equal, as the Residual must hold, for rows to be compared. Where Right is a
	// partition by IN's keys, Whole is all of the build side, of which rows with a NULL
	// key need more than their partition; it is read only if there are such rows. It is
	// nil where Right is whole, or no row needs more than its partition has
	// (PartitionNulls).
	Join struct {
		Left, Right         Node
		Whole               Node
		Kind                JoinKind
		LeftKeys, RightKeys []expr.Expr
		Residual            expr.Expr
		NullAware           bool   // NOT IN semantics for Anti and Mark
		EqualKeys           int    // with NullAware
		NullEqual           []bool // per key: NULL matches NULL (IS NOT DISTINCT FROM); nil: none
		Early               bool   // probe rows without a partner may be left out where they are read
		Out                 *arrow.Schema
	}
	// Sort orders by Keys, stably; Limit ≥ 0 keeps the first Limit rows (top-N).
	Sort struct {
		Input Node
		Keys  []SortKey
		Limit int64
	}
	// Limit skips Offset rows, then gives at most Count; Count −1 is no limit.
	// With Ties, by which the input is ordered, rows equal in them to the last
	// one given follow it.
	Limit struct {
		Input         Node
		Count, Offset int64
		Ties          []SortKey
	}
	// Union gives all rows of its inputs, one input after the other.
	Union struct {
		Parts []Node
		Out   *arrow.Schema
	}
	// ExchangeSource reads the partition of the task from the outputs of a
	// producer stage. Ordered: producer tasks in order of their number (that
	// keeps file order). Merge: producer outputs are each sorted by these keys
	// and are merged. Broadcast: every task reads all rows, of all partitions,
	// instead of its own partition.
	ExchangeSource struct {
		Stage     int
		Ordered   bool
		Broadcast bool
		Merge     []SortKey
		Limit     int64 // with Merge: rows wanted, −1 all
		Out       *arrow.Schema
	}
	// EncodeText turns each batch into one row of ChunkSchema: the batch's rows
	// in COPY's csv or text format, and their number. The header is not in it.
	EncodeText struct {
		Input  Node
		Format TextFormat
	}
)

// TextFormat is COPY's csv or text format, decided.
type TextFormat struct {
	CSV        bool // else text
	Delimiter  byte
	Quote      byte
	Escape     byte
	Null       string
	ForceQuote []bool // by column; nil: none
	TimeZone   string
	Style      sqltype.Style
}

// AggMode says which part of a two-phase aggregation an Aggregate does.
type AggMode uint8

// Modes of aggregation.
const (
	Single AggMode = iota
	Partial
	Final
)

// AggCall is one aggregate. In Final mode Args are the state columns. Types are
// those of the original arguments, by which the registry finds the function.
type AggCall struct {
	Func     string
	Args     []expr.Expr
	ArgTypes []arrow.DataType
	Distinct bool
	Filter   expr.Expr // nil for none; not in Final mode
	OrderBy  []SortKey // over the input; Single mode only
	Type     arrow.DataType
	Pos      int
}

// SortKey is an expression to order by.
type SortKey struct {
	Expr       expr.Expr
	Desc       bool
	NullsFirst bool
}

// JoinKind is the kind of a join.
type JoinKind uint8

// Kinds of join.
const (
	Inner JoinKind = iota
	LeftOuter
	RightOuter
	FullOuter
	Semi
	Anti
	Mark
)

// LeftAlone tells whether what becomes of a left row depends on no other left row.
func (k JoinKind) LeftAlone() bool { return k != RightOuter && k != FullOuter }

// Partitioning says how a stage's rows are cut for its consumer.
type Partitioning struct {
	Kind PartitionKind
	// Keys are over the stage's output columns. A Gather with keys may become a Hash
	// while the query runs, if there is much to gather.
	Keys []expr.Expr
	// Partitions of the output; 1 for Broadcast, and Gather without keys.
	Count int
	// Nulls says where a Hash puts rows with a NULL key.
	Nulls NullPlacement
}

// NullPlacement says where an exchange by hash puts rows with a NULL key. The sides of
// NOT IN need other places than their hash: NULL compares with every key.
type NullPlacement uint8

// Places of rows with a NULL key: by their hash like all others; all in the first
// partition; all in every partition. NullSamples is by their hash, but of what each task
// gives the first row with a NULL key and the first one without are in every partition
// too, so that every partition knows whether there are any.
const (
	NullsHashed NullPlacement = iota
	NullsTogether
	NullsEverywhere
	NullSamples
)

// PartitionKind is the kind of an exchange.
type PartitionKind uint8

// Kinds of exchange. Broadcast: every consumer task reads all rows.
const (
	Gather PartitionKind = iota
	Hash
	Broadcast
	RoundRobin
)

// Stage is a part of the plan that runs as independent tasks.
type Stage struct {
	ID     int // index in Plan.Stages
	Root   Node
	Output Partitioning
	// Scan is the ID of the Scan whose splits are distributed over the tasks,
	// or −1: then there is one task per input partition (Tasks).
	Scan int
	// Tasks is the number of tasks when Scan is −1.
	Tasks int
	// Costly: rows are expensive (user functions), so cut finely.
	Costly bool
	// VolatileBuild: the build side of a join has an expression that may give
	// something else the next time, so that tasks must not compute it alike.
	VolatileBuild bool
}

// Plan is a query cut into stages, producers before consumers; the last one is
// the root stage, one task that runs in the coordinator.
type Plan struct {
	Stages []*Stage
	// Defs are the tables to be split, by Scan.ID.
	Defs map[int]*catalog.TableDef
	// BroadcastBytes is the most that the build side of a join may weigh to be sent
	// whole to every task of the probe side instead of both by hash, should the
	// stage that makes it turn out that small; 0: joins stay as planned.
	BroadcastBytes int64
	// Names are the output column names (they need not be unique).
	Names []string
	// Estimates are guesses at the rows that every operator of every stage gives,
	// all tasks together, where PlanOptions asked for them; nil otherwise.
	Estimates map[Node]float64
	// Cost is a guess at the work of running the plan, in rows that go through
	// operators.
	Cost float64
	// Generic has, for a plan made of a generic one, the operators with parameters by
	// those that have their values, where PlanOptions asked for estimates.
	Generic map[Node]Node
}

// Root is the last stage.
func (p *Plan) Root() *Stage { return p.Stages[len(p.Stages)-1] }

// TaskID names one attempt of one task of one query.
type TaskID struct {
	Query   string
	Stage   int
	Task    int
	Attempt int
}

// String is query/stage.task#attempt.
func (t TaskID) String() string {
	return fmt.Sprintf("%s/%d.%d#%d", t.Query, t.Stage, t.Task, t.Attempt)
}

// Source says where a consumer finds one producer task's finished output:
// Address "" is the process itself.
type Source struct {
	Task    TaskID
	Worker  string
	Address string
}

// Fragment is all that a worker needs to run one attempt of a task. It
// serialises by Encode and Decode.
type Fragment struct {
	Task      TaskID
	Root      Node
	Output    Partitioning
	Splits    map[int][]catalog.Split // by Scan.ID
	Partition int                     // which partition of its inputs the task reads
	// PartitionEnd is the partition after the last one it reads; 0: it reads one.
	PartitionEnd int
	Sources      map[int][]Source // by producer stage, in task order
	Session      Session
	// Secrets are those that the splits' paths need.
	Secrets *secret.Set
}

// AllPartitions stands for all partitions of an output where one is asked for.
const AllPartitions = -1

// Session is what the session's settings mean for execution.
type Session struct {
	TimeZone string
	Style    sqltype.Style
	// Now is the transaction's start in µs since 1970, so that now() is the
	// same on every worker; Statement is the statement's.
	Now, Statement int64
	// BatchRows is the number of rows a batch aims for (8192).
	BatchRows int
	// MemoryLimit in bytes for the query on each process; 0: the process's budget.
	MemoryLimit int64
	// SplitBytes > 0 is the size of splits, whatever that costs; for tests.
	SplitBytes int64
	User       string
	Database   string
	// Seed of random numbers, another one for each query; a task's are made of it and of
	// its number.
	Seed [4]int64
}
