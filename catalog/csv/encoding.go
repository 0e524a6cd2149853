package csv

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"volley/sqltype/textencoding"
)

// encodingOf finds the encoding of an option: utf-8, utf-16, or one of those that
// PostgreSQL converts. It gives the name by which EXPLAIN shows it.
func encodingOf(option string) (name string, ok bool) {
	switch name := strings.ToLower(option); name {
	case "", "utf-8", "utf8":
		return "utf-8", true
	case "utf-16", "utf16":
		return "utf-16", true
	case "latin-1", "latin1", "iso-8859-1", "iso_8859_1":
		return "latin-1", true
	case westernEncoding, "cp1252", "win1252", "windows1252":
		return westernEncoding, true
	}
	e, ok := textEncoding(option)
	if e == nil {
		return "utf-8", ok
	}
	return strings.ToLower(e.Name()), ok && e.Check(0) == nil
}

func textEncoding(name string) (*textencoding.Encoding, bool) {
	if page, ok := strings.CutPrefix(strings.ToLower(name), "cp"); ok { // as Python has the code pages of Windows
		name = "win" + page
	}
	return textencoding.Find(name)
}

// transcode gives UTF-8. The outer buffer serves reads of a few bytes, which
// the decoders cannot: they write whole characters.
func transcode(r io.Reader, encoding string) io.Reader {
	switch encoding {
	case "utf-8":
		return r
	case "utf-16":
		return bufio.NewReaderSize(&utf16Reader{r: bufio.NewReaderSize(r, 1<<16)}, 1<<16)
	}
	e, _ := textEncoding(encoding)
	if table, ok := e.Table(); ok {
		return bufio.NewReaderSize(&singleByteReader{r: r, encoding: e, table: table, line: 1}, 1<<16)
	}
	return &multiByteReader{r: r, decoder: e.NewDecoder(), line: 1}
}

// misencoded is a character that an encoding does not have.
type misencoded struct {
	err  error
	line int64
}

func (m *misencoded) Error() string { return m.err.Error() }
func (m *misencoded) Unwrap() error { return m.err }

// singleByteReader reads encodings of one byte per character.
type singleByteReader struct {
	r        io.Reader
	encoding *textencoding.Encoding
	table    *[256]rune
	buf      [32 << 10]byte
	in       []byte // of buf, yet to be converted
	err      error
	line     int64
}

func (s *singleByteReader) Read(p []byte) (n int, _ error) {
	for len(s.in) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		var m int
		m, s.err = s.r.Read(s.buf[:])
		s.in = s.buf[:m]
	}
	for len(s.in) > 0 && n+utf8.UTFMax <= len(p) {
		c := s.in[0]
		if c >= utf8.RuneSelf {
			if s.table[c] < 0 {
				s.err, s.in = &misencoded{err: s.encoding.Untranslatable(s.in[:1]), line: s.line + int64(bytes.Count(p[:n], []byte{'\n'}))}, nil
				break
			}
			n += utf8.EncodeRune(p[n:], s.table[c])
			s.in = s.in[1:]
			continue
		}
		k, room := 1, min(len(s.in), len(p)-n)
		for k < room && s.in[k] < utf8.RuneSelf {
			k++
		}
		copy(p[n:], s.in[:k])
		n, s.in = n+k, s.in[k:]
	}
	s.line += int64(bytes.Count(p[:n], []byte{'\n'}))
	if n == 0 {
		if s.err != nil {
			return 0, s.err
		}
		return 0, io.ErrShortBuffer
	}
	return n, nil
}

// multiByteReader reads the encodings of East Asia.
type multiByteReader struct {
	r       io.Reader
	decoder *textencoding.Decoder
	buf     [32 << 10]byte
	out     []byte // yet to be given
	err     error
	line    int64
}

func (m *multiByteReader) Read(p []byte) (int, error) {
	for len(m.out) == 0 {
		if m.err != nil {
			return 0, m.err
		}
		var n int
		n, m.err = m.r.Read(m.buf[:])
		out, err := m.decoder.Decode(m.buf[:n], errors.Is(m.err, io.EOF))
		m.line += int64(bytes.Count(out, []byte{'\n'}))
		if m.out = out; err != nil {
			m.err = &misencoded{err: err, line: m.line}
		}
	}
	n := copy(p, m.out)
	m.out = m.out[n:]
	return n, nil
}

// utf16Reader reads UTF-16 in the byte order of its byte order mark, else
// little-endian. Unpaired surrogates become U+FFFD.
type utf16Reader struct {
	r     *bufio.Reader
	order binary.ByteOrder
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	if u.order == nil {
		u.order = binary.LittleEndian
		if bom, _ := u.r.Peek(2); len(bom) == 2 && bom[0] == 0xfe && bom[1] == 0xff {
			u.order = binary.BigEndian
		}
	}
	n := 0
	for n+utf8.UTFMax <= len(p) {
		c, err := u.unit()
		if err != nil {
			return n, err
		}
		if utf16.IsSurrogate(c) {
			low, _ := u.r.Peek(2)
			c2 := rune(0)
			if len(low) == 2 {
				c2 = rune(u.order.Uint16(low))
			}
			if c = utf16.DecodeRune(c, c2); c != utf8.RuneError {
				_, _ = u.r.Discard(2)
			}
		}
		n += utf8.EncodeRune(p[n:], c)
	}
	if n == 0 && len(p) > 0 {
		return 0, io.ErrShortBuffer
	}
	return n, nil
}

func (u *utf16Reader) unit() (rune, error) {
	b, err := u.r.Peek(2)
	if len(b) == 1 && err == io.EOF {
		return 0, io.ErrUnexpectedEOF
	}
	if len(b) < 2 {
		return 0, err
	}
	c := rune(u.order.Uint16(b))
	_, _ = u.r.Discard(2)
	return c, nil
}
