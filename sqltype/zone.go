package sqltype

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"volley/sqlerr"
)

// LoadZone gives the time zone that the setting TimeZone names: an IANA name, a
// number of hours east of Greenwich, or an offset as POSIX writes it, which
// counts to the west; 22023 when there is none. It is safe for concurrent use.
func LoadZone(name string) (*time.Location, error) {
	loc := findZone(name)
	if loc == nil {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for parameter \"TimeZone\": \"%s\"", name)
	}
	return loc, nil
}

func findZone(name string) *time.Location {
	switch strings.ToUpper(name) {
	case "UTC", "GMT", "Z", "ZULU", "DEFAULT", "LOCAL":
		return time.UTC
	case "":
		return nil
	}
	if hours, ok := zoneHours(name); ok {
		return time.FixedZone("", int(hours*3600))
	}
	return NamedZone(name)
}

// NamedZone gives the zone of a name of the tz database, in any case, or of a
// POSIX specification; nil when there is none.
func NamedZone(name string) *time.Location {
	if loc := RegionZone(name); loc != nil {
		return loc
	}
	return PosixZone(name)
}

// zoneHours reads a number of hours.
func zoneHours(name string) (float64, bool) {
	hours, err := strconv.ParseFloat(strings.TrimSpace(name), 64)
	return hours, err == nil && hours > -168 && hours < 168
}

// ZoneName is the name by which a zone is shown: that of a number of hours is
// its offset as POSIX writes it, <+05:30>-05:30.
func ZoneName(name string) string {
	hours, ok := zoneHours(name)
	if !ok {
		if loc := RegionZone(name); loc != nil {
			return loc.String()
		}
		if PosixZone(name) != nil {
			return strings.ToUpper(name)
		}
		return name
	}
	seconds := int(hours * 3600)
	east, west := '+', '-'
	if seconds < 0 {
		seconds, east, west = -seconds, '-', '+'
	}
	text := fmt.Sprintf("%02d", seconds/3600)
	if seconds%3600 != 0 {
		text += fmt.Sprintf(":%02d", seconds%3600/60)
	}
	return fmt.Sprintf("<%c%s>%c%s", east, text, west, text)
}
