// Package textencoding converts text between UTF-8, which it is within Volley,
// and the encodings PostgreSQL knows by name. What has no equivalent is 22P05.
package textencoding

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/transform"

	"volley/sqlerr"
)

// Encoding is one of PostgreSQL's encodings. Within Volley text is UTF-8.
type Encoding struct {
	name  string
	codec encoding.Encoding // nil: there is none
	// width is the length of the character that begins b; nil is one byte.
	width func(b []byte) int
}

// encodings are PostgreSQL's, by the letters and digits of their names.
var encodings = map[string]*Encoding{
	"big5": {"BIG5", traditionalchinese.Big5, doubleByte}, "euccn": {"EUC_CN", simplifiedchinese.GBK, doubleByte},
	"eucjp": {"EUC_JP", japanese.EUCJP, eucJPWidth}, "euckr": {"EUC_KR", korean.EUCKR, doubleByte},
	"gb18030": {"GB18030", simplifiedchinese.GB18030, gb18030Width}, "gbk": {"GBK", simplifiedchinese.GBK, doubleByte},
	"sjis": {"SJIS", japanese.ShiftJIS, sjisWidth}, "uhc": {"UHC", korean.EUCKR, doubleByte},
	"euctw": {name: "EUC_TW"}, "johab": {name: "JOHAB"}, "muleinternal": {name: "MULE_INTERNAL"},
	"eucjis2004": {name: "EUC_JIS_2004"}, "shiftjis2004": {name: "SHIFT_JIS_2004"},
	"latin1": single("LATIN1", charmap.ISO8859_1), "latin2": single("LATIN2", charmap.ISO8859_2), "latin3": single("LATIN3", charmap.ISO8859_3),
	"latin4": single("LATIN4", charmap.ISO8859_4), "latin5": single("LATIN5", charmap.ISO8859_9), "latin6": single("LATIN6", charmap.ISO8859_10),
	"latin7": single("LATIN7", charmap.ISO8859_13), "latin8": single("LATIN8", charmap.ISO8859_14), "latin9": single("LATIN9", charmap.ISO8859_15),
	"latin10": single("LATIN10", charmap.ISO8859_16), "iso88595": single("ISO_8859_5", charmap.ISO8859_5), "iso88596": single("ISO_8859_6", charmap.ISO8859_6),
	"iso88597": single("ISO_8859_7", charmap.ISO8859_7), "iso88598": single("ISO_8859_8", charmap.ISO8859_8),
	"koi8r": single("KOI8R", charmap.KOI8R), "koi8u": single("KOI8U", charmap.KOI8U), "win866": single("WIN866", charmap.CodePage866),
	"win874": single("WIN874", charmap.Windows874), "win1250": single("WIN1250", charmap.Windows1250), "win1251": single("WIN1251", charmap.Windows1251),
	"win1252": single("WIN1252", charmap.Windows1252), "win1253": single("WIN1253", charmap.Windows1253), "win1254": single("WIN1254", charmap.Windows1254),
	"win1255": single("WIN1255", charmap.Windows1255), "win1256": single("WIN1256", charmap.Windows1256), "win1257": single("WIN1257", charmap.Windows1257),
	"win1258": single("WIN1258", charmap.Windows1258),
}

// encodingAliases are other names of them.
var encodingAliases = map[string]string{
	"iso88591": "latin1", "iso88592": "latin2", "iso88593": "latin3", "iso88594": "latin4", "iso88599": "latin5", "iso885910": "latin6",
	"iso885913": "latin7", "iso885914": "latin8", "iso885915": "latin9", "iso885916": "latin10",
	"abc": "win1258", "tcvn": "win1258", "tcvn5712": "win1258", "vscii": "win1258", "alt": "win866", "koi8": "koi8r", "win": "win1251",
	"mskanji": "sjis", "shiftjis": "sjis", "win932": "sjis", "win936": "gbk", "win949": "uhc", "win950": "big5",
}

func single(name string, c *charmap.Charmap) *Encoding {
	return &Encoding{name: name, codec: c}
}

// Find finds an encoding by name; nil is UTF-8. SQL_ASCII is that too: its
// bytes are taken as they are, and they must be UTF-8 here.
func Find(name string) (e *Encoding, ok bool) {
	key := strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
	if rest, found := strings.CutPrefix(key, "windows"); found {
		key = "win" + rest
	}
	if full, found := encodingAliases[key]; found {
		key = full
	}
	switch key {
	case "utf8", "unicode", "sqlascii":
		return nil, true
	}
	e, ok = encodings[key]
	return e, ok
}

// Check refuses an encoding that cannot be converted.
func (e *Encoding) Check(pos int) error {
	if e != nil && e.codec == nil {
		return sqlerr.At(pos, sqlerr.FeatureNotSupported, "encoding %q is not supported", e.name)
	}
	return nil
}

