package coordinator

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/physical"
	"volley/sqlerr"
)

// copyOptions are COPY TO's options, decided.
type copyOptions struct {
	format      string // "csv", "text", "parquet"
	header      bool
	text        physical.TextFormat
	compression string // of the file: "", "gzip", "zstd"; parquet: its codec
	rowGroup    int64  // rows; 0: the writer's default
	force       []string
	forceAll    bool
}

// parseCopyOptions reads the options of COPY … TO. Without FORMAT, the file's
// name decides, and text is the format of STDOUT as in PostgreSQL.
func parseCopyOptions(st *ast.Copy) (*copyOptions, error) {
	o := &copyOptions{text: physical.TextFormat{Quote: '"'}}
	var null *string
	for _, opt := range st.Options {
		v, err := optionText(opt)
		if err != nil {
			return nil, err
		}
		switch opt.Name {
		case "format":
			o.format = strings.ToLower(v)
		case "csv", "text", "binary", "parquet":
			o.format = opt.Name
		case "header":
			o.header, err = optionBool(opt, v)
		case "delimiter", "delim", "sep":
			o.text.Delimiter, err = optionByte(opt, v)
		case "quote":
			o.text.Quote, err = optionByte(opt, v)
		case "escape":
			o.text.Escape, err = optionByte(opt, v)
		case "null", "nullstr":
			null = &v
		case "force_quote":
			o.force, o.forceAll = optionNames(opt)
		case "compression", "codec":
			o.compression = strings.ToLower(v)
		case "row_group_size":
			o.rowGroup, err = optionInt(opt, v)
		case "encoding":
			if e := strings.ToUpper(strings.ReplaceAll(v, "-", "")); e != "UTF8" {
				err = sqlerr.At(opt.Position(), sqlerr.FeatureNotSupported, "encoding %q is not supported", v)
			}
		default:
			err = sqlerr.At(opt.Position(), sqlerr.SyntaxError, "option %q not recognized", opt.Name)
		}
		if err != nil {
			return nil, err
		}
	}
	return o, o.decide(st, null)
}

// decide fills in what was not said.
func (o *copyOptions) decide(st *ast.Copy, null *string) error {
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
	switch o.format {
	case "csv", "text":
		if o.compression == "" {
			o.compression = zipped
		}
		if o.compression == "none" || o.compression == "uncompressed" {
			o.compression = ""
		}
		if o.compression != "" && o.compression != "gzip" && o.compression != "zstd" {
			return sqlerr.At(st.Position(), sqlerr.InvalidParameterValue, "compression %q is not known: gzip, zstd or none", o.compression)
		}
	case "binary":
		if !st.Std {
			return sqlerr.At(st.Position(), sqlerr.FeatureNotSupported, "COPY of a file in binary format is not supported")
		}
		return nil
	case "parquet":
		if st.Std {
			return sqlerr.At(st.Position(), sqlerr.FeatureNotSupported, "COPY TO STDOUT in parquet format is not supported")
		}
		return nil
	default:
		return sqlerr.At(st.Position(), sqlerr.InvalidParameterValue, "COPY format %q not recognized", o.format)
	}
	o.text.CSV = o.format == "csv"
	if o.text.Delimiter == 0 {
		o.text.Delimiter = '\t'
		if o.text.CSV && !strings.HasSuffix(name, ".tsv") {
			o.text.Delimiter = ','
		}
	}
	if o.text.Escape == 0 {
		o.text.Escape = o.text.Quote
	}
	switch {
	case null != nil:
		o.text.Null = *null
	case !o.text.CSV:
		o.text.Null = `\N`
	}
	if o.text.Delimiter == o.text.Quote && o.text.CSV {
		return sqlerr.At(st.Position(), sqlerr.InvalidParameterValue, "COPY delimiter and quote must be different")
	}
	return nil
}

// forSchema decides which columns are quoted always.
func (o *copyOptions) forSchema(schema *arrow.Schema) error {
	if !o.forceAll && len(o.force) == 0 {
		return nil
	}
	o.text.ForceQuote = make([]bool, schema.NumFields())
	for i := range o.text.ForceQuote {
		o.text.ForceQuote[i] = o.forceAll
	}
	for _, name := range o.force {
		at := schema.FieldIndices(name)
		if len(at) == 0 {
			return sqlerr.New(sqlerr.UndefinedColumn, "column %q does not exist", name)
		}
		o.text.ForceQuote[at[0]] = true
	}
	return nil
}
