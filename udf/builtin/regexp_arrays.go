package builtin

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/udf"
)

// registerRegexpArrays adds the regexp_ functions that give arrays or rows.
func registerRegexpArrays(b *registrar) {
	list := arrow.ListOf(tText)
	for _, params := range [][]arrow.DataType{types(tText, tText), types(tText, tText, tText)} {
		b.strict("regexp_match", params, list, regexpMatch)
		b.strict("regexp_split_to_array", params, list, regexpSplit)
		b.table(udf.Table{
			Name: "regexp_split_to_table", Params: params, Returns: scalarResult(tText), Rows: 1000,
			Open: func(ctx *udf.Context, args []udf.Arg, columns []arrow.Field, n int) (udf.TableRows, error) {
				r := newRegexpRows(ctx, args, "regexp_split_to_table()")
				return udf.EachCall(n, columns, func(i int, to []array.Builder) (int, error) {
					rows := 0
					err := r.split(i, func(part string, _ bool) {
						to[0].(*array.StringBuilder).Append(part)
						rows++
					})
					return rows, err
				}), nil
			},
		})
		b.table(udf.Table{Name: "regexp_matches", Params: params, Returns: scalarResult(list), Rows: 1, Open: openRegexpMatches})
	}
}

// regexpRows applies the patterns of rows to the texts of rows.
type regexpRows struct {
	args     []udf.Arg
	function string // refuses flag g; "" takes it
	cache    regexps
	texts    func(arg, i int) string
}

func newRegexpRows(ctx *udf.Context, args []udf.Arg, function string) *regexpRows {
	columns := make([]func(int) string, len(args))
	for k, a := range args {
		c := load[string](a)
		columns[k] = c.At
	}
	return &regexpRows{cache: regexps{ctx: ctx}, args: args, function: function, texts: func(arg, i int) string { return columns[arg](i) }}
}

// pattern is row i's expression, and whether all matches are wanted.
func (r *regexpRows) pattern(i int) (re *pattern, global bool, err error) {
	flags := ""
	if len(r.args) > 2 {
		flags = r.texts(2, i)
	}
	if r.function != "" {
		hint := ""
		if r.function == "regexp_match()" {
			hint = "Use the regexp_matches function instead."
		}
		if err := refuseGlobal(flags, r.function, hint); err != nil {
			return nil, false, err
		}
	}
	re, err = r.cache.use(r.texts(1, i), flags)
	return re, strings.Contains(flags, "g"), err
}

// split calls emit with the parts between matches. As in PostgreSQL, matches
// of nothing at the ends of the text and right after another match do not count.
func (r *regexpRows) split(i int, emit func(part string, null bool)) error {
	re, _, err := r.pattern(i)
	if err != nil {
		return err
	}
	s := r.texts(0, i)
	matches, err := re.findAll(s, 0, maxMatches)
	if err != nil {
		return err
	}
	if len(matches) == maxMatches {
		return errTooManyMatches()
	}
	begin, previous := 0, 0
	for _, at := range matches {
		if at[0] < len(s) && at[1] > previous {
			emit(s[begin:at[0]], false)
			begin = at[1]
		}
		previous = at[1]
	}
	emit(s[begin:], false)
	return nil
}

// groups calls emit with the parts that the groups matched, or the whole match
// when there are none.
func groups(s string, at []int, emit func(part string, null bool)) {
	if len(at) > 2 {
		at = at[2:]
	}
	for k := 0; k < len(at); k += 2 {
		if at[k] < 0 {
			emit("", true)
		} else {
			emit(s[at[k]:at[k+1]], false)
		}
	}
}

func regexpMatch(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	return textListKernel(ctx, args, n, "regexp_match()", func(r *regexpRows, i int, w *listWriter) error {
		re, _, err := r.pattern(i)
		if err != nil {
			return err
		}
		s := r.texts(0, i)
		at, err := re.find(s, 0)
		if err != nil {
			return err
		}
		if at == nil {
			w.setNull(i)
			return nil
		}
		groups(s, at, func(part string, null bool) { w.append([]byte(part), null) })
		return nil
	})
}

func regexpSplit(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	return textListKernel(ctx, args, n, "regexp_split_to_array()", func(r *regexpRows, i int, w *listWriter) error {
		return r.split(i, func(part string, null bool) { w.append([]byte(part), null) })
	})
}

// textListKernel is the kernel of a strict function that gives text[].
func textListKernel(ctx *udf.Context, args []udf.Arg, n int, function string, row func(r *regexpRows, i int, w *listWriter) error) (arrow.Array, error) {
	r, v, w := newRegexpRows(ctx, args, function), valid(args, n), newListWriter(ctx, n)
	for i := range n {
		if !v.Valid(i) {
			w.setNull(i)
		} else if err := row(r, i, w); err != nil {
			return nil, &udf.RowError{Row: i, Err: err}
		}
		if err := w.endRow(); err != nil {
			return nil, &udf.RowError{Row: i, Err: err}
		}
	}
	return w.array(), nil
}

func openRegexpMatches(ctx *udf.Context, args []udf.Arg, columns []arrow.Field, n int) (udf.TableRows, error) {
	r := newRegexpRows(ctx, args, "")
	return udf.EachCall(n, columns, func(i int, to []array.Builder) (int, error) {
		re, global, err := r.pattern(i)
		if err != nil {
			return 0, err
		}
		limit := 1
		if global {
			limit = maxMatches
		}
		s := r.texts(0, i)
		matches, err := re.findAll(s, 0, limit)
		if err != nil {
			return 0, err
		}
		if len(matches) == maxMatches {
			return 0, errTooManyMatches()
		}
		list := to[0].(*array.ListBuilder)
		texts := list.ValueBuilder().(*array.StringBuilder)
		for _, at := range matches {
			list.Append(true)
			groups(s, at, func(part string, null bool) {
				if null {
					texts.AppendNull()
				} else {
					texts.Append(part)
				}
			})
		}
		return len(matches), nil
	}), nil
}
