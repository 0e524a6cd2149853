package builtin

import (
	"unicode/utf8"

	"volley/sqlerr"
	"volley/sqltype/textencoding"
)

// registerEncodings adds the functions that convert between the encodings of
// text.
func registerEncodings(b *registrar) {
	b.strict("convert_from", types(tBytea, tText), tText, text2(tText, func(dst, s []byte, from string) ([]byte, error) {
		return convertText(dst, s, from, "UTF8")
	}))
	b.strict("convert_to", types(tText, tText), tBytea, text2(tBytea, func(dst, s []byte, to string) ([]byte, error) {
		return convertText(dst, s, "UTF8", to)
	}))
	b.strict("convert", types(tBytea, tText, tText), tBytea, text3(tBytea, convertText))
	b.strict("length", types(tBytea, tText), tInt4, map2(tInt4, func(s []byte, name string) (int32, error) {
		if _, ok := textencoding.Find(name); !ok {
			return 0, sqlerr.New(sqlerr.InvalidParameterValue, "invalid encoding name \"%s\"", name)
		}
		text, err := convertText(nil, s, name, "UTF8")
		return int32(utf8.RuneCount(text)), err
	}))
}

// convertText appends s in another encoding: 22023 for one that is not known,
// 22021 for bytes that are not of the first, 22P05 for a character that the second
// has not.
func convertText(dst, s []byte, from, to string) ([]byte, error) {
	source, ok := textencoding.Find(from)
	if !ok {
		return dst, sqlerr.New(sqlerr.InvalidParameterValue, "invalid source encoding name \"%s\"", from)
	}
	target, ok := textencoding.Find(to)
	if !ok {
		return dst, sqlerr.New(sqlerr.InvalidParameterValue, "invalid destination encoding name \"%s\"", to)
	}
	text, err := s, error(nil)
	if source != nil {
		if err = source.Check(-1); err == nil {
			text, err = source.NewDecoder().Decode(s, true)
		}
	}
	if err != nil {
		return dst, err
	}
	if err := checkUTF8(text); err != nil {
		return dst, err
	}
	if target != nil {
		if err = target.Check(-1); err == nil {
			text, err = target.Encode(text)
		}
	}
	return append(dst, text...), err
}

// checkUTF8 is 22021 with the bytes that begin no character, or are zero.
func checkUTF8(s []byte) error {
	for at := 0; at < len(s); {
		r, n := utf8.DecodeRune(s[at:])
		if r == 0 || r == utf8.RuneError && n == 1 {
			return sqlerr.New(sqlerr.CharacterNotInRepertory, "invalid byte sequence for encoding \"UTF8\": %s",
				textencoding.ByteSequence(s[at:at+1]))
		}
		at += n
	}
	return nil
}
