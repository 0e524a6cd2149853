package builtin

import (
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/sqltype/jsonpath"
	"volley/sqltype/jsontext"
	"volley/udf"
	"volley/udf/vector"
)

var tJSONPath = sqltype.JSONPath

// registerJSONPath adds the functions and operators of jsonpath. Those of a name
// that ends in _tz compare times with and without a zone.
func registerJSONPath(b *registrar) {
	b.scalar(udf.Scalar{Name: "@?", Params: types(tJSONB, tJSONPath), Returns: tBool, Batch: pathBool(pathExists, pathMode{silent: true})})
	b.scalar(udf.Scalar{Name: "@@", Params: types(tJSONB, tJSONPath), Returns: tBool, Batch: pathBool(pathMatches, pathMode{silent: true})})
	for _, suffix := range []string{"", "_tz"} {
		mode := pathMode{zones: suffix != ""}
		volatility := udf.Immutable
		if mode.zones {
			volatility = udf.Stable
		}
		for n := 2; n <= 4; n++ {
			params := types(tJSONB, tJSONPath, tJSONB, tBool)[:n]
			for _, f := range []struct {
				name   string
				result arrow.DataType
				batch  batchFunc
			}{
				{"exists", tBool, pathBool(pathExists, mode)},
				{"match", tBool, pathBool(pathMatches, mode)},
				{"query_array", tJSONB, pathJSON(pathArray, mode)},
				{"query_first", tJSONB, pathJSON(pathFirst, mode)},
			} {
				b.scalar(udf.Scalar{
					Name: "jsonb_path_" + f.name + suffix, Params: params, Returns: f.result, Volatility: volatility, Cost: 500, Batch: f.batch,
				})
			}
			b.table(udf.Table{
				Name: "jsonb_path_query" + suffix, Params: params, Returns: []arrow.Field{{Type: tJSONB, Nullable: true}},
				Volatility: volatility, Rows: 100, Open: pathRows(mode),
			})
		}
	}
}

// pathMode is what a function wants of the evaluation.
type pathMode struct{ silent, zones bool }

// pathCalls evaluates the calls of a batch; a path and variables that are equal
// to the last ones are not parsed again.
type pathCalls struct {
	mode         pathMode
	zone         *time.Location
	doc, path    vector.Column[[]byte]
	vars, silent udf.Arg
	hasVars      bool
	hasSilent    bool

	lastPath, lastVars string
	parsed             *jsonpath.Path
	variables          *jsontext.Value
	regexps            map[*jsonpath.Item]*pattern
}

func newPathCalls(ctx *udf.Context, args []udf.Arg, mode pathMode) *pathCalls {
	c := &pathCalls{mode: mode, zone: ctx.TimeZone, doc: load[[]byte](args[0]), path: load[[]byte](args[1])}
	if c.zone == nil {
		c.zone = time.UTC
	}
	if c.hasVars = len(args) > 2; c.hasVars {
		c.vars = args[2]
	}
	if c.hasSilent = len(args) > 3; c.hasSilent {
		c.silent = args[3]
	}
	return c
}

