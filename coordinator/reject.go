package coordinator

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/coordinator/sched"
	"volley/parser/ast"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype"
)

// rejectColumns are those of a rejects table.
var rejectColumns = []memtable.Column{
	{Name: "file", Type: sqltype.Text},
	{Name: "line", Type: sqltype.Int64},
	{Name: "byte", Type: sqltype.Int64},
	{Name: "column", Type: sqltype.Text},
	{Name: "text", Type: sqltype.Text},
	{Name: "reason", Type: sqltype.Text},
}

// scanRejects is what one scan of files made NULL or left out.
type scanRejects struct {
	def  *catalog.TableDef
	spec *catalog.ScanSpec
	catalog.Rejects
	widened bool // the values have been kept, in columns of wider types
}

// rejectsTable gives the name that a scan's options say; nil for none.
func rejectsTable(options map[string]string) *ast.QName {
	name := options["rejects_table"]
	if name == "" {
		return nil
	}
	return &ast.QName{Parts: strings.SplitN(name, ".", 2)}
}

// checkRejectTables refuses a plan whose rejects could not be kept.
func (s *Session) checkRejectTables(plan *physical.Plan) error {
	for _, def := range plan.Defs {
		q := rejectsTable(def.Options)
		if q == nil {
			continue
		}
		if v, _ := s.settings.get("transaction_read_only"); v == "on" {
			return readOnly("INSERT")
		}
		if _, _, err := s.rejectsTarget(*q); err != nil {
			return err
		}
	}
	return nil
}

// rejectsTarget finds a rejects table; nil where it has to be made.
func (s *Session) rejectsTarget(q ast.QName) (t *memtable.Table, schema string, err error) {
	if schema, err = s.creationSchema(q, false); err != nil {
		return nil, "", err
	}
	name := q.Parts[len(q.Parts)-1]
	t = s.tables().Lookup(schema, name)
	if t == nil {
		if s.relationExists(schema, name) {
			return nil, "", sqlerr.New(sqlerr.WrongObjectType, "%q is not a table", name)
		}
		return nil, schema, nil
	}
	same := func(a, b memtable.Column) bool { return a.Name == b.Name && sqltype.Equal(a.Type, b.Type) }
	if !slices.EqualFunc(t.Definition().Columns, rejectColumns, same) {
		return nil, "", sqlerr.New(sqlerr.InvalidTableDefinition, "table %q is not a rejects table", name).
			WithHint(`Its columns must be file text, line bigint, byte bigint, "column" text, text text, reason text.`)
	}
	return t, schema, nil
}

// settleRejects tells of what a query's scans made NULL or left out, and keeps
// it in the tables that the scans' options name.
func (s *Session) settleRejects(ctx context.Context, q *sched.Query, plan *physical.Plan) error {
	list := collectRejects(q, plan)
	for _, def := range widenedTables(plan) {
		list = append(list, widenedRejects(def))
	}
	return s.reportRejects(ctx, list)
}

// widenedTables are a plan's tables whose types Infer has made wider.
func widenedTables(plan *physical.Plan) []*catalog.TableDef {
	var out []*catalog.TableDef
	for _, id := range slices.Sorted(maps.Keys(plan.Defs)) {
		if def := plan.Defs[id]; def.Widened != nil && !slices.Contains(out, def) {
			out = append(out, def)
		}
	}
	return out
}

func widenedRejects(def *catalog.TableDef) *scanRejects {
	spec := &catalog.ScanSpec{Format: def.Format, Options: def.Options}
	r := &scanRejects{def: def, spec: spec, Rejects: *def.Widened, widened: true}
	r.List = slices.Clone(r.List)
	r.arrange()
	return r
}

func (s *Session) reportRejects(ctx context.Context, list []*scanRejects) error {
	for _, r := range list {
		if err := s.findLines(ctx, r); err != nil {
			return err
		}
	}
	for _, r := range list {
		s.notices = append(s.notices, *notice("00000", r.message()))
		name := rejectsTable(r.def.Options)
		if name == nil {
			continue
		}
		if err := s.keepRejects(ctx, *name, r.List); err != nil {
			return err
		}
	}
	return nil
}

// collectRejects sums up the splits of each scan. Scans of one definition, as
// in a join of a table with itself, meet the same rejects; they count once.
func collectRejects(q *sched.Query, plan *physical.Plan) []*scanRejects {
	var list []*scanRejects
	specs := scanSpecs(plan)
	for _, part := range q.Rejects() {
		def, spec := plan.Defs[part.Scan], specs[part.Scan]
		if def == nil || spec == nil {
			continue
		}
		i := slices.IndexFunc(list, func(r *scanRejects) bool { return r.def == def })
		if i < 0 {
			list = append(list, &scanRejects{def: def, spec: spec})
			i = len(list) - 1
		}
		r := list[i]
		r.List = append(r.List, part.Rejects.List...)
		r.Values += part.Rejects.Values
		r.Records += part.Rejects.Records
		r.Cut = r.Cut || part.Rejects.Cut
	}
	for _, r := range list {
		r.arrange()
	}
	return list
}

