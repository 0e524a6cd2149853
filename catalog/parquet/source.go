package parquet

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/hive"
)

// source says where the values of a table's column come from: a column of the
// file, or one value for all of it; neither: they are null.
type source struct {
	column *column
	value  arrow.Array
}

// sources finds the sources of the columns of a scan in one file.
type sources struct {
	f        *footer
	spec     *catalog.ScanSpec
	opts     options
	filename string
}

func newSources(f *footer, spec *catalog.ScanSpec, opts options) *sources {
	s := &sources{f: f, spec: spec, opts: opts}
	s.filename, _ = hive.FilenameColumn(spec.Options)
	return s
}

// of gives the source of a column of the table.
func (s *sources) of(field arrow.Field) (source, error) {
	for _, name := range s.spec.Partition {
		if name == field.Name {
			v, err := hive.Value(s.f.path, field)
			return source{value: v}, err
		}
	}
	if s.filename != "" && field.Name == s.filename {
		b := array.NewStringBuilder(memory.DefaultAllocator)
		b.Append(s.f.path)
		return source{value: b.NewArray()}, nil
	}
	c := s.f.find(field.Name)
	if c == nil {
		if s.opts.unionByName {
			return source{}, nil
		}
		return source{}, missingColumn(field.Name, s.f.path, s.spec.Table)
	}
	if s.opts.binaryAsString {
		c = c.asText()
	}
	return source{column: c}, nil
}
