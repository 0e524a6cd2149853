package csv

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/sqlerr"
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// skipHead moves a window at the start of a file past the byte order mark, the
// lines to skip and the header, whose fields it gives (nil without one). want is
// how many bytes to read first.
func (r *rowFinder) skipHead(ctx context.Context, want int) (header []string, err error) {
	if r.lim == 0 {
		if err := r.fill(ctx, want); err != nil {
			return nil, err
		}
	}
	if bytes.HasPrefix(r.buf[:r.lim], byteOrderMark) {
		r.pos = len(byteOrderMark)
	}
	if err := r.skipLines(ctx, r.skip); err != nil || !r.header {
		return nil, err
	}
	return r.firstRecord(ctx)
}

// skipLines moves past n lines, whatever is in them.
func (r *rowFinder) skipLines(ctx context.Context, n int) error {
	for range n {
		_, err := r.whole(ctx, func() recordStatus {
			next, status := r.lineEnd(r.buf[:r.lim], r.pos, r.eof)
			r.pos = next
			return status
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// firstRecord moves past the next record that has anything in it and gives its
// fields; nil at the end of the file.
func (r *rowFinder) firstRecord(ctx context.Context) ([]string, error) {
	for {
		if r.pos == r.lim && r.eof {
			return nil, nil
		}
		status, err := r.whole(ctx, func() (status recordStatus) {
			r.fields, r.next, status = r.record(r.buf[:r.lim], r.pos, r.eof, r.fields[:0])
			return status
		})
		if err != nil {
			return nil, err
		}
		fields := r.texts(r.fields)
		empty := status == recordComment || emptyLine(r.fields)
		r.pos = r.next
		if !empty {
			return fields, nil
		}
	}
}

// whole reads on until scan has all the bytes it needs.
func (r *rowFinder) whole(ctx context.Context, scan func() recordStatus) (recordStatus, error) {
	for {
		status := scan()
		switch status {
		case recordWhole, recordComment:
			return status, nil
		case recordIncomplete:
			if err := r.fill(ctx, blockBytes); err != nil {
				return status, err
			}
		default:
			return status, &fault{offset: r.offset(), err: sqlerr.New(sqlerr.BadCopyFileFormat, "malformed quotes in the header")}
		}
	}
}

// emptyLine tells whether a record is a line without anything in it.
func emptyLine(fields []field) bool {
	return len(fields) == 1 && !fields[0].quoted && fields[0].beg == fields[0].end
}

// texts copies the fields of a record.
func (r *rowFinder) texts(fields []field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		b := bytes.Clone(r.buf[f.beg:f.end])
		if f.escaped {
			b = r.unescape(b)
		}
		out[i] = string(b)
	}
	return out
}

// columnNames makes the fields of a header into names: trimmed, valid, not
// empty and unique (a, a_1; column0).
func columnNames(header []string, fieldCount int) []string {
	width := len(fmt.Sprint(max(fieldCount-1, 0)))
	names := make([]string, fieldCount)
	taken := map[string]bool{}
	for i := range names {
		name := ""
		if i < len(header) {
			name = strings.ToValidUTF8(strings.ReplaceAll(strings.TrimSpace(header[i]), "\x00", ""), "\ufffd")
		}
		if name == "" {
			name = fmt.Sprintf("column%0*d", width, i)
		}
		unique := name
		for n := 1; taken[strings.ToLower(unique)]; n++ {
			unique = fmt.Sprintf("%s_%d", name, n)
		}
		taken[strings.ToLower(unique)] = true
		names[i] = unique
	}
	return names
}

// readHeader gives the column names in a file's header.
func readHeader(ctx context.Context, store objstore.Store, o *options, file catalog.FileInfo) ([]string, error) {
	src, err := openSource(ctx, store, o, file, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.close() }()
	r := rowFinder{window: newWindow(src, 0), options: o}
	header, err := r.skipHead(ctx, 4<<10)
	if err != nil {
		return nil, err
	}
	return columnNames(header, len(header)), nil
}
