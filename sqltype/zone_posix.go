package sqltype

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// posixZone is a zone as POSIX writes it: an abbreviation and how far west of
// Greenwich its clocks are, and the same for daylight saving time, whose offset
// is an hour to the east when left out.
var posixZone = regexp.MustCompile(`^(<[^<>]*>|[^<>0-9,+-]*)([+-]?\d{1,3}(?::\d{1,2}){0,2})` +
	`(?:(<[^<>]+>|[^<>0-9,;+-]+)([+-]?\d{1,3}(?::\d{1,2}){0,2})?(?:[,;](.+))?)?$`)

// posixRules are when daylight saving time starts and ends.
var posixRules = regexp.MustCompile(`^` + posixDay + `,` + posixDay + `$`)

const posixDay = `(?:J(?:36[0-5]|3[0-5]\d|[12]\d\d|\d?[1-9]|[1-9]0)|(?:36[0-5]|3[0-5]\d|[12]\d\d|\d?\d)|M(?:1[0-2]|[1-9])\.[1-5]\.[0-6])` +
	`(?:/[+-]?\d{1,3}(?::\d{1,2}){0,2})?`

// defaultRules are those of a zone with two names and no rules.
const defaultRules = "M3.2.0,M11.1.0"

// ruleMark begins the names of zones that follow a rule at all times.
const ruleMark = ":"

// posixZones are the zones with daylight saving time made so far.
var posixZones sync.Map // string → *time.Location

// PosixZone gives the zone that a POSIX specification describes; nil when the
// text is none. It is safe for concurrent use.
func PosixZone(spec string) *time.Location {
	spec = strings.ToUpper(spec)
	m := posixZone.FindStringSubmatch(spec)
	if m == nil {
		return nil
	}
	standard, ok := posixOffset(m[2])
	if !ok {
		return nil
	}
	name := strings.Trim(m[1], "<>")
	if m[3] == "" {
		return time.FixedZone(name, -standard)
	}
	summer := standard - 3600
	if m[4] != "" {
		if summer, ok = posixOffset(m[4]); !ok {
			return nil
		}
	}
	rules := m[5]
	if rules == "" {
		rules = defaultRules
	}
	if !posixRules.MatchString(rules) {
		return nil
	}
	if l, ok := posixZones.Load(spec); ok {
		return l.(*time.Location)
	}
	rule := fmt.Sprintf("<%s>%s<%s>%s,%s", name, clockText3(standard), strings.Trim(m[3], "<>"), clockText3(summer), rules)
	loc, err := time.LoadLocationFromTZData(ruleMark+spec, zoneFile(name, -standard, rule))
	if err != nil {
		return nil
	}
	posixZones.Store(spec, loc)
	return loc
}

// posixOffset reads [±]h[:mm[:ss]] as seconds.
func posixOffset(text string) (int, bool) {
	sign := 1
	if text[0] == '-' {
		sign = -1
	}
	seconds, unit := 0, 3600
	for i, part := range strings.Split(strings.TrimLeft(text, "+-"), ":") {
		n, _ := strconv.Atoi(part) // digits, by the pattern
		if i == 0 && n > 24*7-1 || i == 1 && n > 59 || i == 2 && n > 60 {
			return 0, false
		}
		seconds += n * unit
		unit /= 60
	}
	return sign * seconds, true
}

// clockText3 writes seconds as [-]h:mm:ss.
func clockText3(seconds int) string {
	sign := ""
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	return fmt.Sprintf("%s%d:%02d:%02d", sign, seconds/3600, seconds/60%60, seconds%60)
}

// zoneFile is a file of the tz database, version 2, of a zone that follows a rule
// of POSIX at all times. Package time keeps to the rule after the last change of
// the clock, so there is one at the beginning of time.
//
//	header, empty version 1 data, header, version 2 data: change, its type, type
//	(offset, no summer time, place of its name), name; "\n" rule "\n"
func zoneFile(name string, east int, rule string) []byte {
	header := func(b []byte, changes, types, letters uint32) []byte {
		b = append(append(b, "TZif2"...), make([]byte, 15)...)
		for _, n := range []uint32{0, 0, 0, changes, types, letters} {
			b = binary.BigEndian.AppendUint32(b, n)
		}
		return b
	}
	b := header(nil, 0, 0, 0)
	b = header(b, 1, 1, uint32(len(name)+1))
	start := int64(-1) << 59
	b = binary.BigEndian.AppendUint64(b, uint64(start))
	b = append(b, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(int32(east)))
	b = append(b, 0, 0)
	b = append(append(b, name...), 0)
	return append(append(append(b, '\n'), rule...), '\n')
}

// fixedZone tells whether a zone's offset never changes.
func fixedZone(loc *time.Location) bool {
	start, end := time.Unix(0, 0).In(loc).ZoneBounds()
	return start.IsZero() && end.IsZero()
}
