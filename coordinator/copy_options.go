package coordinator

import (
	"slices"
	"strings"

	"volley/parser/ast"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype/textencoding"
)

// copyOptions are COPY's options, decided.
type copyOptions struct {
	format      string // "csv", "text", "binary", "parquet"
	header      bool
	match       bool // HEADER MATCH: the names in the header are checked
	freeze      bool
	text        physical.TextFormat
	encoding    *textencoding.Encoding // nil for UTF-8
	compression string                 // of the file: "", "gzip", "zstd"; parquet: its codec
	files       copyFiles

	forceQuote, forceNotNull, forceNull columnChoice
}

// columnChoice is a list of columns by name, or all of them.
type columnChoice struct {
	names []string
	all   bool
}

func (c columnChoice) given() bool { return c.all || len(c.names) > 0 }

// givenOptions are the options as written.
type givenOptions struct {
	seen  map[string]bool
	null  *string
	bytes map[string]string // delimiter, quote, escape
}

// parseCopyOptions reads the options of COPY. Without FORMAT, the file's name
// decides, and text is the format of STDIN and STDOUT as in PostgreSQL.
func parseCopyOptions(st *ast.Copy) (*copyOptions, error) {
	o := &copyOptions{text: physical.TextFormat{Quote: '"'}}
	g := &givenOptions{seen: map[string]bool{}, bytes: map[string]string{}}
	for _, opt := range st.Options {
		if err := o.read(st, g, opt); err != nil {
			return nil, err
		}
	}
	if err := o.decideFormat(st); err != nil {
		return nil, err
	}
	return o, o.decideText(st, g)
}

// optionAliases are other names of options.
var optionAliases = map[string]string{"delim": "delimiter", "sep": "delimiter", "nullstr": "null", "codec": "compression"}

// read takes one option.
func (o *copyOptions) read(st *ast.Copy, g *givenOptions, opt ast.Option) error {
	name := opt.Name
	if full, ok := optionAliases[name]; ok {
		name = full
	}
	v, err := optionText(opt)
	if err != nil {
		return err
	}
	switch name {
	case "csv", "text", "binary", "parquet":
		name, v = "format", name
	}
	if g.seen[name] {
		return sqlerr.At(opt.Position(), sqlerr.SyntaxError, "conflicting or redundant options")
	}
	g.seen[name] = true
	switch name {
	case "format":
		o.format = strings.ToLower(v)
		if !slices.Contains([]string{"csv", "text", "binary", "parquet"}, o.format) {
			return sqlerr.At(opt.Position(), sqlerr.InvalidParameterValue, "COPY format %q not recognized", v)
		}
	case "header":
		return o.readHeader(st, opt, v)
	case "freeze":
		o.freeze, err = optionBool(opt, v)
	case "delimiter", "quote", "escape":
		g.bytes[name] = v
	case "null":
		g.null = &v
	case "force_quote":
		o.forceQuote, err = optionColumns(opt)
	case "force_not_null":
		o.forceNotNull, err = optionColumns(opt)
	case "force_null":
		o.forceNull, err = optionColumns(opt)
	case "compression":
		o.compression = strings.ToLower(v)
	case "encoding":
		var ok bool
		if o.encoding, ok = textencoding.Find(v); !ok {
			return sqlerr.At(opt.Position(), sqlerr.InvalidParameterValue, "argument to option \"encoding\" must be a valid encoding name")
		}
		return o.encoding.Check(opt.Position())
	default:
		known := false
		if !st.From {
			known, err = o.files.read(opt, name, v)
		}
		if !known {
			return sqlerr.At(opt.Position(), sqlerr.SyntaxError, "option %q not recognized", opt.Name)
		}
	}
	return err
}