func doubleByte(b []byte) int {
	if b[0] < utf8.RuneSelf {
		return 1
	}
	return 2
}

func eucJPWidth(b []byte) int {
	if b[0] == 0x8f {
		return 3
	}
	return doubleByte(b)
}

func sjisWidth(b []byte) int {
	if b[0] >= 0xa1 && b[0] <= 0xdf {
		return 1
	}
	return doubleByte(b)
}

func gb18030Width(b []byte) int {
	if len(b) > 1 && b[0] >= utf8.RuneSelf && b[1] >= '0' && b[1] <= '9' {
		return 4
	}
	return doubleByte(b)
}

// Encode converts UTF-8 text; 22P05 for a character that the encoding has not.
func (e *Encoding) Encode(text []byte) ([]byte, error) {
	out, err := e.codec.NewEncoder().Bytes(text)
	if err == nil && !(e.undefinedControls() && hasControls(text)) {
		return out, nil
	}
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if _, err := e.codec.NewEncoder().Bytes(text[:n]); err != nil || e.undefinedControls() && control(r) {
			return nil, untranslatable(text[:n], "UTF8", e.name)
		}
		text = text[n:]
	}
	return out, err
}

func untranslatable(char []byte, from, to string) error {
	return sqlerr.New(sqlerr.UntranslatableCharacter, "character with byte sequence %s in encoding \"%s\" has no equivalent in encoding \"%s\"",
		ByteSequence(char), from, to)
}

// Untranslatable is the error of a character that UTF-8 does not have.
func (e *Encoding) Untranslatable(char []byte) error { return untranslatable(char, e.name, "UTF8") }

// ByteSequence is bytes as messages show them: 0xe2 0x82.
func ByteSequence(b []byte) string {
	parts := make([]string, len(b))
	for i, c := range b {
		parts[i] = fmt.Sprintf("0x%02x", c)
	}
	return strings.Join(parts, " ")
}

// undefinedControls: bytes that the Windows code pages leave undefined, which the
// codecs give as control characters.
func (e *Encoding) undefinedControls() bool { return strings.HasPrefix(e.name, "WIN") }

func control(r rune) bool { return r >= 0x80 && r < 0xa0 }

func hasControls(text []byte) bool { return bytes.ContainsFunc(text, control) }

// Decoder converts a stream of an encoding into UTF-8.
type Decoder struct {
	encoding *Encoding
	decoder  transform.Transformer
	rest     []byte // the beginning of a character whose end is yet to come
}

// NewDecoder begins a stream in the encoding.
func (e *Encoding) NewDecoder() *Decoder {
	return &Decoder{encoding: e, decoder: e.codec.NewDecoder().Transformer}
}

// Decode converts the next piece. Besides an error it gives what comes before
// the character that cannot be converted.
func (d *Decoder) Decode(p []byte, final bool) ([]byte, error) {
	src := append(d.rest, p...)
	out := make([]byte, 0, 2*len(src)+16)
	for at := 0; ; {
		n, used, err := d.decoder.Transform(out[len(out):cap(out)], src[at:], final)
		out, at = out[:len(out)+n], at+used
		if err == transform.ErrShortDst {
			out = append(make([]byte, 0, 2*cap(out)), out...)
			continue
		}
		d.rest = append([]byte(nil), src[at:]...)
		if bytes.Contains(out, []byte("\uFFFD")) || d.encoding.undefinedControls() && hasControls(out) {
			return d.encoding.exact(src[:at])
		}
		return out, nil
	}
}

// exact converts character by character, to find the one that cannot be.
func (e *Encoding) exact(src []byte) (out []byte, err error) {
	for len(src) > 0 {
		n := 1
		if e.width != nil {
			n = min(e.width(src), len(src))
		}
		char, _ := e.codec.NewDecoder().Bytes(src[:n])
		r, _ := utf8.DecodeRune(char)
		if r == utf8.RuneError || e.undefinedControls() && control(r) {
			return out, e.Untranslatable(src[:n])
		}
		out, src = append(out, char...), src[n:]
	}
	return out, nil
}

// Name is PostgreSQL's name of the encoding; nil is UTF8.
func (e *Encoding) Name() string {
	if e == nil {
		return "UTF8"
	}
	return e.name
}

// Table gives the character of each byte of an encoding that has one byte for
// each, −1 for a byte that is none; ok is false for the other encodings.
func (e *Encoding) Table() (table *[256]rune, ok bool) {
	if e == nil || e.codec == nil || e.width != nil {
		return nil, false
	}
	table = new([256]rune)
	for i := range table {
		char, err := e.exact([]byte{byte(i)})
		if table[i], _ = utf8.DecodeRune(char); err != nil {
			table[i] = -1
		}
	}
	return table, true
}
