package app

import (
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"

	"volley/catalog/objstore/secret"
	"volley/sqlerr"
)

// openSecrets gives the secrets of a data directory and of the file of --secrets-file.
func (o *nodeOptions) openSecrets() (*secret.Keeper, error) {
	k, err := secret.Open(o.dataDir)
	if err != nil || o.secretsFile == "" {
		return k, err
	}
	if err := secret.CheckMode(o.secretsFile); err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.UndefinedFile, "--secrets-file")
	}
	text, err := os.ReadFile(o.secretsFile)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.UndefinedFile, "--secrets-file")
	}
	file, err := yaml.Parser().Unmarshal(text)
	if err != nil { // whose text may quote the file
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "secrets file %s is not YAML", o.secretsFile)
	}
	for _, name := range slices.Sorted(maps.Keys(file)) {
		settings, err := secretSettings(file[name])
		if err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.InvalidParameterValue, "secrets file %s, %s", o.secretsFile, name)
		}
		s, err := secret.New(name, settings, readCertificates)
		if err == nil {
			err = k.Configure(s)
		}
		if err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.InvalidParameterValue, "secrets file %s", o.secretsFile)
		}
	}
	return k, nil
}

// secretSettings reads the settings of one secret: name: value or name: [value, …].
func secretSettings(entry any) ([]secret.Setting, error) {
	m, ok := entry.(map[string]any)
	if !ok {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "it is not a mapping of settings")
	}
	var out []secret.Setting
	for _, name := range slices.Sorted(maps.Keys(m)) {
		s := secret.Setting{Name: strings.ToLower(name)}
		values, ok := m[name].([]any)
		if !ok {
			values = []any{m[name]}
		}
		for _, v := range values {
			switch v := v.(type) {
			case nil:
			case string:
				s.Values = append(s.Values, v)
			case bool:
				s.Values = append(s.Values, strconv.FormatBool(v))
			default: // a number or a date as YAML reads it is not what was written
				return nil, sqlerr.New(sqlerr.InvalidParameterValue, "a value of setting %s is no text", s.Name).
					WithHint("Put it in quotes.")
			}
		}
		out = append(out, s)
	}
	return out, nil
}

func readCertificates(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", sqlerr.Wrap(err, sqlerr.UndefinedFile, "could not read the certificates")
	}
	return string(text), nil
}
