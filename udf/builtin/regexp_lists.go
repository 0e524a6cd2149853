package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

// textListWriter makes an array of text[].
type textListWriter struct {
	items   *textWriter
	nulls   []int // elements that are NULL
	offsets []int32
}

func newTextListWriter(ctx *udf.Context, rows int) *textListWriter {
	return &textListWriter{items: newTextWriter(ctx, rows), offsets: make([]int32, 1, rows+1)}
}

func (w *textListWriter) add(s string) error {
	w.items.data = append(w.items.data, s...)
	return w.items.endRow()
}

func (w *textListWriter) addNull() error {
	w.nulls = append(w.nulls, len(w.items.offsets)-1)
	return w.items.endRow()
}

func (w *textListWriter) endList() { w.offsets = append(w.offsets, int32(len(w.items.offsets)-1)) }

func (w *textListWriter) array(v vector.Validity) arrow.Array {
	var items vector.Validity
	n := len(w.items.offsets) - 1
	for _, i := range w.nulls {
		items.SetNull(i, n)
	}
	return vector.FromList(tTexts, w.offsets, w.items.array(tText, items), v)
}

// lists runs a function that gives an array of text, or NULL, for each row.
func lists(ctx *udf.Context, args []udf.Arg, n int, row func(w *textListWriter, i int) (bool, error)) (arrow.Array, error) {
	v, w := valid(args, n).Clone(), newTextListWriter(ctx, n)
	for i := range n {
		if v.Valid(i) {
			ok, err := row(w, i)
			if err != nil {
				return nil, &udf.RowError{Row: i, Err: err}
			}
			if !ok {
				v.SetNull(i, n)
			}
		}
		w.endList()
	}
	return w.array(v), nil
}

func flagsAt(args []udf.Arg, i int) string {
	if len(args) < 3 {
		return ""
	}
	return textAt(args[2], i)
}

// regexpMatch is the groups of the first match, or the match itself.
func regexpMatch(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	var cache regexps
	s, p := load[string](args[0]), load[string](args[1])
	return lists(ctx, args, n, func(w *textListWriter, i int) (bool, error) {
		flags := flagsAt(args, i)
		if err := refuseGlobal(flags, "regexp_match()", "Use the regexp_matches function instead."); err != nil {
			return false, err
		}
		re, err := cache.use(p.At(i), flags)
		if err != nil {
			return false, err
		}
		at, err := re.find(s.At(i), 0)
		if err != nil || at == nil {
			return false, err
		}
		return true, w.addGroups(s.At(i), at)
	})
}

func (w *textListWriter) addGroups(s string, at []int) error {
	if len(at) > 2 {
		at = at[2:]
	}
	for g := 0; g < len(at); g += 2 {
		var err error
		if at[g] < 0 {
			err = w.addNull()
		} else {
			err = w.add(s[at[g]:at[g+1]])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// regexpSplit is what stands between the matches. An empty match at an end of
// the text, or where the one before it ended, splits nothing.
func regexpSplit(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	var cache regexps
	s, p := load[string](args[0]), load[string](args[1])
	return lists(ctx, args, n, func(w *textListWriter, i int) (bool, error) {
		flags := flagsAt(args, i)
		if err := refuseGlobal(flags, "regexp_split_to_array()", ""); err != nil {
			return false, err
		}
		re, err := cache.use(p.At(i), flags)
		if err != nil {
			return false, err
		}
		return true, splitBy(re, s.At(i), w.add)
	})
}

// splitBy calls f with each part of s between matches.
func splitBy(re *pattern, s string, f func(part string) error) error {
	all, err := re.findAll(s, 0, maxMatches)
	if err != nil {
		return err
	}
	if len(all) == maxMatches {
		return errTooManyMatches()
	}
	begin := 0
	for _, at := range all {
		if at[0] == at[1] && (at[0] == 0 || at[0] == len(s) || at[0] == begin) {
			continue
		}
		if err := f(s[begin:at[0]]); err != nil {
			return err
		}
		begin = at[1]
	}
	return f(s[begin:])
}
