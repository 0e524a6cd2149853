package coordinator

import (
	"errors"
	"sort"
	"strconv"
	"strings"
	"time"

	"volley/sqlerr"
	"volley/sqltype"
)

// ServerVersion is what clients are told: drivers switch features by it.
const ServerVersion = "15.0"

// setting describes a session setting.
type setting struct {
	value    string // default
	reported bool   // ParameterStatus is sent when it changes
	readOnly bool
	about    string // description, for SHOW ALL and pg_settings
	hint     string // with the error of a value that check refuses
	// check gives the canonical form of a new value.
	check func(string) (string, error)
}

// knownSettings are PostgreSQL's settings that clients set or ask for, and
// Volley's own.
var knownSettings = allSettings(map[string]setting{
	"application_name":                    {reported: true},
	"array_nulls":                         {value: "on", check: checkBool},
	"backslash_quote":                     {value: "safe_encoding"},
	"bytea_output":                        {value: "hex", check: checkOneOf("hex", "escape")},
	"check_function_bodies":               {value: "on", check: checkBool},
	"client_encoding":                     {value: "UTF8", reported: true, check: checkEncoding},
	"client_min_messages":                 {value: "notice"},
	"datestyle":                           {value: "ISO, MDY", reported: true},
	"default_tablespace":                  {},
	"default_transaction_deferrable":      {value: "off", check: checkBool},
	"default_transaction_isolation":       isolationSetting,
	"default_transaction_read_only":       {value: "off", reported: true, check: checkBool},
	"enable_seqscan":                      {value: "on", check: checkBool},
	"extra_float_digits":                  {value: "1", check: checkFloatDigits},
	"idle_in_transaction_session_timeout": {value: "0", check: checkMillis},
	"in_hot_standby":                      {value: "off", reported: true, readOnly: true},
	"integer_datetimes":                   {value: "on", reported: true, readOnly: true},
	"intervalstyle":                       {value: "postgres", reported: true, check: checkOneOf(intervalFormats[:]...)},
	"is_superuser":                        {value: "on", reported: true, readOnly: true},
	"jit":                                 {value: "off", check: checkBool},
	"lc_collate":                          {value: "C", readOnly: true},
	"lc_ctype":                            {value: "C.UTF-8", readOnly: true},
	"lc_messages":                         {value: "C"},
	"lc_monetary":                         {value: "C"},
	"lc_numeric":                          {value: "C"},
	"lc_time":                             {value: "C"},
	"lock_timeout":                        {value: "0", check: checkMillis},
	"max_identifier_length":               {value: "63", readOnly: true},
	"max_index_keys":                      {value: "32", readOnly: true},
	"role":                                {value: "none"},
	"row_security":                        {value: "on", check: checkBool},
	"search_path":                         {value: "\"$user\", public"},
	"server_encoding":                     {value: "UTF8", reported: true, readOnly: true},
	"server_version":                      {value: ServerVersion, reported: true, readOnly: true},
	"server_version_num":                  {value: "150000", readOnly: true},
	"session_authorization":               {reported: true},
	"standard_conforming_strings":         {value: "on", reported: true, check: checkBool},
	"statement_timeout":                   {value: "0", check: checkMillis},
	"synchronize_seqscans":                {value: "on", check: checkBool},
	"timezone":                            {value: "UTC", reported: true, check: checkTimeZone},
	"transaction_deferrable":              {value: "off", check: checkBool},
	"transaction_isolation":               isolationSetting,
	"transaction_read_only":               {value: "off", check: checkBool},
	"work_mem":                            {value: "4MB"},
	"xmloption":                           {value: "content"},

	"volley.batch_rows":  {value: "8192", check: checkPositive},
	"volley.split_bytes": {value: "0", check: checkInteger},
	"volley.memory":      {value: "0", check: checkInteger},
	// the most that a join's build side may weigh to be sent whole to every task; 0: a default
	"volley.broadcast_bytes": {value: "0", check: checkInteger},
	// off: no task that runs is started a second time on another worker
	"volley.speculation":     {value: "on", check: checkBool},
	"volley.key_filter_rows": {value: "0", check: checkInteger},
	// the most that a managed table may weigh for workers to read it: its rows go with the tasks
	"volley.ship_table_bytes": {value: "0", check: checkInteger},
	listingMaxAge:             {value: "0", check: checkAge},
})

