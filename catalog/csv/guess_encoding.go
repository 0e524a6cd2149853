package csv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"volley/catalog"
	"volley/sqlerr"
)

// textEvidence is what a sample of a file tells of its encoding.
type textEvidence struct {
	characters int // of several bytes, valid in UTF-8
	invalid    int // bytes above 0x7f that are not UTF-8
	lone       int // those of them that have ASCII on both sides
	undefined  int // those that Windows-1252 does not have, or nobody writes
	zero       int // bytes 0
}

// evidenceOf looks at a sample, whose last character may be cut off.
func evidenceOf(b []byte) (e textEvidence) {
	high := func(i int) bool { return i >= 0 && i < len(b) && b[i] >= utf8.RuneSelf }
	for i := 0; i < len(b); {
		c := b[i]
		if c < utf8.RuneSelf {
			if c == 0 {
				e.zero++
			}
			i++
			continue
		}
		if _, n := utf8.DecodeRune(b[i:]); n > 1 {
			e.characters++
			i += n
			continue
		}
		if !utf8.FullRune(b[i:]) {
			break
		}
		e.invalid++
		switch {
		case c == 0x81, c == 0x8d, c == 0x8f, c == 0x90, c == 0x9d, c == 0xff:
			e.undefined++
		case !high(i-1) && !high(i+1):
			e.lone++
		}
		i++
	}
	return e
}

// western tells whether the sample is text of one byte per character of a
// Western language: not UTF-8, its letters with accents and its marks alone
// between ASCII ones, as they are not in other alphabets, in encodings of two
// bytes a character, and in what is no text.
func (e textEvidence) western() bool {
	return e.zero == 0 && e.characters*20 <= e.invalid && e.undefined*20 < e.lone && e.lone*5 >= e.invalid*4
}

// guessEncoding decides, where no encoding is given, whether a sample that is not
// UTF-8 is Windows-1252, of which Latin-1's text is a part. Any other stays
// UTF-8, and reading says where the first byte is that is not.
func (s *sniffer) guessEncoding(sample []byte) (other bool) {
	if _, given := s.given[optEncoding]; given || s.o.encoding != "utf-8" || utf8.Valid(sample) {
		return false
	}
	if !evidenceOf(sample).western() {
		return false
	}
	s.o.encoding = westernEncoding
	s.notes = append(s.notes, catalog.Note{Text: fmt.Sprintf("the files are not UTF-8 and are read in the encoding they seem to have (encoding = '%s')", westernEncoding)})
	return true
}

const westernEncoding = "windows-1252"

// errOtherEncoding begins the decisions again: the files are not UTF-8.
var errOtherEncoding = errors.New("another encoding")

// checkEncoding refuses a file that is UTF-8 where the first file seemed not to
// be: one of them would be read wrong.
func (s *sniffer) checkEncoding(ctx context.Context, file catalog.FileInfo) error {
	if _, given := s.given[optEncoding]; given || s.o.encoding != westernEncoding {
		return nil
	}
	o := *s.o
	o.encoding = "utf-8"
	src, err := openSource(ctx, s.store, &o, file, 0)
	if err != nil {
		return err
	}
	defer func() { _ = src.close() }()
	sample := make([]byte, placeBytes)
	n, err := src.read(ctx, sample)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if e := evidenceOf(sample[:n]); e.characters == 0 || e.western() {
		return nil
	}
	return sqlerr.New(sqlerr.CharacterNotInRepertory, "file is UTF-8, which other files of the table are not").
		WithFile(file.Path, 0, "").WithHint("read files of different encodings apart, or give the option encoding")
}
