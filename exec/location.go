package exec

import (
	"sync"
	"time"

	"volley/sqlerr"
)

// locations are the time zones loaded so far, by name: loading one reads files.
var locations sync.Map

// location gives a time zone by name; 22023 when there is none.
func location(name string) (*time.Location, error) {
	if loc, ok := locations.Load(name); ok {
		return loc.(*time.Location), nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for parameter \"TimeZone\": \"%s\"", name)
	}
	locations.Store(name, loc)
	return loc, nil
}
