package builtin

import (
	crand "crypto/rand"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/udf"
)

// currentSetting is current_setting(name [, missing_ok]).
func currentSetting(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	names := load[string](args[0])
	v := valid(args, n)
	missingOK := func(int) bool { return false }
	if len(args) == 2 {
		missingOK = load[bool](args[1]).At
	}
	found := v.Clone()
	for i := range n {
		if !v.Valid(i) {
			continue
		}
		name := names.At(i)
		if _, ok := ctx.Settings[strings.ToLower(name)]; ok {
			continue
		}
		if !missingOK(i) {
			return nil, &udf.RowError{Row: i, Err: sqlerr.New(sqlerr.UndefinedObject, "unrecognized configuration parameter \"%s\"", name)}
		}
		found.SetNull(i, n)
	}
	return writeText(ctx, tText, found, n, func(dst []byte, i int) ([]byte, error) {
		return append(dst, ctx.Settings[strings.ToLower(names.At(i))]...), nil
	})
}

// randomUUIDs are of version 4 (RFC 9562).
func randomUUIDs(n int) [][16]byte {
	out := make([][16]byte, n)
	for i := range out {
		_, _ = crand.Read(out[i][:]) // never fails
		out[i][6] = out[i][6]&0x0f | 0x40
		out[i][8] = out[i][8]&0x3f | 0x80
	}
	return out
}
