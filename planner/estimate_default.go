package planner

// What is guessed where statistics say nothing. Those marked PG are PostgreSQL's
// (src/include/utils/selfuncs.h), which go back to System R (Selinger and others,
// "Access Path Selection in a Relational Database Management System", 1979).
const (
	defaultEqual    = 0.005    // PG: x = unknown, of a table that has many values
	defaultRange    = 1.0 / 3  // PG: x < unknown
	defaultBetween  = 0.005    // PG: x between two unknown bounds
	defaultMatch    = 0.02     // x LIKE '%…%'; PG has 0.005 and looks at the pattern
	defaultNull     = 0.005    // PG: x IS NULL
	defaultBool     = 0.5      // PG: a boolean column
	defaultOther    = 1.0 / 3  // any other condition, as of a range
	defaultDistinct = 200      // PG: values of a column of a large table
	defaultSemi     = 0.5      // PG: rows of the left side that match
	groupsPerRow    = 0.1      // PG: groups of several columns together
	defaultExists   = 1.0 / 3  // groups that pass a condition on aggregates
	smallest        = 1e-9     // no condition is taken to be impossible
	smallestAnti    = 0.02     // rows left by an anti join, which would not be written otherwise
	likeTail        = 0.2      // PG: FIXED_CHAR_SEL, per further character of a pattern
	likeAny         = 5.0      // PG: FULL_WILDCARD_SEL, per % of a pattern
	minHistogram    = 10       // PG: bounds from which a histogram is asked about patterns
	dampingFrom     = 2        // conjuncts that count in full
	textWidth       = 24       // bytes of a text value in memory
	compressed      = 4        // memory per byte of a compressed or columnar file
	unknownBytes    = 64 << 20 // of a table of which nothing is known
	taskBytes       = 1 << 20  // of rows that a task has at least when there are many tasks
	tasksPerSlot    = 4        // of a large scan
	recursionRounds = 10       // PG: recursive_worktable_factor
	// More than anything it may be joined with: the other side of a join is the
	// same in each round, so that is the one to build a hash table of.
	workingTableRows = 1e12
)
