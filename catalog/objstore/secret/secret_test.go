package secret

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"volley/sqlerr"
)

func setting(name string, values ...string) Setting { return Setting{name, values} }

func newSecret(t *testing.T, name string, settings ...Setting) Secret {
	t.Helper()
	s, err := New(name, append([]Setting{setting("type", "s3")}, settings...), func(path string) (string, error) { return "PEM of " + path, nil })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLongestScopeCounts(t *testing.T) {
	k, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	for name, scope := range map[string]string{"all": "s3://", "bucket": "s3://trips", "year": "s3://trips/2015", "slash": "s3://trips/raw/"} {
		if err := k.Create(newSecret(t, name, setting("scope", scope)), false); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"s3://other/x":           "all",
		"s3://trips":             "bucket",
		"s3://trips/x.csv":       "bucket",
		"s3://trips2/x.csv":      "all",
		"s3://trips/2015/x.csv":  "year",
		"s3://trips/2015x/x.csv": "bucket",
		"s3://trips/raw/é x.csv": "slash",
		"gs://trips/x.csv":       "",
		"/trips/x.csv":           "",
	} {
		name := ""
		if s := Find(context.Background(), k, path); s != nil {
			name = s.Name
		}
		if name != want {
			t.Errorf("%s: %q, want %q", path, name, want)
		}
	}
	given := NewSet([]*Secret{{Name: "given", Scope: []string{"s3://trips"}}})
	if s := Find(With(context.Background(), given), k, "s3://trips/x"); s.Name != "given" {
		t.Errorf("the context's secret is not preferred: %s", s.Name)
	}
	if s := Find(With(context.Background(), given), k, "s3://trips/2015/x"); s.Name != "year" {
		t.Errorf("the longer scope is not preferred: %s", s.Name)
	}
	needed := k.Set().For(slices.Values([]string{"s3://trips/2015/a", "s3://trips/2015/b", "/local"}))
	if len(needed.List()) != 1 || needed.List()[0].Name != "year" {
		t.Errorf("needed: %v", needed.List())
	}
}

func TestValuesAreNotShown(t *testing.T) {
	s := newSecret(t, "a", setting("key_id", "hidden-id"), setting("secret", "hidden-key"), setting("session_token", "hidden-token"), setting("ca", "file"))
	encoded, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "secret", s, "value", s.Key, "pointer", &s)
	shown := []string{string(encoded), logged.String(), s.Describe()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown = append(shown, fmt.Sprintf(verb, s), fmt.Sprintf(verb, &s), fmt.Sprintf(verb, s.Key))
	}
	for _, text := range shown {
		if strings.Contains(text, "hidden") || strings.Contains(text, fmt.Sprintf("%x", "hidden")) {
			t.Errorf("shown: %s", text)
		}
	}
	if want := "name=a;type=s3;provider=config;scope=s3://;key_id=redacted;secret=redacted;session_token=redacted;use_ssl=true;ca=redacted"; s.Describe() != want {
		t.Errorf("%s, want %s", s.Describe(), want)
	}
	b, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(b)
	if err != nil || back.Key.Reveal() != "hidden-key" || back.KeyID.Reveal() != "hidden-id" || back.SessionToken.Reveal() != "hidden-token" || back.CA != "PEM of file" {
		t.Errorf("after a round trip: %v, %v", back, err)
	}
}

