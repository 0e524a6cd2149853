package builtin

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"volley/sqlerr"
	"volley/sqltype"
)

// registerBytes adds the functions of bytea, the hashes and the encodings.
func registerBytes(b *registrar) {
	one := types(tBytea)
	b.total("length", one, tInt4, pure1(tInt4, func(s []byte) int32 { return int32(len(s)) }))
	b.total("octet_length", one, tInt4, pure1(tInt4, func(s []byte) int32 { return int32(len(s)) }))
	b.total("bit_length", one, tInt4, pure1(tInt4, func(s []byte) int32 { return int32(len(s)) * 8 }))
	appendMD5 := func(dst []byte, s []byte) ([]byte, error) {
		sum := md5.Sum(s)
		return hex.AppendEncode(dst, sum[:]), nil
	}
	b.strict("md5", types(tText), tText, text1(tText, appendMD5))
	b.strict("md5", one, tText, text1(tText, appendMD5))
	b.strict("sha224", one, tBytea, text1(tBytea, func(dst, s []byte) ([]byte, error) {
		sum := sha256.Sum224(s)
		return append(dst, sum[:]...), nil
	}))
	b.strict("sha256", one, tBytea, text1(tBytea, func(dst, s []byte) ([]byte, error) {
		sum := sha256.Sum256(s)
		return append(dst, sum[:]...), nil
	}))
	b.strict("sha384", one, tBytea, text1(tBytea, func(dst, s []byte) ([]byte, error) {
		sum := sha512.Sum384(s)
		return append(dst, sum[:]...), nil
	}))
	b.strict("sha512", one, tBytea, text1(tBytea, func(dst, s []byte) ([]byte, error) {
		sum := sha512.Sum512(s)
		return append(dst, sum[:]...), nil
	}))
	b.strict("to_hex", types(tInt4), tText, text1(tText, func(dst []byte, v int32) ([]byte, error) {
		return strconv.AppendUint(dst, uint64(uint32(v)), 16), nil
	}))
	b.strict("to_hex", types(tInt8), tText, text1(tText, func(dst []byte, v int64) ([]byte, error) {
		return strconv.AppendUint(dst, uint64(v), 16), nil
	}))
	b.strict("encode", types(tBytea, tText), tText, text2(tText, appendEncoded))
	b.strict("decode", types(tText, tText), tBytea, text2(tBytea, appendDecoded))
	for _, name := range []string{"substring", "substr"} {
		b.strict(name, types(tBytea, tInt4), tBytea, text2(tBytea, func(dst, s []byte, from int32) ([]byte, error) {
			return append(dst, s[min(max(int64(from)-1, 0), int64(len(s))):]...), nil
		}))
		b.strict(name, types(tBytea, tInt4, tInt4), tBytea, text3(tBytea, appendSubbytes))
	}
	b.strict("position", types(tBytea, tBytea), tInt4, pure2(tInt4, func(s, sub []byte) int32 { return int32(bytes.Index(s, sub) + 1) }))
	b.strict("get_byte", types(tBytea, tInt4), tInt4, map2(tInt4, func(s []byte, i int32) (int32, error) {
		if i < 0 || int(i) >= len(s) {
			return 0, sqlerr.New("2202E", "index %d out of valid range, 0..%d", i, len(s)-1)
		}
		return int32(s[i]), nil
	}))
}

func appendSubbytes(dst, s []byte, from, length int32) ([]byte, error) {
	if length < 0 {
		return dst, sqlerr.New(sqlerr.SubstringError, "negative substring length not allowed")
	}
	lo := min(max(int64(from)-1, 0), int64(len(s)))
	hi := min(max(int64(from)-1+int64(length), lo), int64(len(s)))
	return append(dst, s[lo:hi]...), nil
}

func errEncoding(name string) error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized encoding: \"%s\"", name)
}

func notBase64(r rune) bool {
	return !(r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '+' || r == '/' || r == '=')
}

// base64Line is where base64 output is broken.
const base64Line = 76

func appendEncoded(dst, s []byte, encoding string) ([]byte, error) {
	switch strings.ToLower(encoding) {
	case "hex":
		return hex.AppendEncode(dst, s), nil
	case "base64":
		for ; len(s) > base64Line/4*3; s = s[base64Line/4*3:] {
			dst = base64.StdEncoding.AppendEncode(dst, s[:base64Line/4*3])
			dst = append(dst, '\n')
		}
		return base64.StdEncoding.AppendEncode(dst, s), nil
	case "escape":
		for _, c := range s {
			switch {
			case c == 0 || c >= utf8.RuneSelf:
				dst = append(dst, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
			case c == '\\':
				dst = append(dst, '\\', '\\')
			default:
				dst = append(dst, c)
			}
		}
		return dst, nil
	}
	return dst, errEncoding(encoding)
}

func appendDecoded(dst []byte, s, encoding string) ([]byte, error) {
	switch strings.ToLower(encoding) {
	case "hex":
		return sqltype.ParseBytea(dst, []byte(`\x`+s))
	case "base64":
		clean := strings.NewReplacer("\n", "", "\r", "", " ", "", "\t", "").Replace(s)
		out, err := base64.StdEncoding.AppendDecode(dst, []byte(clean))
		if i := strings.IndexFunc(clean, notBase64); i >= 0 {
			return dst, sqlerr.New(sqlerr.InvalidParameterValue, "invalid symbol \"%c\" found while decoding base64 sequence", []rune(clean[i:])[0])
		}
		if err != nil {
			return dst, sqlerr.New(sqlerr.InvalidParameterValue, "invalid base64 end sequence").
				WithHint("Input data is missing padding, is truncated, or is otherwise corrupted.")
		}
		return out, nil
	case "escape":
		if strings.HasPrefix(s, `\x`) { // which is hex only in the type's own input
			return dst, sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type %s", "bytea")
		}
		return sqltype.ParseBytea(dst, []byte(s))
	}
	return dst, errEncoding(encoding)
}
