package builtin

import (
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/sqltype/jsontext"
	"volley/udf"
)

// populator appends JSON values to builders of one SQL type, as
// json_populate_record does: arrays by their elements, rows by their members,
// all else, and what JSON has as a string, by the type's text form. of is the
// name of the value's key, for messages.
type populator func(to array.Builder, value []byte, of string) error

func newPopulator(ctx *udf.Context, t arrow.DataType, function string) populator {
	text := newTextPopulator(ctx, t)
	nested := populator(nil)
	switch t := t.(type) {
	case *arrow.ListType:
		nested = newListPopulator(ctx, t, function)
	case *arrow.StructType:
		r := newRecordPopulator(ctx, t.Fields(), function)
		nested = func(to array.Builder, value []byte, _ string) error {
			s := to.(*array.StructBuilder)
			if err := r.checkObject(value, "populate_composite"); err != nil {
				return err
			}
			s.Append(true)
			fields := make([]array.Builder, s.NumField())
			for i := range fields {
				fields[i] = s.FieldBuilder(i)
			}
			return r.append(fields, value, nil)
		}
	}
	return func(to array.Builder, value []byte, of string) error {
		switch {
		case value[0] == 'n':
			to.AppendNull()
			return nil
		case nested == nil || value[0] == '"':
			return text(to, value, of)
		}
		return nested(to, value, of)
	}
}

func newTextPopulator(ctx *udf.Context, t arrow.DataType) populator {
	parse := sqltype.NewTextParser(t, sqltype.TextOptions{TimeZone: ctx.TimeZone, Style: ctx.Style})
	json := sqltype.IsJSON(t)
	var scratch []byte
	return func(to array.Builder, value []byte, _ string) error {
		if json {
			return parse(to, value)
		}
		if value[0] == '"' {
			if err := jsontext.CheckStrings(value); err != nil {
				return err
			}
		}
		scratch = jsontext.AppendText(scratch[:0], value)
		return parse(to, scratch)
	}
}

// listPopulator reads arrays. The first element that is no array decides how
// many dimensions a value has; they must be those of the type.
type listPopulator struct {
	list    *arrow.ListType
	dims    int
	element populator
	of      string
	sizes   []int // elements read so far in each dimension
	lengths []int // of each dimension, −1 while it is not known
}

func newListPopulator(ctx *udf.Context, t *arrow.ListType, function string) populator {
	dims, element := sqltype.Dimensions(t), newPopulator(ctx, sqltype.ElementType(t), function)
	return func(to array.Builder, value []byte, of string) error {
		p := &listPopulator{list: t, dims: dims, element: element, of: of}
		if value[0] != '[' {
			return p.expectedArray(0)
		}
		n := leafDepth(value)
		p.sizes, p.lengths = make([]int, n), make([]int, n)
		for i := range p.lengths {
			p.lengths[i] = -1
		}
		if n == dims || n == 1 && jsontext.Len(value) == 0 {
			return p.append(to, value, 1, n)
		}
		// what is wrong with the value itself is said first
		scratch := array.NewBuilder(builderMemory, sqltype.ArrayOf(sqltype.ElementType(t), n))
		if err := p.append(scratch, value, 1, n); err != nil {
			return err
		}
		if p.lengths[n-1] <= 0 {
			to.(*array.ListBuilder).Append(true)
			return nil
		}
		return sqlerr.New(sqlerr.FeatureNotSupported, "arrays of %d and %d dimensions in one column are not supported", n, dims)
	}
}

// leafDepth is in how many arrays the first value that is no array stands.
func leafDepth(value []byte) int {
	depth := 0
	for value != nil && value[0] == '[' {
		depth++
		value, _ = jsontext.Element(value, 0)
	}
	return depth
}

// append reads an array that stands in depth−1 others, of n dimensions.
func (p *listPopulator) append(to array.Builder, value []byte, depth, n int) error {
	list := to.(*array.ListBuilder)
	list.Append(true)
	var err error
	jsontext.Items(value, func(_, item []byte) bool {
		if depth < n {
			if item[0] != '[' {
				err = p.expectedArray(depth)
				return false
			}
			err = p.append(list.ValueBuilder(), item, depth+1, n)
		} else {
			err = p.element(list.ValueBuilder(), item, p.of)
		}
		p.sizes[depth-1]++
		return err == nil
	})
	if err != nil {
		return err
	}
	switch size := p.sizes[depth-1]; {
	case p.lengths[depth-1] < 0:
		p.lengths[depth-1] = size
	case p.lengths[depth-1] != size:
		return sqlerr.New(sqlerr.InvalidText, "malformed JSON array").
			WithDetail("Multidimensional arrays must have sub-arrays with matching dimensions.")
	}
	if depth > 1 {
		p.sizes[depth-1] = 0
	}
	return nil
}

// expectedArray is the error of a value that should be an array, below depth
// others.
func (p *listPopulator) expectedArray(depth int) error {
	err := sqlerr.New(sqlerr.InvalidText, "expected JSON array")
	var place strings.Builder
	for _, i := range p.sizes[:depth] {
		place.WriteString("[" + strconv.Itoa(i) + "]")
	}
	switch {
	case depth == 0 && p.of == "":
		return err
	case depth == 0:
		return err.WithHint("See the value of key \"%s\".", p.of)
	case p.of == "":
		return err.WithHint("See the array element %s.", place.String())
	}
	return err.WithHint("See the array element %s of key \"%s\".", place.String(), p.of)
}
