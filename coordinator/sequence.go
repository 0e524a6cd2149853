package coordinator

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/catalog/pgcatalog"
	"volley/parser/ast"
	"volley/sqlerr"
	"volley/sqltype"
)

// createSequence runs CREATE SEQUENCE.
func (s *Session) createSequence(ctx context.Context, st *ast.CreateSequence) (*Result, error) {
	const tag = "CREATE SEQUENCE"
	schema, err := s.creationSchema(st.Name, st.Temp)
	if err != nil {
		return nil, err
	}
	name := st.Name.Parts[len(st.Name.Parts)-1]
	if s.relationExists(schema, name) {
		if st.IfNotExists {
			return command(tag, notice(sqlerr.DuplicateTable, "relation \""+name+"\" already exists, skipping")), nil
		}
		return nil, sqlerr.At(st.Name.Position(), sqlerr.DuplicateTable, "relation \"%s\" already exists", name)
	}
	d := memtable.SequenceDefinition{Schema: schema, Name: name, Temp: isTemp(schema)}
	if err := defineSequence(&d, &st.Options, 64, true); err != nil {
		return nil, err
	}
	err = s.write(ctx, func(_ context.Context, tx *memtable.Tx) error {
		_, err := tx.CreateSequence(ctx, d)
		return err
	})
	return command(tag), err
}

// defineSequence applies options to a sequence of integers of so many bits;
// those that are not given are the defaults of a fresh one, or stay.
func defineSequence(d *memtable.SequenceDefinition, o *ast.SequenceOptions, bits int, fresh bool) error {
	if o.Type != nil {
		t, err := sqltype.Resolve(o.Type.Name, o.Type.Mods, o.Type.Array)
		if err != nil {
			return sqlerr.Find(err).WithPos(o.Type.Position())
		}
		if bits = integerBits(t); bits == 0 {
			return sqlerr.At(o.Type.Position(), sqlerr.InvalidParameterValue, "sequence type must be smallint, integer, or bigint")
		}
	}
	if fresh {
		d.Increment = 1
	}
	if o.Increment != nil {
		if d.Increment = *o.Increment; d.Increment == 0 {
			return sqlerr.New(sqlerr.InvalidParameterValue, "INCREMENT must not be zero")
		}
	}
	low, high := memtable.Bounds(bits, d.Increment > 0)
	if fresh || o.NoMin {
		d.Min = low
	}
	if fresh || o.NoMax {
		d.Max = high
	}
	if o.Min != nil {
		d.Min = *o.Min
	}
	if o.Max != nil {
		d.Max = *o.Max
	}
	if d.Min >= d.Max {
		return sqlerr.New(sqlerr.InvalidParameterValue, "MINVALUE (%d) must be less than MAXVALUE (%d)", d.Min, d.Max)
	}
	if fresh {
		if d.Start = d.Min; d.Increment < 0 {
			d.Start = d.Max
		}
	}
	if o.Start != nil {
		d.Start = *o.Start
	}
	switch {
	case d.Start < d.Min:
		return sqlerr.New(sqlerr.InvalidParameterValue, "START value (%d) cannot be less than MINVALUE (%d)", d.Start, d.Min)
	case d.Start > d.Max:
		return sqlerr.New(sqlerr.InvalidParameterValue, "START value (%d) cannot be greater than MAXVALUE (%d)", d.Start, d.Max)
	}
	if o.Cycle != nil {
		d.Cycle = *o.Cycle
	}
	return nil
}

func integerBits(t arrow.DataType) int {
	switch t.ID() {
	case arrow.INT16:
		return 16
	case arrow.INT32:
		return 32
	case arrow.INT64:
		return 64
	}
	return 0
}

// addSequence gives a serial or identity column its sequence.
func (d *tableDefinition) addSequence(col *memtable.Column, c *ast.ColumnDef) error {
	bits := integerBits(col.Type)
	if bits == 0 {
		return sqlerr.At(c.Position(), sqlerr.InvalidParameterValue, "identity column type must be smallint, integer, or bigint")
	}
	if c.Identity != "" && c.Default != nil {
		return sqlerr.At(c.Position(), sqlerr.SyntaxError, "both default and identity specified for column \"%s\" of table \"%s\"", c.Name, d.def.Name)
	}
	if d.used == nil {
		d.used = map[string]bool{}
	}
	q := memtable.SequenceDefinition{Schema: d.def.Schema, Name: d.freeName(d.def.Name + "_" + c.Name + "_seq"), Temp: isTemp(d.def.Schema)}
	if err := defineSequence(&q, &c.Sequence, bits, true); err != nil {
		return sqlerr.Find(err).WithPos(c.Position())
	}
	d.sequences = append(d.sequences, q)
	col.Sequence, col.NotNull = q.Name, true
	return nil
}

// alterSequence runs ALTER SEQUENCE.
func (s *Session) alterSequence(ctx context.Context, st *ast.AlterSequence) (*Result, error) {
	const tag = "ALTER SEQUENCE"
	q := s.findSequence(st.Name)
	if q == nil {
		name := st.Name.Parts[len(st.Name.Parts)-1]
		if st.IfExists {
			return command(tag, notice("00000", "relation \""+name+"\" does not exist, skipping")), nil
		}
		return nil, sqlerr.At(st.Name.Position(), sqlerr.UndefinedTable, "relation \"%s\" does not exist", name)
	}
	if t := s.identityOf(q); t != "" && st.Options.OwnedBy != nil {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "cannot change ownership of identity sequence").
			WithDetail("Sequence \"%s\" is linked to table \"%s\".", q.Definition().Name, t)
	}
	err := s.write(ctx, func(ctx context.Context, tx *memtable.Tx) error { return changeSequence(ctx, tx, q, &st.Options, 64) })
	if err != nil {
		return nil, err
	}
	return command(tag), nil
}