func TestHeadersAreNotShown(t *testing.T) {
	s, err := New("web", []Setting{
		setting("type", "http"), setting("scope", "https://h/x"), setting("bearer_token", "hidden-token"),
		setting("extra_http_headers", "X-Key: hidden-key", "X-Empty:"),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if shown := fmt.Sprintf("%+v %#v %s", s, s.Headers, s.Describe()); strings.Contains(shown, "hidden") || !strings.Contains(shown, "authorization=redacted;x-key=redacted") {
		t.Error(shown)
	}
	b, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(b)
	if err != nil || len(back.Headers) != 3 || back.Headers[0] != (Header{"Authorization", NewValue("Bearer hidden-token")}) ||
		back.Headers[1] != (Header{"X-Key", NewValue("hidden-key")}) || back.Headers[2] != (Header{Name: "X-Empty"}) {
		t.Errorf("after a round trip: %v, %v", back, err)
	}
}

func TestWrongSettings(t *testing.T) {
	for name, settings := range map[string][]Setting{
		"no type":        {setting("key_id", "a")},
		"type":           {setting("type", "azure-hidden")},
		"half":           {setting("type", "s3"), setting("secret", "hidden")},
		"token alone":    {setting("type", "s3"), setting("session_token", "hidden")},
		"chain and keys": {setting("type", "s3"), setting("provider", "credential_chain"), setting("key_id", "hidden"), setting("secret", "hidden")},
		"provider":       {setting("type", "s3"), setting("provider", "hidden")},
		"url style":      {setting("type", "s3"), setting("url_style", "hidden")},
		"ssl":            {setting("type", "s3"), setting("use_ssl", "hidden")},
		"scope":          {setting("type", "s3"), setting("scope", "gs://hidden")},
		"unknown":        {setting("type", "s3"), setting("hidden-key", "hidden")},
		"twice":          {setting("type", "s3"), setting("region", "hidden"), setting("region", "hidden")},
		"no value":       {setting("type", "s3"), setting("region")},
		"web scope":      {setting("type", "http"), setting("bearer_token", "hidden")},
		"web no host":    {setting("type", "http"), setting("bearer_token", "hidden"), setting("scope", "https://")},
		"web other":      {setting("type", "http"), setting("bearer_token", "hidden"), setting("scope", "s3://hidden")},
		"web nothing":    {setting("type", "http"), setting("scope", "https://hidden")},
		"web keys":       {setting("type", "http"), setting("scope", "https://hidden"), setting("key_id", "hidden"), setting("secret", "hidden")},
		"web chain":      {setting("type", "http"), setting("scope", "https://hidden"), setting("bearer_token", "hidden"), setting("provider", "credential_chain")},
		"token of s3":    {setting("type", "s3"), setting("bearer_token", "hidden")},
		"headers of s3":  {setting("type", "s3"), setting("extra_http_headers", "X: hidden")},
		"two tokens":     {setting("type", "http"), setting("scope", "https://h"), setting("bearer_token", "hidden"), setting("extra_http_headers", "authorization: hidden")},
		"no header":      {setting("type", "http"), setting("scope", "https://h"), setting("extra_http_headers", "hidden")},
		"header's name":  {setting("type", "http"), setting("scope", "https://h"), setting("extra_http_headers", "x hidden: 1")},
		"a range":        {setting("type", "http"), setting("scope", "https://h"), setting("extra_http_headers", "Range: hidden")},
		"two lines":      {setting("type", "http"), setting("scope", "https://h"), setting("extra_http_headers", "x: hidden\r\ny: 1")},
	} {
		_, err := New("a", settings, nil)
		if sqlerr.Code(err) != sqlerr.InvalidParameterValue || strings.Contains(fmt.Sprint(err), "hidden") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPersistentSecrets(t *testing.T) {
	dir := t.TempDir()
	open := func() *Keeper {
		t.Helper()
		k, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	k := open()
	kept := newSecret(t, "kept", setting("key_id", "id"), setting("secret", "key"))
	kept.Persistent = true
	for _, s := range []Secret{kept, newSecret(t, "passing")} {
		if err := k.Create(s, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Create(kept, false); sqlerr.Code(err) != sqlerr.DuplicateObject {
		t.Errorf("a second one of the name: %v", err)
	}
	path := filepath.Join(dir, fileName)
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	k = open()
	if list := k.Set().List(); len(list) != 1 || list[0].Name != "kept" || list[0].Key.Reveal() != "key" || list[0].Storage != inDirectory {
		t.Errorf("after a restart: %v", list)
	}
	replacement := newSecret(t, "kept")
	if err := k.Create(replacement, true); err != nil {
		t.Fatal(err)
	}
	if list := open().Set().List(); len(list) != 0 {
		t.Errorf("a temporary secret took its place, but it is still there: %v", list)
	}
	if err := k.Drop("kept", nil); err != nil {
		t.Fatal(err)
	}
	if err := k.Drop("kept", nil); sqlerr.Code(err) != sqlerr.UndefinedObject {
		t.Errorf("dropped twice: %v", err)
	}
	if err := k.Configure(newSecret(t, "fixed")); err != nil {
		t.Fatal(err)
	}
	if err := k.Drop("fixed", nil); sqlerr.Code(err) != sqlerr.InsufficientPrivilege {
		t.Errorf("one of the configuration was dropped: %v", err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); sqlerr.Code(err) != sqlerr.InsufficientPrivilege {
		t.Errorf("a file that others may read: %v", err)
	}
	if err := CheckMode(filepath.Join(dir, "none")); !os.IsNotExist(err) {
		t.Errorf("a missing file: %v, want %v", err, fs.ErrNotExist)
	}
	temporary, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	if err := temporary.Create(kept, false); sqlerr.Code(err) != sqlerr.ObjectNotInState {
		t.Errorf("persistent without a directory: %v", err)
	}
}
