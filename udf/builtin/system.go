package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// Version is what version() says after "PostgreSQL 15.0 (Volley ", so that
// clients which look at the number find the dialect's.
var Version = "devel"

// registerSystem adds the functions about the session, and the random ones.
func registerSystem(b *registrar) {
	session := func(f func(ctx *udf.Context) string, names ...string) {
		for _, name := range names {
			b.scalar(udf.Scalar{
				Name: name, Returns: tText, Volatility: udf.Stable,
				Batch: func(ctx *udf.Context, _ []udf.Arg, n int) (arrow.Array, error) {
					return constantOf(tText, f(ctx))(ctx, nil, n)
				},
			})
		}
	}
	session(func(*udf.Context) string { return "PostgreSQL 15.0 (Volley " + Version + ")" }, "version")
	session(func(ctx *udf.Context) string { return ctx.User }, "current_user", "session_user", "user", "current_role")
	session(func(ctx *udf.Context) string { return ctx.Database }, "current_database", "current_catalog")
	registerRandom(b)
	registerSleep(b)
	uuid := sqltype.UUID
	b.scalar(udf.Scalar{
		Name: "gen_random_uuid", Returns: uuid, Volatility: udf.Volatile,
		Batch: func(ctx *udf.Context, _ []udf.Arg, n int) (arrow.Array, error) {
			return vector.FromFixed(uuid, randomUUIDs(ctx.Random, n), vector.Validity{}), nil
		},
	})
}