func scanSpecs(plan *physical.Plan) map[int]*catalog.ScanSpec {
	specs := map[int]*catalog.ScanSpec{}
	var visit func(physical.Node)
	visit = func(n physical.Node) {
		if scan, ok := n.(*physical.Scan); ok {
			specs[scan.ID] = &scan.Spec
		}
		for _, in := range n.Inputs() {
			visit(in)
		}
	}
	for _, st := range plan.Stages {
		visit(st.Root)
	}
	return specs
}

// arrange puts the rejects into the order of the files, each once, and keeps as
// many as the options say.
func (r *scanRejects) arrange() {
	rank := map[string]int{}
	for i, f := range r.def.Files {
		rank[f.Path] = i
	}
	slices.SortStableFunc(r.List, func(a, b catalog.Reject) int {
		return cmp.Or(cmp.Compare(rank[a.File], rank[b.File]), cmp.Compare(a.Byte, b.Byte), cmp.Compare(a.Column, b.Column))
	})
	r.List = slices.CompactFunc(r.List, func(a, b catalog.Reject) bool {
		return a.File == b.File && a.Byte == b.Byte && a.Column == b.Column
	})
	if !r.Cut {
		r.recount()
	}
	limit, _ := strconv.Atoi(r.def.Options["rejects_limit"])
	if limit > 0 && len(r.List) > limit {
		r.List, r.Cut = r.List[:limit], true
	}
}

// recount counts the list, where it is complete.
func (r *scanRejects) recount() {
	r.Values, r.Records = 0, 0
	file, record := "", int64(-1)
	for _, j := range r.List {
		switch {
		case !j.Skipped:
			r.Values++
		case j.File != file || j.Record != record:
			file, record = j.File, j.Record
			r.Records++
		}
	}
}

// findLines gives the rejects their lines, in one pass over each file.
func (s *Session) findLines(ctx context.Context, r *scanRejects) error {
	finder, ok := s.c.cfg.Formats[r.spec.Format].(catalog.LineFinder)
	if !ok {
		return nil
	}
	for i := 0; i < len(r.List); {
		j := i
		var offsets []int64
		for ; j < len(r.List) && r.List[j].File == r.List[i].File; j++ {
			offsets = append(offsets, r.List[j].Byte)
		}
		at := slices.IndexFunc(r.def.Files, func(f catalog.FileInfo) bool { return f.Path == r.List[i].File })
		lines, err := finder.Lines(ctx, s.c.cfg.Store, r.spec, r.def.Files[at], offsets)
		if err != nil {
			return err
		}
		for k, line := range lines {
			r.List[i+k].Line = line
		}
		i = j
	}
	return nil
}

// message is the NOTICE: how many, and what is wrong with the first.
func (r *scanRejects) message() string {
	var parts []string
	count := func(n int64, one, many string) {
		if n == 1 {
			parts = append(parts, one)
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf("%d %s", n, many))
		}
	}
	if r.widened {
		count(r.Values, "1 value did not fit the sampled type of its column, which was widened", "values did not fit the sampled types of their columns, which were widened")
	} else {
		count(r.Values, "1 value or record did not fit and was completed with NULL", "values or records did not fit and were completed with NULL")
	}
	count(r.Records, "1 record did not fit and was skipped", "records did not fit and were skipped")
	text := strings.Join(parts, ", ")
	if len(r.List) > 0 {
		j := r.List[0]
		text += fmt.Sprintf("; the first: file \"%s\", line %d, byte %d", j.File, j.Line, j.Byte+1)
		if j.Column != "" {
			text += ", column " + j.Column
		}
		text += ": " + j.Reason
	}
	if name := r.def.Options["rejects_table"]; name != "" {
		text += fmt.Sprintf("; see table \"%s\"", name)
		if r.Cut {
			text += fmt.Sprintf(", which has the first %d", len(r.List))
		}
	}
	return text
}

// keepRejects adds rows to a rejects table, in the statement's transaction.
func (s *Session) keepRejects(ctx context.Context, q ast.QName, list []catalog.Reject) error {
	add := func(ctx context.Context, tx *memtable.Tx) error {
		t, schema, err := s.rejectsTarget(q)
		if err != nil {
			return err
		}
		if t == nil {
			t, err = tx.Create(ctx, &memtable.Definition{Schema: schema, Name: q.Parts[len(q.Parts)-1], Columns: rejectColumns})
			if err != nil {
				return err
			}
			s.refreshed(t)
		}
		rec, err := t.Conform(rejectArrays(list), int64(len(list)))
		if err != nil {
			return err
		}
		_, err = tx.Apply(ctx, t, memtable.Change{Insert: []arrow.Record{rec}})
		return err
	}
	if s.writes != nil { // of a statement that is under way, which ends it
		return add(ctx, s.writes)
	}
	return s.write(ctx, add)
}

func rejectArrays(list []catalog.Reject) []arrow.Array {
	fields := make([]arrow.Field, len(rejectColumns))
	for i, c := range rejectColumns {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type, Nullable: true}
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	text := func(i int) *array.StringBuilder { return b.Field(i).(*array.StringBuilder) }
	for _, j := range list {
		text(0).Append(j.File)
		b.Field(1).(*array.Int64Builder).Append(j.Line)
		b.Field(2).(*array.Int64Builder).Append(j.Byte + 1)
		if j.Column == "" {
			text(3).AppendNull()
		} else {
			text(3).Append(j.Column)
		}
		text(4).Append(j.Text)
		text(5).Append(j.Reason)
	}
	return b.NewRecord().Columns()
}
