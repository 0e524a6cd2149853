package pgwire

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/jackc/pgproto3/v2"

	"volley/sqltype"
)

// simpleQuery serves a Query message: every statement of the text in turn, up
// to the first that fails.
func (c *conn) simpleQuery(sql string) {
	delete(c.prepared, "")
	delete(c.portals, "")
	ctx, done := c.statementContext() // of all that the message asks for: a cancel request between two statements counts
	defer done()
	texts, offsets, err := c.session.Split(ctx, sql)
	if err != nil {
		c.fail(cause(ctx, err), sql, 0)
		return
	}
	if len(texts) == 0 {
		c.send(&pgproto3.EmptyQueryResponse{})
		return
	}
	for i, text := range texts {
		if err := c.runSimple(ctx, text); err != nil {
			c.fail(err, sql, offsets[i])
			return
		}
	}
}

func (c *conn) runSimple(ctx context.Context, text string) (err error) {
	defer c.contain(&err, c.server.shown(text))
	res, err := c.session.Query(ctx, text)
	if err != nil {
		return cause(ctx, err)
	}
	defer func() { _ = res.Close() }()
	life := res.Context()
	switch {
	case res.CopyIn() != nil:
		err = c.copyIn(life, res)
	case res.CopyOut() > 0:
		err = c.copyOut(life, res)
	default:
		err = c.sendRows(life, res)
	}
	return cause(ctx, err)
}

// sendRows sends a whole result in text format.
func (c *conn) sendRows(ctx context.Context, res Result) error {
	schema := res.Schema()
	var enc *rowEncoder
	if schema != nil {
		var err error
		if enc, err = newRowEncoder(schema, nil, c.session.Text()); err != nil {
			return err
		}
		c.send(rowDescription(schema, nil))
	}
	for {
		rec, err := res.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if enc == nil {
			continue
		}
		if err := c.sendRecord(ctx, enc, rec, 0, int(rec.NumRows())); err != nil {
			return err
		}
	}
	c.complete(res)
	return nil
}

// sendRecord sends rows lo to hi−1 of a record.
func (c *conn) sendRecord(ctx context.Context, enc *rowEncoder, rec arrow.Record, lo, hi int) error {
	for row := lo; row < hi; row++ {
		var err error
		if c.out, err = enc.appendRow(c.out, rec, row); err != nil {
			return err
		}
		if err := c.flushFull(ctx); err != nil {
			return err
		}
	}
	return nil
}

// complete sends the notices and the command tag.
func (c *conn) complete(res Result) {
	for _, n := range res.Notices() {
		c.send(noticeResponse(n))
	}
	if tag := res.Tag(); tag == "" {
		c.send(&pgproto3.EmptyQueryResponse{})
	} else {
		c.send(&pgproto3.CommandComplete{CommandTag: []byte(tag)})
	}
}

func rowDescription(schema *arrow.Schema, formats []int16) *pgproto3.RowDescription {
	m := &pgproto3.RowDescription{Fields: make([]pgproto3.FieldDescription, schema.NumFields())}
	for i, f := range schema.Fields() {
		oid, size, mod := typeOID(f.Type)
		if name, n := sqltype.DeclaredAs(f); name != "" {
			switch name {
			case "varchar":
				oid = oidVarchar
			case "bpchar":
				oid = oidBpchar
			}
			switch {
			case n > 0 && sqltype.IsBits(f.Type):
				mod = n
			case n > 0:
				mod = n + 4
			}
		}
		isBinary, _ := formatOf(formats, i, schema.NumFields())
		m.Fields[i] = pgproto3.FieldDescription{
			Name: []byte(f.Name), DataTypeOID: oid, DataTypeSize: size, TypeModifier: mod,
		}
		if isBinary {
			m.Fields[i].Format = 1
		}
	}
	return m
}
