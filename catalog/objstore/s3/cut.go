package s3

import "strings"

// cut guesses a key that has as many keys before it as behind it, of those that come
// after last and not after until ("": the end) and agree in the first so many bytes;
// "" where there is no guess. first is an earlier key: the byte in which it differs from
// last is one that counts, by which the guess goes on in large steps. Then come the
// bytes left of it, which change less often, and those right of it.
//
//	first  2015-01-01/a.csv
//	last   2015-01-03/c.csv
//	cut    2015-01-07
func cut(prefix int, first, last, until string) string {
	at := prefix
	for at < len(first) && at < len(last) && first[at] == last[at] {
		at++
	}
	at = min(at, len(last)-1)
	for i := at; i >= prefix; i-- {
		if key := cutAt(i, last, until); key != "" {
			return key
		}
	}
	for i := at + 1; i < len(last); i++ {
		if key := cutAt(i, last, until); key != "" {
			return key
		}
	}
	return ""
}

// digits are what bytes that count are taken for.
const digits, hexDigits = "0123456789", "0123456789abcdef"

// cutAt is a guess that differs from last at byte i, to the middle of those that it may
// be there.
func cutAt(i int, last, until string) string {
	alphabet := digits
	if at := strings.IndexByte(hexDigits, last[i]); at < 0 {
		return ""
	} else if at >= len(digits) || strings.ContainsAny(last[i+1:min(len(last), i+4)], "abcdef") {
		alphabet = hexDigits // as of hashes and UUIDs
	}
	candidates := alphabet[strings.IndexByte(alphabet, last[i])+1:]
	for n := len(candidates); n > 0; n-- {
		if key := last[:i] + candidates[n-1:n]; until == "" || key < until {
			return last[:i] + candidates[(n-1)/2:(n-1)/2+1]
		}
	}
	return ""
}
