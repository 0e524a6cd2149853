package udf

import (
	"context"

	"volley/sqltype"
)

// Session is the session in whose process a function runs: that of the
// coordinator, in the root stage and while constants are evaluated. Elsewhere
// there is none. It is safe for concurrent use.
type Session interface {
	sqltype.ObjectNames
	// Setting is a setting's value; ok is false when there is no such setting.
	Setting(name string) (value string, ok bool)
	// SetSetting changes a setting, for the transaction only when local, and
	// gives the value it has then.
	SetSetting(name, value string, local bool) (string, error)
}

type sessionKey struct{}

// WithSession lets what runs under the context reach a session.
func WithSession(ctx context.Context, s Session) context.Context {
	return context.WithValue(ctx, sessionKey{}, s)
}

// SessionOf is the session of a context, nil for none.
func SessionOf(ctx context.Context) Session {
	s, _ := ctx.Value(sessionKey{}).(Session)
	return s
}
