package builtin

import (
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// registerTimeZone adds timezone(zone, t), which is t AT TIME ZONE zone.
func registerTimeZone(b *registrar) {
	zone := func(in, out arrow.DataType, f func(us int64, loc *time.Location) int64) {
		b.strict("timezone", types(tText, in), out, func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
			var zs zones
			return map2(out, func(name string, us int64) (int64, error) {
				loc, err := zs.read(name)
				if err != nil || endless(us) {
					return us, err
				}
				return checkTimestamp(f(us, loc))
			})(ctx, args, n)
		})
		b.strict("timezone", types(tInterval, in), out, map2(out, func(v interval, us int64) (int64, error) {
			if v.Months != 0 || v.Days != 0 {
				return 0, sqlerr.New(sqlerr.InvalidParameterValue, "interval time zone \"%s\" must not include months or days", sqltype.AppendInterval(nil, v))
			}
			if endless(us) {
				return us, nil
			}
			return checkTimestamp(f(us, time.FixedZone("", int(v.Nanoseconds/1e9))))
		}))
	}
	zone(tTimestamp, tTimestamptz, sqltype.LocalToUTC)
	zone(tTimestamptz, tTimestamp, sqltype.UTCToLocal)
}

// zones looks up time zones; looking up the last one again is free.
type zones struct {
	name string
	loc  *time.Location
}

func (z *zones) read(name string) (*time.Location, error) {
	if z.loc != nil && z.name == name {
		return z.loc, nil
	}
	loc, err := zoneOf(name)
	if err != nil {
		return nil, err
	}
	z.name, z.loc = name, loc
	return loc, nil
}

// readOffset is read for functions in which +02 is east, as it is in the text of
// a timestamp.
func (z *zones) readOffset(name string) (*time.Location, error) {
	switch {
	case name == "" || name[0] >= '0' && name[0] <= '9':
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid input syntax for type numeric time zone: \"%s\"", name).
			WithHint("Numeric time zones must have \"-\" or \"+\" as first character.")
	case name[0] != '+' && name[0] != '-':
		return z.read(name)
	}
	west, ok := posixOffset(name)
	if !ok {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid input syntax for type numeric time zone: \"%s\"", name)
	}
	return time.FixedZone(name, -west), nil
}

// zoneHalfHours are abbreviations, in half hours east of Greenwich.
var zoneHalfHours = map[string]int{
	"utc": 0, "gmt": 0, "z": 0, "zulu": 0, "ut": 0, "uct": 0, "wet": 0, "west": 2, "bst": 2, "cet": 2, "met": 2,
	"cest": 4, "mest": 4, "eet": 4, "sast": 4, "eest": 6, "msk": 6, "ist": 4, "pkt": 10,
	"jst": 18, "kst": 18, "hkt": 16, "sgt": 16, "aest": 20, "aedt": 22, "acst": 19, "awst": 16, "nzst": 24, "nzdt": 26,
	"ast": -8, "adt": -6, "est": -10, "edt": -8, "cst": -12, "cdt": -10, "mst": -14, "mdt": -12, "pst": -16, "pdt": -14,
	"akst": -18, "akdt": -16, "hst": -20, "nst": -7, "ndt": -5, "art": -6, "brt": -6,
}

// zoneOf reads a zone's name of the tz database, an abbreviation, or a POSIX
// offset, in which positive is west.
func zoneOf(name string) (*time.Location, error) {
	if h, ok := zoneHalfHours[strings.ToLower(name)]; ok {
		return time.FixedZone(name, h*1800), nil
	}
	if loc := sqltype.RegionZone(name); loc != nil {
		return loc, nil
	}
	if off, ok := posixOffset(name); ok {
		return time.FixedZone(name, off), nil
	}
	return nil, sqlerr.New(sqlerr.InvalidParameterValue, "time zone \"%s\" not recognized", name)
}

// posixOffset reads [letters](+|-)hh[:mm[:ss]] as seconds east.
func posixOffset(s string) (seconds int, ok bool) {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' })
	if s == "" {
		return 0, false
	}
	sign := -1
	switch s[0] {
	case '-':
		sign, s = 1, s[1:]
	case '+':
		s = s[1:]
	}
	unit := 3600
	for _, p := range strings.Split(s, ":") {
		n, rest, digits := leadingInt(p)
		if !digits || rest != "" || unit == 0 || n > 167 {
			return 0, false
		}
		seconds += n * unit
		unit /= 60
	}
	return sign * seconds, true
}