// run evaluates call i. With all nil, it ends at the first result.
func (c *pathCalls) run(i int, all *[]pathItem) (pathResult, bool, error) {
	if text := c.path.At(i); c.parsed == nil || string(text) != c.lastPath {
		c.lastPath = strings.Clone(string(text))
		p, err := sqltype.ParseJSONPath(c.lastPath)
		if err != nil {
			return pathNone, false, err
		}
		c.parsed, c.regexps = p, map[*jsonpath.Item]*pattern{}
	}
	if c.hasVars {
		if text := bytesAt(c.vars, i); c.variables == nil || string(text) != c.lastVars {
			c.lastVars = strings.Clone(string(text))
			v, err := jsontext.Parse([]byte(c.lastVars))
			if err != nil {
				return pathNone, false, err
			}
			c.variables = &v
		}
		if c.variables.Kind != jsontext.Object {
			return pathNone, false, sqlerr.New(sqlerr.InvalidParameterValue, "\"vars\" argument is not an object").
				WithDetail("Jsonpath parameters should be encoded as key-value pairs of \"vars\" object.")
		}
	}
	doc, err := jsontext.Parse(c.doc.At(i))
	if err != nil {
		return pathNone, false, err
	}
	silent := c.mode.silent || c.hasSilent && boolAt(c.silent, i)
	e := &pathEval{
		calls: c, root: pathItem{json: &doc}, lax: !c.parsed.Strict, structural: !c.parsed.Strict, throw: !silent, last: -1,
	}
	e.base = pathBase{at: e.root.json}
	if !e.lax && all == nil {
		all = new([]pathItem) // errors anywhere count, so that all must be seen
		r, err := e.item(c.parsed.Root, e.root, all)
		if err == nil && r != pathError {
			r = pathNone
			if len(*all) > 0 {
				r = pathOK
			}
		}
		return r, silent, err
	}
	r, err := e.item(c.parsed.Root, e.root, all)
	return r, silent, err
}

// pathExists is NULL where the evaluation fails silently.
func pathExists(c *pathCalls, i int) (result, ok bool, err error) {
	r, _, err := c.run(i, nil)
	return r == pathOK, r != pathError, err
}

func pathMatches(c *pathCalls, i int) (result, ok bool, err error) {
	var all []pathItem
	_, silent, err := c.run(i, &all)
	if err != nil {
		return false, false, err
	}
	if len(all) == 1 && all[0].json != nil {
		switch v := all[0].json; v.Kind {
		case jsontext.Null:
			return false, false, nil
		case jsontext.Bool:
			return v.Bool, true, nil
		}
	}
	if silent {
		return false, false, nil
	}
	return false, false, sqlerr.New("22038", "single boolean result is expected")
}

func pathBool(f func(c *pathCalls, i int) (result, ok bool, err error), mode pathMode) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		c, rows, out := newPathCalls(ctx, args, mode), valid(args, n), make([]bool, n)
		for i := range out {
			if !rows.Valid(i) {
				continue
			}
			result, ok, err := f(c, i)
			if err != nil {
				return nil, &udf.RowError{Row: i, Err: err}
			}
			if out[i] = result; !ok {
				rows = rows.Clone()
				rows.SetNull(i, n)
			}
		}
		return store(tBool, out, rows)
	}
}

func pathArray(dst []byte, all []pathItem) ([]byte, bool) {
	dst = append(dst, '[')
	for i, item := range all {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = item.append(dst)
	}
	return append(dst, ']'), true
}

func pathFirst(dst []byte, all []pathItem) ([]byte, bool) {
	if len(all) == 0 {
		return dst, false
	}
	return all[0].append(dst), true
}

func pathJSON(f func(dst []byte, all []pathItem) ([]byte, bool), mode pathMode) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		c := newPathCalls(ctx, args, mode)
		var all []pathItem
		return writeNullable(ctx, tJSONB, valid(args, n), n, func(dst []byte, i int) ([]byte, bool, error) {
			all = all[:0]
			if _, _, err := c.run(i, &all); err != nil {
				return dst, false, err
			}
			dst, ok := f(dst, all)
			return dst, ok, nil
		})
	}
}

func pathRows(mode pathMode) func(*udf.Context, []udf.Arg, []arrow.Field, int) (udf.TableRows, error) {
	return func(ctx *udf.Context, args []udf.Arg, columns []arrow.Field, n int) (udf.TableRows, error) {
		c := newPathCalls(ctx, args, mode)
		return udf.EachCall(n, columns, func(i int, to []array.Builder) (int, error) {
			var all []pathItem
			if _, _, err := c.run(i, &all); err != nil {
				return 0, err
			}
			out := to[0].(*array.ExtensionBuilder).StorageBuilder().(*array.StringBuilder)
			var scratch []byte
			for _, item := range all {
				scratch = item.append(scratch[:0])
				out.BinaryBuilder.Append(scratch)
			}
			return len(all), nil
		}), nil
	}
}