// identityOf is the name of the table of which a sequence numbers an identity column, "" for
// none.
func (s *Session) identityOf(q *memtable.Sequence) string {
	d := q.Definition()
	for _, t := range s.tables().Tables() {
		def, _ := s.tables().Describe(t)
		if def.Schema == d.Schema && slices.ContainsFunc(def.Columns, func(c memtable.Column) bool { return c.Identity != 0 && c.Sequence == d.Name }) {
			return def.Name
		}
	}
	return ""
}

// changeSequence applies options to a sequence of integers of so many bits.
func changeSequence(ctx context.Context, tx *memtable.Tx, q *memtable.Sequence, o *ast.SequenceOptions, bits int) error {
	d := q.Definition()
	if err := defineSequence(&d, o, bits, false); err != nil {
		return err
	}
	var restart *int64
	if o.Restart {
		if restart = o.RestartWith; restart == nil {
			restart = &d.Start
		}
	}
	return tx.AlterSequence(ctx, q, d, restart)
}

// findSequence finds a sequence by name, nil for none.
func (s *Session) findSequence(q ast.QName) *memtable.Sequence {
	for _, schema := range s.schemas(q) {
		if found := s.tables().Sequence(schema, q.Parts[len(q.Parts)-1]); found != nil {
			return found
		}
	}
	return nil
}

// sequenceOf finds a sequence by its number.
func (s *Session) sequenceOf(oid uint32) (*memtable.Sequence, error) {
	for _, q := range s.tables().Sequences() {
		if s.c.numbers.Of("sequence", q.ID()) == oid {
			return q, nil
		}
	}
	if name := s.catalogs().ObjectName("regclass", oid); name != "" {
		return nil, sqlerr.New(sqlerr.WrongObjectType, "\"%s\" is not a sequence", name)
	}
	return nil, sqlerr.New(sqlerr.UndefinedTable, "could not open relation with OID %d", oid)
}

// given remembers the number that a session was given last.
func (s *Session) given(q *memtable.Sequence, v int64) {
	if s.currvals == nil {
		s.currvals = map[string]int64{}
	}
	s.currvals[q.ID()], s.lastSequence = v, q.ID()
}

// NextValue is nextval().
func (h sessionHandle) NextValue(oid uint32) (int64, error) {
	q, err := h.s.sequenceOf(oid)
	if err != nil {
		return 0, err
	}
	if err := h.s.checkSequence(q, "nextval()"); err != nil {
		return 0, err
	}
	v, err := q.Next(h.s.context(), h.s.writes)
	if err == nil {
		h.s.given(q, v)
	}
	return v, err
}

// checkSequence refuses to change a sequence in a read-only transaction.
func (s *Session) checkSequence(q *memtable.Sequence, function string) error {
	if v, _ := s.settings.get("transaction_read_only"); v == "on" && !q.Definition().Temp {
		return readOnly(function)
	}
	return nil
}

// CurrentValue is currval().
func (h sessionHandle) CurrentValue(oid uint32) (int64, error) {
	q, err := h.s.sequenceOf(oid)
	if err != nil {
		return 0, err
	}
	if v, ok := h.s.currvals[q.ID()]; ok {
		return v, nil
	}
	return 0, sqlerr.New("55000", "currval of sequence \"%s\" is not yet defined in this session", q.Definition().Name)
}

// LastValue is lastval().
func (h sessionHandle) LastValue() (int64, error) {
	if v, ok := h.s.currvals[h.s.lastSequence]; ok {
		return v, nil
	}
	return 0, sqlerr.New("55000", "lastval is not yet defined in this session")
}

// SetValue is setval().
func (h sessionHandle) SetValue(oid uint32, v int64, called bool) error {
	q, err := h.s.sequenceOf(oid)
	if err != nil {
		return err
	}
	if err := h.s.checkSequence(q, "setval()"); err != nil {
		return err
	}
	if err := q.Set(h.s.context(), h.s.writes, v, called); err != nil {
		return err
	}
	if called {
		h.s.given(q, v)
	}
	return nil
}

// sequenceText is the default of a column with a sequence as SQL.
func sequenceText(schema, sequence string, visible bool) string {
	name := pgcatalog.QuoteIdent(sequence)
	if !visible {
		name = pgcatalog.QuoteIdent(schema) + "." + name
	}
	return "nextval(" + quoteText(name) + "::regclass)"
}

// restart sets the sequences of a table's columns back to their start.
func (s *Session) restart(ctx context.Context, tx *memtable.Tx, t *memtable.Table) error {
	def := t.Definition()
	for _, c := range def.Columns {
		if q := s.tables().Sequence(def.Schema, c.Sequence); q != nil {
			d := q.Definition()
			if err := tx.AlterSequence(ctx, q, d, &d.Start); err != nil {
				return err
			}
		}
	}
	return nil
}
