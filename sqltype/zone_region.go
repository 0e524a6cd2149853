package sqltype

import (
	"os"
	"strings"
	"sync"
	"time"
)

// regions are the time zones of the tz database loaded so far, by the name asked
// for; only names that exist are kept, so that input cannot fill it much.
var regions sync.Map // string → *time.Location

// zoneDirectories are where systems keep the tz database.
var zoneDirectories = []string{os.Getenv("ZONEINFO"), "/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"}

// RegionZone gives the zone of a name of the tz database, in any case; nil when
// there is none. The location's String is the name as the database spells it.
// It is safe for concurrent use.
func RegionZone(name string) *time.Location {
	if l, ok := regions.Load(name); ok {
		return l.(*time.Location)
	}
	if name == "" || strings.EqualFold(name, "local") {
		return nil
	}
	l, err := time.LoadLocation(name)
	if err != nil {
		if l, err = time.LoadLocation(regionName(name)); err != nil || l == time.UTC {
			return nil
		}
	}
	regions.Store(name, l)
	return l
}

// regionName is the name of a file of the tz database that differs from name in
// nothing but case; "" when there is none.
func regionName(name string) string {
	for _, root := range zoneDirectories {
		if root == "" {
			continue
		}
		var found []string
		for _, part := range strings.Split(name, "/") {
			part = fileNamed(root, part)
			if part == "" {
				break
			}
			root += "/" + part
			found = append(found, part)
		}
		if len(found) == strings.Count(name, "/")+1 {
			return strings.Join(found, "/")
		}
	}
	return ""
}

func fileNamed(directory, name string) string {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return ""
	}
	for _, e := range entries {
		if strings.EqualFold(e.Name(), name) {
			return e.Name()
		}
	}
	return ""
}
