package secret

import (
	"slices"
	"strconv"
	"strings"

	"volley/sqlerr"
)

// Setting is one of a secret's settings as a statement or a file says it: name in
// lower case, one value, or several for scope.
type Setting struct {
	Name   string
	Values []string
}

// endpoints are where the servers of a type are unless a secret says otherwise, and
// scopes which paths they are asked for.
var (
	endpoints = map[string]string{"s3": "", "gcs": "storage.googleapis.com"}
	scopes    = map[string][]string{"s3": {"s3://"}, "gcs": {"gs://"}, typeHTTP: {"https://", "http://"}}
)

// typeHTTP are secrets for web servers, which take headers instead of keys.
const typeHTTP = "http"

var httpNames = []string{"type", "provider", "scope", bearerToken, extraHeaders}

const (
	bearerToken  = "bearer_token"
	extraHeaders = "extra_http_headers"
)

var names = []string{
	"type", "provider", "scope", "key_id", "secret", "session_token", "profile", "region",
	"endpoint", "url_style", "use_ssl", "requester_pays", "ca",
	bearerToken, extraHeaders,
}

// DefaultName is what a secret is called that was given no name.
func DefaultName(settings []Setting) string {
	for _, s := range settings {
		if s.Name == "type" && len(s.Values) == 1 {
			return "__default_" + strings.ToLower(s.Values[0])
		}
	}
	return ""
}

// New makes a secret of its settings (22023 for what is wrong with them). Messages
// name settings, never their values. read gives the content of a file (CA).
func New(name string, settings []Setting, read func(path string) (string, error)) (Secret, error) {
	s := Secret{Name: name, Provider: Config}
	given := map[string]bool{}
	for _, o := range settings {
		if !slices.Contains(names, o.Name) { // which may be a value in the wrong place
			return s, invalid("unknown setting of secret \"%s\"", name).
				WithHint("Settings are %s.", strings.Join(names, ", "))
		}
		if given[o.Name] {
			return s, invalid("setting %s of secret \"%s\" is given twice", o.Name, name)
		}
		given[o.Name] = true
		switch o.Name {
		case "scope":
			s.Scope = o.Values
			continue
		case extraHeaders:
			if err := s.addHeaders(o.Values); err != nil {
				return s, err
			}
			continue
		}
		if len(o.Values) != 1 {
			return s, invalid("setting %s of secret \"%s\" needs one value", o.Name, name)
		}
		if err := s.apply(o.Name, o.Values[0], read); err != nil {
			return s, err
		}
	}
	return s, s.complete(given)
}

func invalid(format string, args ...any) *sqlerr.Error {
	return sqlerr.New(sqlerr.InvalidParameterValue, format, args...)
}

// apply takes one setting.
func (s *Secret) apply(name, value string, read func(string) (string, error)) (err error) {
	switch name {
	case "type":
		s.Type = strings.ToLower(value)
	case "provider":
		s.Provider = strings.ToLower(value)
	case "key_id":
		s.KeyID = NewValue(value)
	case "secret":
		s.Key = NewValue(value)
	case "session_token":
		s.SessionToken = NewValue(value)
	case bearerToken:
		err = s.addHeaders([]string{"Authorization: Bearer " + value})
	case "profile":
		s.Profile = value
	case "region":
		s.Region = value
	case "endpoint":
		s.Endpoint = value
	case "url_style":
		s.URLStyle = strings.ToLower(value)
	case "use_ssl":
		var use bool
		use, err = s.boolean(name, value)
		s.PlainHTTP = !use
	case "requester_pays":
		s.RequesterPays, err = s.boolean(name, value)
	case "ca":
		s.CA, err = read(value)
	}
	return err
}

// addHeaders takes headers, each "name: value".
func (s *Secret) addHeaders(lines []string) error {
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if value = strings.TrimSpace(value); !ok || !isHeaderName(name) || strings.ContainsFunc(value, isControl) {
			return invalid("a header of secret \"%s\" is not one", s.Name).WithHint("Headers are MAP {'name': 'value'}, or ['name: value'].")
		}
		if slices.Contains(reservedHeaders, strings.ToLower(name)) {
			return invalid("a header of secret \"%s\" is set by each request", s.Name)
		}
		if slices.ContainsFunc(s.Headers, func(h Header) bool { return strings.EqualFold(h.Name, name) }) {
			return invalid("a header of secret \"%s\" is given twice", s.Name)
		}
		s.Headers = append(s.Headers, Header{name, NewValue(value)})
	}
	return nil
}

