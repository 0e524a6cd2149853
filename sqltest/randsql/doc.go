// Package randsql makes random SELECT statements over small tables, for
// comparing engines with one another.
//
// Tables gives the statements that make the tables; Generator.Query a statement.
// Every statement has one right answer: where the order of rows shows (LIMIT,
// window functions, DISTINCT ON, ordered aggregates) it is total but for rows that
// are the same; sums of floating-point numbers are exact; errors do not depend on
// what is evaluated first. Rows of a statement without ORDER BY come in any order.
//
// Most statements end without an error: divisors are never zero, numbers stay
// small. A few hold an expression that fails for some values in a place that every
// row reaches, or one that is wrong wherever it stands. Some are prepared, with
// parameters.
//
// Choices come from a Source, so that a property-testing library can shrink
// them: 0 is always the simplest choice.
package randsql

// Source makes choices.
type Source interface {
	// Below gives a number from 0 to n−1.
	Below(n int) int
}
