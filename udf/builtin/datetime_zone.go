package builtin

import (
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// registerTimeZone adds timezone(zone, t), which is t AT TIME ZONE zone.
func registerTimeZone(b *registrar) {
	register := func(in, out arrow.DataType, f func(us int64, z zoneRef) int64) {
		b.strict("timezone", types(tText, in), out, func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
			var zs zones
			return map2(out, func(name string, us int64) (int64, error) {
				if endless(us) {
					return us, nil
				}
				z, err := zs.read(name)
				if err != nil {
					return 0, err
				}
				return checkTimestamp(f(us, z))
			})(ctx, args, n)
		})
		b.strict("timezone", types(tInterval, in), out, map2(out, func(v interval, us int64) (int64, error) {
			if endless(us) {
				return us, nil
			}
			east, err := intervalZone(v)
			if err != nil {
				return 0, err
			}
			return checkTimestamp(f(us, zoneRef{loc: time.FixedZone("", int(east))}))
		}))
	}
	register(tTimestamp, tTimestamptz, func(us int64, z zoneRef) int64 { return z.toUTC(us) })
	register(tTimestamptz, tTimestamp, func(us int64, z zoneRef) int64 { return z.toLocal(us) })
}

// intervalZone is an interval as an offset in seconds east of UTC.
func intervalZone(v interval) (int64, error) {
	if v.Months != 0 || v.Days != 0 {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "interval time zone \"%s\" must not include months or days", sqltype.AppendInterval(nil, v))
	}
	return v.Nanoseconds / 1e9, nil
}

// zoneRef is what the name of a zone stands for: a zone, or an abbreviation whose
// meaning has changed over time in loc.
type zoneRef struct {
	loc    *time.Location
	abbrev *sqltype.Abbreviation
}

func (z zoneRef) toUTC(local int64) int64 {
	if z.abbrev != nil {
		return z.abbrev.ToUTC(local)
	}
	return sqltype.LocalToUTC(local, z.loc)
}

func (z zoneRef) toLocal(utc int64) int64 {
	if z.abbrev != nil {
		return z.abbrev.ToLocal(utc)
	}
	return sqltype.UTCToLocal(utc, z.loc)
}

// zones looks up time zones; looking up the last one again is free.
type zones struct {
	name string
	zone zoneRef
}

// read gives the zone of an abbreviation, a name of the tz database or a POSIX
// specification, in which positive is west.
func (z *zones) read(name string) (zoneRef, error) {
	if z.zone.loc != nil && z.name == name {
		return z.zone, nil
	}
	var out zoneRef
	if a, ok := sqltype.ZoneAbbreviation(name); !ok {
		out.loc = sqltype.NamedZone(name)
	} else if a.Region != nil {
		out = zoneRef{loc: a.Region, abbrev: &a}
	} else {
		out.loc = time.FixedZone(name, int(a.East))
	}
	if out.loc == nil {
		return out, sqlerr.New(sqlerr.InvalidParameterValue, "time zone \"%s\" not recognized", name)
	}
	z.name, z.zone = name, out
	return out, nil
}

// readOffset is read for functions in which +02 is east, as it is in the text of
// a timestamp.
func (z *zones) readOffset(name string) (zoneRef, error) {
	if name != "" && isDigit(name[0]) {
		return zoneRef{}, sqlerr.New(sqlerr.InvalidParameterValue, "invalid input syntax for type numeric time zone: \"%s\"", name).
			WithHint("Numeric time zones must have \"-\" or \"+\" as first character.")
	}
	switch east, r := sqltype.ParseOffset(name); r {
	case sqltype.OffsetRead:
		return zoneRef{loc: time.FixedZone(name, int(east))}, nil
	case sqltype.OffsetTooLarge:
		return zoneRef{}, sqlerr.New(sqlerr.InvalidParameterValue, "numeric time zone \"%s\" out of range", name)
	}
	return z.read(name)
}