// readHeader takes HEADER, which is a boolean or MATCH.
func (o *copyOptions) readHeader(st *ast.Copy, opt ast.Option, v string) (err error) {
	if strings.EqualFold(v, "match") {
		if !st.From {
			return sqlerr.New(sqlerr.FeatureNotSupported, "cannot use \"match\" with HEADER in COPY TO")
		}
		o.header, o.match = true, true
		return nil
	}
	if o.header, err = optionBool(opt, v); err != nil {
		return sqlerr.New(sqlerr.SyntaxError, "header requires a Boolean value or \"match\"")
	}
	return nil
}

// decideFormat finds the format and the compression, if need be by the file's
// name.
func (o *copyOptions) decideFormat(st *ast.Copy) error {
	name, zipped := strings.ToLower(st.File), ""
	for suffix, codec := range map[string]string{".gz": "gzip", ".zst": "zstd"} {
		if strings.HasSuffix(name, suffix) {
			name, zipped = strings.TrimSuffix(name, suffix), codec
		}
	}
	if o.format == "" {
		o.format = "text"
		switch {
		case strings.HasSuffix(name, ".csv"), strings.HasSuffix(name, ".tsv"):
			o.format = "csv"
		case strings.HasSuffix(name, ".parquet"):
			o.format = "parquet"
		}
	}
	o.text.CSV = o.format == "csv"
	if o.text.CSV && strings.HasSuffix(name, ".tsv") {
		o.text.Delimiter = '\t'
	}
	switch o.format {
	case "binary":
		if !st.Std {
			return sqlerr.At(st.Position(), sqlerr.FeatureNotSupported, "COPY of a file in binary format is not supported")
		}
		return nil
	case "parquet":
		if st.Std {
			return sqlerr.At(st.Position(), sqlerr.FeatureNotSupported, "COPY TO STDOUT in parquet format is not supported")
		}
		o.files.parquet.Compression = o.compression
		return nil
	}
	if name := o.files.parquetOnly; name != "" {
		return sqlerr.At(st.Position(), sqlerr.FeatureNotSupported, "COPY %s available only in parquet mode", name)
	}
	if st.Std && o.files.directory() {
		return sqlerr.At(st.Position(), sqlerr.InvalidParameterValue, "COPY TO STDOUT cannot write several files")
	}
	if o.compression == "" {
		o.compression = zipped
	}
	if o.compression == "none" || o.compression == "uncompressed" {
		o.compression = ""
	}
	if o.compression != "" && o.compression != "gzip" && o.compression != "zstd" {
		return sqlerr.At(st.Position(), sqlerr.InvalidParameterValue, "compression %q is not known: gzip, zstd or none", o.compression)
	}
	return nil
}

// forceColumns are the flags of a choice among columns by name. known are all
// columns that may be named; relation is their table's name, "" for a query.
func (c columnChoice) forceColumns(option, relation string, columns, known []string) ([]bool, error) {
	if !c.given() {
		return nil, nil
	}
	out := make([]bool, len(columns))
	for i := range out {
		out[i] = c.all
	}
	for _, name := range c.names {
		at := slices.Index(columns, name)
		switch {
		case at >= 0:
			out[at] = true
		case slices.Contains(known, name):
			return nil, sqlerr.New(sqlerr.InvalidColumnReference, "%s column \"%s\" not referenced by COPY", option, name)
		case relation != "":
			return nil, sqlerr.New(sqlerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", name, relation)
		default:
			return nil, sqlerr.New(sqlerr.UndefinedColumn, "column \"%s\" does not exist", name)
		}
	}
	return out, nil
}

// optionColumns reads a list of column names, or *.
func optionColumns(opt ast.Option) (c columnChoice, err error) {
	switch v := opt.Value.(type) {
	case *ast.Star:
		return columnChoice{all: true}, nil
	case *ast.Array:
		return columnChoice{names: columnNames(v.Items)}, nil
	case *ast.Row:
		return columnChoice{names: columnNames(v.Items)}, nil
	}
	return c, sqlerr.At(opt.Position(), sqlerr.InvalidParameterValue, "argument to option %q must be a list of column names", opt.Name)
}
