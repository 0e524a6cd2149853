package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"volley/sqlerr"
)

// envPrefix begins the name of the environment variable of each flag:
// --data-dir is VOLLEY_DATA_DIR.
const envPrefix = "VOLLEY_"

// defaultConfigFile is read where it exists; --config-file names another one.
const defaultConfigFile = "volley.yaml"

// settle gives each flag that was not on the command line its value from the
// environment or, failing that, from the configuration file.
func settle(cmd *cobra.Command) error {
	k := koanf.New(".")
	path, named := os.LookupEnv(envPrefix + "CONFIG_FILE")
	if f := cmd.Flags().Lookup("config-file"); f != nil && f.Changed {
		path, named = f.Value.String(), true
	}
	if path == "" {
		path = defaultConfigFile
	}
	if err := k.Load(file.Provider(path), yaml.Parser()); err != nil && (named || !errors.Is(err, fs.ErrNotExist)) {
		return sqlerr.Wrap(err, sqlerr.InvalidParameterValue, "configuration file %s", path)
	}
	var bad error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed || bad != nil || f.Name == "config-file" || f.Name == "help" {
			return
		}
		env := envPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if v, ok := os.LookupEnv(env); ok {
			bad = setFlag(f, []string{v}, env)
			return
		}
		if k.Exists(f.Name) {
			values := k.Strings(f.Name)
			if len(values) == 0 {
				values = []string{k.String(f.Name)}
			}
			bad = setFlag(f, values, path)
		}
	})
	return bad
}

// setFlag sets a flag; one that repeats takes its values from a comma-separated
// variable or a list in the file.
func setFlag(f *pflag.Flag, values []string, source string) error {
	if slice, ok := f.Value.(pflag.SliceValue); ok {
		if len(values) == 1 {
			values = strings.Split(values[0], ",")
		}
		f.Changed = true
		return slice.Replace(values)
	}
	if err := f.Value.Set(values[0]); err != nil {
		return sqlerr.New(sqlerr.InvalidParameterValue, "%s: invalid value %q for %s: %v", source, values[0], f.Name, err)
	}
	f.Changed = true
	return nil
}

// byteSize is a flag in bytes: 512MB, 2GiB, 75% (of the machine's memory).
type byteSize int64

func (b *byteSize) String() string {
	if *b == 0 {
		return ""
	}
	return strconv.FormatInt(int64(*b), 10)
}

// Type names the kind of value in the help text.
func (b *byteSize) Type() string { return "size" }

// Set parses a size.
func (b *byteSize) Set(text string) error {
	s := strings.ToUpper(strings.TrimSpace(text))
	if p, ok := strings.CutSuffix(s, "%"); ok {
		n, err := strconv.ParseFloat(p, 64)
		if err != nil || n <= 0 || n > 100 {
			return fmt.Errorf("%q is not a percentage", text)
		}
		*b = byteSize(float64(machineMemory()) * n / 100)
		return nil
	}
	units := []struct {
		suffix string
		size   float64
	}{
		{"KIB", 1 << 10},
		{"MIB", 1 << 20},
		{"GIB", 1 << 30},
		{"TIB", 1 << 40},
		{"KB", 1e3},
		{"MB", 1e6},
		{"GB", 1e9},
		{"TB", 1e12},
		{"K", 1 << 10},
		{"M", 1 << 20},
		{"G", 1 << 30},
		{"T", 1 << 40},
		{"B", 1},
		{"", 1},
	}
	for _, u := range units {
		number, ok := strings.CutSuffix(s, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || n < 0 {
			return fmt.Errorf("%q is not a size such as 512MB or 2GiB", text)
		}
		*b = byteSize(n * u.size)
		return nil
	}
	return nil
}

func defaultThreads() int { return runtime.GOMAXPROCS(0) }