// displayNames are the settings that PostgreSQL spells with capitals.
var displayNames = map[string]string{"datestyle": "DateStyle", "timezone": "TimeZone", "intervalstyle": "IntervalStyle"}

func displayName(name string) string {
	if d, ok := displayNames[name]; ok {
		return d
	}
	return name
}

// settings are one session's values, by lower-case name.
type settings struct {
	values   map[string]string // those that differ from the default
	defaults map[string]string // those given at start-up
	changed  map[string]bool   // reported settings changed since they were reported
	location *time.Location
	block    *settingsBlock // nil outside a transaction block
	// pathChanged is set when search_path is.
	pathChanged bool
}

func newSettings() *settings {
	return &settings{values: map[string]string{}, defaults: map[string]string{}, changed: map[string]bool{}, location: time.UTC}
}

// get gives a setting's value.
func (s *settings) get(name string) (string, error) {
	name = strings.ToLower(name)
	if initial, ok := transactionSettings[name]; ok {
		if s.block != nil {
			return s.block.modes[name], nil
		}
		return s.get(initial)
	}
	if v, ok := s.values[name]; ok {
		return v, nil
	}
	if v, ok := s.defaults[name]; ok {
		return v, nil
	}
	if k, ok := knownSettings[name]; ok {
		return k.value, nil
	}
	return "", sqlerr.New(sqlerr.UndefinedObject, "unrecognized configuration parameter %q", name)
}

// set changes a setting. A name with a dot that is not Volley's own is a
// setting of somebody else's, which PostgreSQL keeps too. A local value ends
// with the transaction block.
func (s *settings) set(name, value string, local bool) error {
	value, err := s.canonical(name, value)
	if err != nil {
		return err
	}
	name = strings.ToLower(name)
	if transactionSettings[name] != "" {
		if s.block != nil { // else there is no transaction that has it
			s.block.modes[name] = value
		}
		return nil
	}
	if s.hide(name, local) {
		s.values[name] = value
		s.touched(name)
	}
	return nil
}

// canonical is a new value of a setting as it is kept and shown, if it can be set.
func (s *settings) canonical(name, value string) (string, error) {
	name = strings.ToLower(name)
	k, known := knownSettings[name]
	switch {
	case !known && (!strings.Contains(name, ".") || strings.HasPrefix(name, "volley.")):
		return "", sqlerr.New(sqlerr.UndefinedObject, "unrecognized configuration parameter %q", name)
	case k.readOnly:
		return "", sqlerr.New("55P02", "parameter %q cannot be changed", name)
	case name == "datestyle":
		v, err := s.dateStyle(value)
		if err != nil {
			return "", sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for parameter %q: %q", displayName(name), value)
		}
		return v, nil
	case k.check == nil:
		return value, nil
	}
	v, err := k.check(value)
	if typed := (*sqlerr.Error)(nil); errors.As(err, &typed) && (typed.Code == sqlerr.InvalidParameterValue || typed.Code == sqlerr.FeatureNotSupported) {
		return "", err
	}
	if errors.Is(err, errNotBool) {
		return "", sqlerr.New(sqlerr.InvalidParameterValue, "parameter \"%s\" requires a Boolean value", displayName(name))
	}
	if err != nil {
		e := sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for parameter %q: %q", displayName(name), value)
		if k.hint != "" {
			return "", e.WithHint("%s", k.hint)
		}
		return "", e
	}
	return v, nil
}

// isolationSetting is a level of isolation.
var isolationSetting = setting{
	value: "read committed", check: checkOneOf("serializable", "repeatable read", "read committed", "read uncommitted"),
	hint: "Available values: serializable, repeatable read, read committed, read uncommitted.",
}

