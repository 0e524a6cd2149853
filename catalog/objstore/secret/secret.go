// Package secret keeps what is needed to reach object stores and web servers, by path:
// keys, endpoints, regions, headers. A Secret has scopes, beginnings of paths; of all whose scope a
// path is in, the one with the longest scope counts.
//
//	CREATE SECRET ─▶ Keeper ─▶ Set ─▶ context ─▶ store
//	                             └─▶ fragment ─▶ context of the task ─▶ store
//
// A Keeper is what a process knows; a Set is what it knew at one moment, or what came
// with a fragment. Keys are of type Value, which no formatting verb, logger or encoder
// shows: only Reveal and Encode do, for the store, the link to workers, and the file.
package secret

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"volley/sqlerr"
)

// Providers say where keys are from.
const (
	Config    = "config"           // the secret itself; without any, requests are anonymous
	Chain     = "credential_chain" // the environment, files and roles of each process
	Anonymous = "anonymous"        // nowhere
)

// Secret is the settings for the paths of its scopes. It is never changed once made.
type Secret struct {
	Name     string
	Type     string   // s3, gcs or http
	Provider string   // Config, Chain or Anonymous
	Scope    []string // beginnings of paths, with their scheme
	// Persistent: it is kept in the data directory.
	Persistent bool
	// Storage is where it is kept: memory, local_file or config_file.
	Storage string

	KeyID        Value
	Key          Value
	SessionToken Value
	Profile      string // of the shared files, for Chain
	// Headers are what requests to web servers have besides, for http.
	Headers []Header

	Region        string
	Endpoint      string // host[:port], or a URL
	URLStyle      string // path, vhost, or "": as the endpoint needs it
	PlainHTTP     bool   // USE_SSL false
	RequesterPays bool
	CA            string // certificates as PEM; "": the system's
}

// Header is one of a request.
type Header struct {
	Name  string
	Value Value
}

// Value is a string that is not shown.
type Value struct{ text string }

// NewValue hides a text.
func NewValue(text string) Value { return Value{text} }

// Reveal gives the text.
func (v Value) Reveal() string { return v.text }

// redacted stands for every value that is not shown.
const redacted = "redacted"

// String is "redacted", "" for nothing.
func (v Value) String() string {
	if v.text == "" {
		return ""
	}
	return redacted
}

// Format writes the same by every verb.
func (v Value) Format(f fmt.State, _ rune) { fmt.Fprint(f, v.String()) }

// LogValue is what loggers write.
func (v Value) LogValue() slog.Value { return slog.StringValue(v.String()) }

// MarshalText is what encoders write.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// plain is a Secret whose keys are encoded as they are.
type plain struct {
	Secret
	KeyID        string        `json:",omitempty"`
	Key          string        `json:",omitempty"`
	SessionToken string        `json:",omitempty"`
	Headers      []plainHeader `json:",omitempty"`
}

type plainHeader struct{ Name, Value string }

func (s *Secret) plain() plain {
	p := plain{Secret: *s, KeyID: s.KeyID.text, Key: s.Key.text, SessionToken: s.SessionToken.text}
	for _, h := range s.Headers {
		p.Headers = append(p.Headers, plainHeader{h.Name, h.Value.text})
	}
	return p
}

func (p plain) secret() Secret {
	s := p.Secret
	s.KeyID, s.Key, s.SessionToken, s.Headers = Value{p.KeyID}, Value{p.Key}, Value{p.SessionToken}, nil
	for _, h := range p.Headers {
		s.Headers = append(s.Headers, Header{h.Name, Value{h.Value}})
	}
	return s
}

// Encode gives all of a secret, its keys too, for Decode.
func (s *Secret) Encode() ([]byte, error) { return json.Marshal(s.plain()) }

// Decode is the inverse of Encode.
func Decode(b []byte) (Secret, error) {
	var p plain
	if err := json.Unmarshal(b, &p); err != nil {
		return Secret{}, sqlerr.New(sqlerr.ProtocolViolation, "a secret is malformed") // its text is not for messages
	}
	return p.secret(), nil
}

// Describe is the settings as one text, in DuckDB's form, without the values of keys.
func (s *Secret) Describe() string {
	parts := []string{"name=" + s.Name, "type=" + s.Type, "provider=" + s.Provider, "scope=" + strings.Join(s.Scope, ",")}
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+"="+value)
		}
	}
	add("endpoint", s.Endpoint)
	add("key_id", s.KeyID.String())
	add("secret", s.Key.String())
	add("session_token", s.SessionToken.String())
	add("profile", s.Profile)
	add("region", s.Region)
	add("url_style", s.URLStyle)
	for _, h := range s.Headers {
		add(strings.ToLower(h.Name), h.Value.String())
	}
	if s.Type != typeHTTP {
		parts = append(parts, fmt.Sprintf("use_ssl=%t", !s.PlainHTTP))
	}
	if s.RequesterPays {
		parts = append(parts, "requester_pays=true")
	}
	if s.CA != "" {
		parts = append(parts, "ca="+redacted)
	}
	return strings.Join(parts, ";")
}

// matches gives the length of the longest scope that path is in, −1 for none. A scope
// ends at a slash of the path, so that s3://a is not for s3://ab.
func (s *Secret) matches(path string) int {
	longest := -1
	for _, scope := range s.Scope {
		rest, ok := strings.CutPrefix(path, scope)
		if ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(scope, "/")) {
			longest = max(longest, len(scope))
		}
	}
	return longest
}