// reservedHeaders are those that say what a request is for, in lower case.
var reservedHeaders = []string{"accept-encoding", "connection", "content-length", "host", "if-match", "if-unmodified-since", "range", "transfer-encoding"}

// isHeaderName tells whether a text is a token of HTTP (RFC 9110, section 5.6.2).
func isHeaderName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

func (s *Secret) boolean(name, value string) (bool, error) {
	switch strings.ToLower(value) {
	case "on", "yes":
		return true, nil
	case "off", "no":
		return false, nil
	}
	v, err := strconv.ParseBool(strings.ToLower(value))
	if err != nil {
		return false, invalid("setting %s of secret \"%s\" requires a Boolean value", name, s.Name)
	}
	return v, nil
}

// complete checks that the settings fit each other, and adds what follows from them.
func (s *Secret) complete(given map[string]bool) error {
	if s.Type == "" {
		return invalid("secret \"%s\" needs a TYPE", s.Name)
	}
	if _, ok := scopes[s.Type]; !ok {
		return invalid("secrets of this TYPE are not known").WithHint("Types are s3, gcs and http.")
	}
	for name := range given {
		if (s.Type == typeHTTP) != slices.Contains(httpNames, name) && !slices.Contains(httpNames[:3], name) {
			return invalid("setting %s of secret \"%s\" is not one of its TYPE", strings.ToUpper(name), s.Name)
		}
	}
	if !slices.Contains([]string{Config, Chain, Anonymous}, s.Provider) {
		return invalid("this PROVIDER of secrets is not known").WithHint("Providers are config, credential_chain and anonymous.")
	}
	keys := given["key_id"] || given["secret"] || given["session_token"]
	switch {
	case s.Provider != Config && keys:
		return invalid("secret \"%s\" has keys, which its PROVIDER does not take", s.Name)
	case s.Provider != Chain && given["profile"]:
		return invalid("PROFILE needs PROVIDER credential_chain")
	case (s.KeyID.text == "") != (s.Key.text == ""), s.SessionToken.text != "" && s.Key.text == "":
		return invalid("secret \"%s\" needs both KEY_ID and SECRET, or neither", s.Name)
	case !slices.Contains([]string{"", "path", "vhost"}, s.URLStyle):
		return invalid("URL_STYLE of secret \"%s\" must be path or vhost", s.Name)
	}
	if s.Endpoint == "" {
		s.Endpoint = endpoints[s.Type]
	}
	if s.Type == typeHTTP {
		return s.completeHTTP()
	}
	if len(s.Scope) == 0 {
		s.Scope = scopes[s.Type]
	}
	return s.checkScopes()
}

func (s *Secret) checkScopes() error {
	for _, scope := range s.Scope {
		if !slices.ContainsFunc(scopes[s.Type], func(scheme string) bool { return strings.HasPrefix(scope, scheme) }) {
			return invalid("SCOPE of secret \"%s\" must begin with %s", s.Name, strings.Join(scopes[s.Type], " or "))
		}
	}
	return nil
}

// completeHTTP checks the settings for web servers. A server must be named: a query may
// name any, which shall not get another's token.
func (s *Secret) completeHTTP() error {
	if s.Provider != Config {
		return invalid("secrets of TYPE http have no PROVIDER but config")
	}
	if len(s.Scope) == 0 || len(s.Headers) == 0 {
		return invalid("secret \"%s\" needs a SCOPE, and BEARER_TOKEN or EXTRA_HTTP_HEADERS", s.Name)
	}
	for _, scope := range s.Scope {
		if _, host, _ := strings.Cut(scope, "://"); host == "" || host[0] == '/' {
			return invalid("SCOPE of secret \"%s\" must name a host", s.Name).WithHint("Scopes are https://host or https://host/path.")
		}
	}
	return s.checkScopes()
}