// reset gives a setting its default again; "all" does so for all.
func (s *settings) reset(name string) error {
	name = strings.ToLower(name)
	if transactionSettings[name] != "" {
		return s.set(name, knownSettings[name].value, true)
	}
	if name == "all" {
		for n := range s.values {
			s.hide(n, false)
			delete(s.values, n)
			s.touched(n)
		}
		return nil
	}
	if _, err := s.get(name); err != nil && (!strings.Contains(name, ".") || strings.HasPrefix(name, "volley.")) {
		return err
	}
	s.hide(name, false)
	delete(s.values, name)
	s.touched(name)
	return nil
}

// touched keeps what is derived from a setting in step.
func (s *settings) touched(name string) {
	if knownSettings[name].reported {
		s.changed[name] = true
	}
	if name == "search_path" {
		s.pathChanged = true
	}
	if name == "timezone" {
		v, _ := s.get(name)
		if loc, err := sqltype.LoadZone(v); err == nil {
			s.location = loc
		}
	}
}

// reported gives the values of reported settings; only those changed since the
// last call when changedOnly.
func (s *settings) reported(changedOnly bool) map[string]string {
	out := map[string]string{}
	for name, k := range knownSettings {
		if k.reported && (!changedOnly || s.changed[name]) {
			out[displayName(name)], _ = s.get(name)
		}
	}
	clear(s.changed)
	return out
}

// names gives every setting's name, sorted.
func (s *settings) names() []string {
	var out []string
	for n := range knownSettings {
		out = append(out, n)
	}
	for n := range s.values {
		if _, ok := knownSettings[n]; !ok {
			out = append(out, n)
		}
	}
	sort.Strings(out)
	return out
}

// integer gives a setting that is a number.
func (s *settings) integer(name string) int64 {
	v, _ := s.get(name)
	n, _ := strconv.ParseInt(v, 10, 64)
	return n
}

// errNotBool is checkBool's error, of which the message has the setting's name.
var errNotBool = errors.New("not a Boolean")

func checkBool(v string) (string, error) {
	on, err := sqltype.ParseBool([]byte(v))
	switch {
	case err != nil:
		return "", errNotBool
	case on:
		return "on", nil
	}
	return "off", nil
}

func checkInteger(v string) (string, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
	return strconv.FormatInt(n, 10), err
}

// checkNumber accepts a number and keeps its spelling.
func checkNumber(v string) (string, error) {
	_, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	return strings.TrimSpace(v), err
}

func checkPositive(v string) (string, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 32)
	if err == nil && n < 1 {
		err = strconv.ErrRange
	}
	return strconv.FormatInt(n, 10), err
}

func checkOneOf(allowed ...string) func(string) (string, error) {
	return func(v string) (string, error) {
		for _, a := range allowed {
			if strings.EqualFold(a, v) {
				return a, nil
			}
		}
		return "", strconv.ErrSyntax
	}
}

// checkEncoding accepts the names of UTF-8 only: text is UTF-8 everywhere.
func checkEncoding(v string) (string, error) {
	switch strings.ToUpper(strings.ReplaceAll(v, "-", "")) {
	case "UTF8", "UNICODE":
		return "UTF8", nil
	}
	return "", strconv.ErrSyntax
}

// checkMillis accepts milliseconds, or a number with a unit.
func checkMillis(v string) (string, error) {
	v = strings.TrimSpace(v)
	if _, err := strconv.ParseInt(v, 10, 32); err == nil {
		return v, nil
	}
	unit := strings.NewReplacer("min", "m", " ", "", "d", "h").Replace(v)
	d, err := time.ParseDuration(unit)
	if strings.HasSuffix(v, "d") {
		d *= 24
	}
	return strconv.FormatInt(d.Milliseconds(), 10), err
}

// checkAge is checkMillis for a time that is not before now.
func checkAge(v string) (string, error) {
	ms, err := checkMillis(v)
	if err == nil && strings.HasPrefix(ms, "-") {
		err = strconv.ErrRange
	}
	return ms, err
}

func checkTimeZone(v string) (string, error) {
	_, err := sqltype.LoadZone(v)
	return sqltype.ZoneName(v), err
}
