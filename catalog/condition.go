package catalog

// Condition is what WHERE asks of a column: column Op value, with values as text. Op is
// "=", "<", "<=", ">", ">=" or "in" (any of the values).
type Condition struct {
	Column string
	Op     string
	Values []string
}
