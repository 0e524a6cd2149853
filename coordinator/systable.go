package coordinator

import (
	"context"
	"io"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/coordinator/sched"
	"volley/sqlerr"
	"volley/sqltype"
)

// systemFormatName is the format of tables whose rows the coordinator makes
// when they are read. They are read in the root stage only.
const systemFormatName = "system"

// systemTable is a table of the schema volley.
type systemTable struct {
	schema *arrow.Schema
	fill   func(s *sched.Scheduler, b *rowBuilder)
}

func fields(names string, types ...arrow.DataType) *arrow.Schema {
	list := make([]arrow.Field, 0, len(types))
	word := ""
	for _, r := range names + " " {
		if r != ' ' {
			word += string(r)
			continue
		}
		list = append(list, arrow.Field{Name: word, Type: types[len(list)], Nullable: true})
		word = ""
	}
	return arrow.NewSchema(list, nil)
}

var systemTables = map[string]systemTable{
	"workers": {
		fields("id address state version threads last_seen",
			sqltype.Text, sqltype.Text, sqltype.Text, sqltype.Text, sqltype.Int32, sqltype.TimestampTZ),
		func(s *sched.Scheduler, b *rowBuilder) {
			for _, w := range s.Workers() {
				b.add(w.ID, w.Address, w.State, w.Version, int32(w.Threads), w.LastSeen)
			}
		},
	},
	"queries": {
		fields("id sql state started elapsed_ms rows error user_name",
			sqltype.Text, sqltype.Text, sqltype.Text, sqltype.TimestampTZ, sqltype.Float64, sqltype.Int64, sqltype.Text, sqltype.Text),
		func(s *sched.Scheduler, b *rowBuilder) {
			for _, q := range s.Queries() {
				var failure any
				if q.Error != nil {
					failure = q.Error.Error()
				}
				b.add(q.ID, q.SQL, q.State, q.Started, millis(q.Elapsed), q.Rows, failure, q.User)
			}
		},
	},
	"secrets": {
		fields("name type provider persistent storage scope secret_string",
			sqltype.Text, sqltype.Text, sqltype.Text, sqltype.Bool, sqltype.Text, arrow.ListOf(sqltype.Text), sqltype.Text),
		func(s *sched.Scheduler, b *rowBuilder) {
			for _, v := range s.Secrets().Set().List() {
				b.add(v.Name, v.Type, v.Provider, v.Persistent, v.Storage, v.Scope, v.Describe())
			}
		},
	},
	"tasks": {
		fields("query stage task attempt worker state rows bytes elapsed_ms",
			sqltype.Text, sqltype.Int32, sqltype.Int32, sqltype.Int32, sqltype.Text, sqltype.Text, sqltype.Int64, sqltype.Int64, sqltype.Float64),
		func(s *sched.Scheduler, b *rowBuilder) {
			for _, t := range s.Tasks() {
				b.add(t.Query, int32(t.Stage), int32(t.Task), int32(t.Attempt), t.Worker, t.State, t.Rows, t.Bytes, millis(t.Elapsed))
			}
		},
	},
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// systemDef is the definition of volley.name, nil when there is none.
func systemDef(name string) *catalog.TableDef {
	t, ok := systemTables[name]
	if !ok {
		return nil
	}
	return &catalog.TableDef{Format: systemFormatName, Location: "volley." + name, Options: map[string]string{"name": name}, Schema: t.schema, Local: true}
}

// rowBuilder makes a record row by row; for the few rows of system tables.
type rowBuilder struct{ *array.RecordBuilder }

func (b *rowBuilder) add(values ...any) {
	for i, v := range values {
		switch f := b.Field(i).(type) {
		case *array.StringBuilder:
			if s, ok := v.(string); ok {
				f.Append(s)
				continue
			}
			f.AppendNull()
		case *array.BooleanBuilder:
			f.Append(v.(bool))
		case *array.ListBuilder:
			f.Append(true)
			for _, s := range v.([]string) {
				f.ValueBuilder().(*array.StringBuilder).Append(s)
			}
		case *array.Int32Builder:
			f.Append(v.(int32))
		case *array.Int64Builder:
			f.Append(v.(int64))
		case *array.Float64Builder:
			f.Append(v.(float64))
		case *array.TimestampBuilder:
			f.Append(arrow.Timestamp(v.(time.Time).UnixMicro()))
		}
	}
}

// systemFormat reads system tables.
type systemFormat struct{ scheduler *sched.Scheduler }

// SystemFormat is the format of the tables of schema volley, which show what a
// scheduler does. It must be among the formats of that scheduler.
func SystemFormat(s *sched.Scheduler) catalog.Format { return &systemFormat{s} }

// Name is "system".
func (f *systemFormat) Name() string { return systemFormatName }

// Infer refuses: these tables have no files.
func (f *systemFormat) Infer(context.Context, objstore.Store, []catalog.FileInfo, catalog.Given) (*catalog.TableDef, error) {
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "the format %q is not for files", systemFormatName)
}

// Splits gives one split.
func (f *systemFormat) Splits(context.Context, objstore.Store, *catalog.TableDef, *catalog.ScanSpec, catalog.SplitTarget) ([]catalog.Split, error) {
	return []catalog.Split{{Exact: true, Rows: -1, Bytes: -1}}, nil
}

// Open makes the table's rows as of now.
func (f *systemFormat) Open(_ context.Context, _ objstore.Store, spec *catalog.ScanSpec, split catalog.Split) (catalog.Reader, error) {
	t, ok := systemTables[spec.Options["name"]]
	if !ok {
		return nil, sqlerr.New(sqlerr.UndefinedTable, "no system table %q", spec.Options["name"])
	}
	b := &rowBuilder{array.NewRecordBuilder(memory.DefaultAllocator, t.schema)}
	t.fill(f.scheduler, b)
	rec := b.NewRecord()
	columns := make([]arrow.Array, len(spec.Projection))
	for i, c := range spec.Projection {
		columns[i] = rec.Column(c)
	}
	out := array.NewRecord(spec.Out(), columns, rec.NumRows())
	return &oneRecord{rec: out, bounds: catalog.Bounds{Start: split.Start, End: split.End}}, nil
}

// oneRecord is a reader of one record.
type oneRecord struct {
	rec    arrow.Record
	bounds catalog.Bounds
}

// Next gives the record, then io.EOF.
func (r *oneRecord) Next(context.Context) (arrow.Record, error) {
	rec := r.rec
	r.rec = nil
	if rec == nil || rec.NumRows() == 0 {
		return nil, io.EOF
	}
	return rec, nil
}

// Bounds are the split's.
func (r *oneRecord) Bounds() catalog.Bounds { return r.bounds }

// Close does nothing.
func (r *oneRecord) Close() error { return nil }
