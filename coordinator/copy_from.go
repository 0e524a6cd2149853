package coordinator

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/klauspost/compress/zstd"

	"volley/catalog/memtable"
	"volley/catalog/objstore"
	"volley/parser/ast"
	"volley/sqlerr"
)

// copyFrom runs COPY table FROM. From STDIN it gives a result that takes the
// data; the rows are in the table when that is done, all of them or none.
func (s *Session) copyFrom(ctx context.Context, p *Prepared, st *ast.Copy) (*Result, error) {
	if s.namesView(st.Table) {
		return nil, sqlerr.New(sqlerr.WrongObjectType, "cannot copy to view \"%s\"", st.Table.Parts[len(st.Table.Parts)-1]).
			WithHint("To enable copying to a view, provide an INSTEAD OF INSERT trigger.")
	}
	table, err := s.writable(st.Table, "copy to")
	if err != nil {
		return nil, err
	}
	opt, err := parseCopyOptions(st)
	if err != nil {
		return nil, err
	}
	if opt.format == "parquet" {
		return s.copyFromParquet(ctx, p, st)
	}
	if opt.freeze {
		if err := s.checkFreeze(table); err != nil {
			return nil, err
		}
	}
	load, err := s.newCopyLoad(ctx, table, st, opt)
	if err != nil {
		return nil, err
	}
	if st.Std {
		res := command("")
		res.copyIn = load
		res.tag = func(int64) string { return load.tag() }
		return res, nil
	}
	if err := s.copyFile(ctx, load, absolute(st.File), opt.compression); err != nil {
		return nil, sqlerr.Find(err).WithPos(st.Position())
	}
	return command(load.tag()), nil
}

// copyFile reads a whole file into a table.
func (s *Session) copyFile(ctx context.Context, load *copyLoad, path, compression string) error {
	file, err := s.c.cfg.Store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	in := io.Reader(&fileReader{ctx: ctx, file: file})
	switch compression {
	case "gzip":
		if in, err = gzip.NewReader(in); err != nil {
			return sqlerr.Wrap(err, sqlerr.DataCorrupted, "could not read file %q", path)
		}
	case "zstd":
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return sqlerr.Wrap(err, sqlerr.DataCorrupted, "could not read file %q", path)
		}
		defer z.Close()
		in = z
	}
	buf := make([]byte, 1<<20)
	for {
		n, err := in.Read(buf)
		if n > 0 {
			if _, err := load.Write(buf[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return load.Done()
		}
		if err != nil {
			return sqlerr.Wrap(err, sqlerr.DataCorrupted, "could not read file %q", path)
		}
	}
}

// fileReader reads an object from start to end.
type fileReader struct {
	ctx  context.Context
	file objstore.Reader
	at   int64
}

func (r *fileReader) Read(p []byte) (int, error) {
	left := r.file.Info().Size - r.at
	if left <= 0 {
		return 0, io.EOF
	}
	n, err := r.file.ReadAt(r.ctx, p[:min(int64(len(p)), left)], r.at)
	r.at += int64(n)
	if n > 0 && errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// copyFromParquet is INSERT INTO table SELECT * FROM 'file.parquet'.
func (s *Session) copyFromParquet(ctx context.Context, p *Prepared, st *ast.Copy) (*Result, error) {
	sel := &ast.Select{
		Pos: st.Pos, Items: []ast.SelectItem{{Expr: &ast.Star{Pos: st.Pos}}},
		From: []ast.TableRef{&ast.Table{Pos: st.Pos, File: st.File}},
	}
	insert := &ast.Insert{Pos: st.Pos, Table: st.Table, Columns: ast.Targets(st.Pos, st.Columns), Query: &ast.Query{Pos: st.Pos, Body: sel}}
	c := &Prepared{s: s, sql: p.sql, stmt: insert, binding: binding{change: insert}}
	if err := c.bindChange(ctx); err != nil {
		return nil, err
	}
	var n int64
	err := s.write(ctx, func(ctx context.Context, tx *memtable.Tx) (err error) {
		_, n, err = s.change(ctx, tx, c, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	return command(fmt.Sprintf("COPY %d", n)), nil
}

func countRows(recs []arrow.Record) (n int64) {
	for _, rec := range recs {
		n += rec.NumRows()
	}
	return n
}
