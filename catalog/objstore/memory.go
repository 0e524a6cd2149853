package objstore

import "context"

// Memory is an account of the process's bytes.
type Memory interface {
	// Reserve takes n bytes, or gives the error that ends the query.
	Reserve(n int64) error
	Release(n int64)
}

type memoryKey struct{}

// WithMemory gives an account to the readers and writers that are called, or made, under
// the context. They ask it before they take much.
func WithMemory(ctx context.Context, m Memory) context.Context {
	return context.WithValue(ctx, memoryKey{}, m)
}

// MemoryOf is the account of a context; nil: none.
func MemoryOf(ctx context.Context) Memory {
	m, _ := ctx.Value(memoryKey{}).(Memory)
	return m
}
