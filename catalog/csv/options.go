package csv

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"volley/catalog/hive"
	"volley/sqlerr"
)

// Options by their read_csv names. Given ones are checked by parseOptions,
// Infer decides the rest, and readers take them from ScanSpec.Options.
const (
	optDelim       = "delim"
	optQuote       = "quote"
	optEscape      = "escape"
	optNewLine     = "new_line" // \n, \r\n, \r or mixed
	optHeader      = "header"
	optSkip        = "skip"    // lines before the header
	optNullStr     = "nullstr" // a text, or a JSON list of texts
	optComment     = "comment"
	optInline      = "inline_comments" // comments may end lines
	optCompression = "compression"     // auto, none, gzip, zstd, bz2, lz4, snappy, xz
	optEncoding    = "encoding"        // utf-8, utf-16, or one of textencoding
	optAllVarchar  = "all_varchar"
	optFilename    = "filename" // false, true, or the name of the column
	optHive        = "hive_partitioning"
	optHiveTypes   = "hive_types_autocast"
	optByName      = "union_by_name"
	optSampleSize  = "sample_size" // rows; -1: the whole file
	optNullPadding = "null_padding"
	optQuotedNulls = "allow_quoted_nulls"
	optAutoDetect  = "auto_detect"
	optBatchRows   = "batch_rows"
	optRowBytes    = "row_bytes" // decided: mean length of a sampled record
	optDeclared    = "declared"  // decided: the columns are the user's
	optOnError     = "on_error"  // fail, null, skip, widen
	optNames       = "names"
	optTypes       = "types"
	optThousands   = "thousands"
	optDecimal     = "decimal_separator"
	optDateFormat  = "dateformat" // as of strptime
	optTimeFormat  = "timestampformat"
	optRejects     = "rejects_table"
	optRejectLimit = "rejects_limit" // rejects kept of a query
)

var optionNames = []string{
	optDelim, optQuote, optEscape, optNewLine, optHeader, optSkip, optNullStr, optComment, optInline,
	optCompression, optEncoding, optAllVarchar, optFilename, optHive, optHiveTypes, optByName, optSampleSize,
	optNullPadding, optQuotedNulls, optAutoDetect, optBatchRows, optRowBytes, optDeclared,
	optNames, optTypes, optThousands, optDecimal, optDateFormat, optTimeFormat,
	optOnError, optRejects, optRejectLimit,
}

var optionAliases = map[string]string{
	"sep": optDelim, "delimiter": optDelim, "null": optNullStr, "nulls": optNullStr,
	"na_values": optNullStr, "newline": optNewLine,
	"column_names": optNames, "dtypes": optTypes, "column_types": optTypes, "decimal": optDecimal,
	"date_format": optDateFormat, "timestamp_format": optTimeFormat,
}

// canonicalOptions gives opts with each option under its one name.
func canonicalOptions(opts map[string]string) (map[string]string, error) {
	out := make(map[string]string, len(opts)+8)
	for name, value := range opts {
		canon := strings.ToLower(name)
		if alias, ok := optionAliases[canon]; ok {
			canon = alias
		}
		switch {
		case canon == "ignore_errors":
			on, ok := parseBool(value)
			if !ok {
				return nil, sqlerr.New(sqlerr.InvalidParameterValue, "option %q of csv must be true or false, not %q", name, value)
			}
			canon, value = optOnError, map[bool]string{true: "skip", false: "fail"}[on]
		case canon == "columns" || canon == "format":
			continue // the declared columns arrive as Given.Columns
		case !slices.Contains(optionNames, canon):
			return nil, sqlerr.New(sqlerr.SyntaxError, "option %q not recognized for csv", name).
				WithHint("known options: %s", strings.Join(optionNames, ", "))
		}
		if old, ok := out[canon]; ok && old != value {
			return nil, sqlerr.New(sqlerr.SyntaxError, "conflicting or redundant options: %q", name)
		}
		out[canon] = value
	}
	return out, nil
}

// options are a table's options with their types.
type options struct {
	dialect
	header      bool
	skip        int
	nulls       []string
	quotedNulls bool
	compression string
	encoding    string
	allVarchar  bool
	filename    string // name of the file name column, "" for none
	byName      bool
	sampleRows  int
	nullPadding bool
	batchRows   int
	rowBytes    float64
	marks
	dateFormat      *timeFormat // nil: as SQL writes dates
	timestampFormat *timeFormat
	// Formats of single columns, by their names in lower case.
	dateFormats      map[string]*timeFormat
	timestampFormats map[string]*timeFormat

	renamed      bool // by option names
	onError      onError
	rejectsLimit int
	declared     bool // the columns are the user's, not the header's
}

const (
	defaultBatchRows    = 8192
	batchBytes          = 4 << 20 // of text, from which on a batch has fewer rows
	defaultSampleRows   = 20480
	maxDelim            = 16 // bytes
	defaultRejectsLimit = 100_000
)

// parseOptions reads canonical options; those that are missing get the value
// they have before anything is sniffed.
func parseOptions(opts map[string]string) (*options, error) {
	o := &options{
		dialect:     dialect{delim: ',', quote: '"', escape: '"', newline: '\n'},
		nulls:       []string{""},
		compression: "auto", encoding: "utf-8",
		sampleRows: defaultSampleRows, batchRows: defaultBatchRows, rowBytes: 64,
	}
	p := optionParser{opts: opts}
	p.delim(&o.dialect)
	p.byte(optQuote, &o.quote)
	o.escape = o.quote
	p.byte(optEscape, &o.escape)
	p.byte(optComment, &o.comment)
	o.inline = o.comment != 0
	p.bool(optInline, &o.inline)
	o.inline = o.inline && o.comment != 0
	p.newline(&o.dialect)
	p.bool(optHeader, &o.header)
	p.int(optSkip, &o.skip, 0)
	p.bool(optQuotedNulls, &o.quotedNulls)
	p.bool(optAllVarchar, &o.allVarchar)
	p.bool(optByName, &o.byName)
	p.bool(optDeclared, &o.declared)
	p.bool(optNullPadding, &o.nullPadding)
	p.int(optSampleSize, &o.sampleRows, -1)
	p.int(optBatchRows, &o.batchRows, 1)
	p.nulls(&o.nulls)
	o.marks.decimal = '.'
	p.byte(optThousands, &o.marks.thousands)
	p.byte(optDecimal, &o.marks.decimal)
	p.format(optDateFormat, &o.dateFormat, &o.dateFormats)
	p.format(optTimeFormat, &o.timestampFormat, &o.timestampFormats)
	_, o.renamed = opts[optNames]
	p.onError(&o.onError)
	p.int(optRejectLimit, &o.rejectsLimit, 0)
	if o.rejectsLimit == 0 {
		o.rejectsLimit = defaultRejectsLimit
	}
	o.filename, _ = hive.FilenameColumn(opts)
	p.word(optCompression, &o.compression, "auto", "none", "gzip", "zstd", "bz2", "lz4", "snappy", "xz")
	p.encoding(&o.encoding)
	if v, ok := opts[optRowBytes]; ok {
		o.rowBytes, _ = strconv.ParseFloat(v, 64) // only an estimate hangs on it
		o.rowBytes = max(o.rowBytes, 1)
	}
	if p.err == nil {
		p.err = o.dialect.check()
	}
	if p.err == nil && o.renamed && o.byName {
		p.err = sqlerr.New(sqlerr.InvalidParameterValue, "options %q and %q of csv exclude each other", optNames, optByName)
	}
	if p.err == nil && opts[optRejects] != "" && o.onError == failOnError {
		p.err = sqlerr.New(sqlerr.InvalidParameterValue, "option %q of csv needs on_error = null, skip or widen", optRejects)
	}
	return o, p.err
}

// optionParser keeps the first error.
type optionParser struct {
	opts map[string]string
	err  error
}

func (p *optionParser) fail(name, want string) {
	if p.err == nil {
		p.err = sqlerr.New(sqlerr.InvalidParameterValue, "option %q of csv must be %s, not %q", name, want, p.opts[name])
	}
}

func (p *optionParser) byte(name string, dst *byte) {
	v, ok := p.opts[name]
	switch {
	case !ok:
	case v == "":
		*dst = 0
	case v == `\t` || strings.EqualFold(v, "tab"):
		*dst = '\t'
	case len(v) == 1 && v != "\n" && v != "\r":
		*dst = v[0]
	default:
		p.fail(name, "a single one-byte character")
	}
}

// delim takes a delimiter of one byte or more.
func (p *optionParser) delim(d *dialect) {
	v := strings.NewReplacer(`\t`, "\t", `\x01`, "\x01").Replace(p.opts[optDelim])
	if v == "\x01" {
		d.delim = 1
		return
	}
	if len(v) > 1 && len(v) <= maxDelim && !strings.EqualFold(v, "tab") && !strings.ContainsAny(v, "\r\n") {
		d.delim, d.more = v[0], v[1:]
		return
	}
	p.byte(optDelim, &d.delim)
}

func (p *optionParser) newline(d *dialect) {
	dst := &d.newline
	switch strings.NewReplacer(`\r`, "\r", `\n`, "\n").Replace(p.opts[optNewLine]) {
	case "", "\n", "\r\n":
	case "\r":
		*dst = '\r'
	case "mixed":
		d.mixed = true
	default:
		p.fail(optNewLine, `\n, \r\n, \r or mixed`)
	}
}

func parseBool(v string) (value, ok bool) {
	switch strings.ToLower(v) {
	case "true", "t", "1", "on", "yes":
		return true, true
	case "false", "f", "0", "off", "no":
		return false, true
	}
	return false, false
}

func (p *optionParser) bool(name string, dst *bool) {
	v, ok := p.opts[name]
	if !ok {
		return
	}
	if *dst, ok = parseBool(v); !ok {
		p.fail(name, "true or false")
	}
}

func (p *optionParser) int(name string, dst *int, least int) {
	v, ok := p.opts[name]
	if !ok {
		return
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < least {
		p.fail(name, "a number of at least "+strconv.Itoa(least))
		return
	}
	*dst = n
}

func (p *optionParser) nulls(dst *[]string) {
	v, ok := p.opts[optNullStr]
	if !ok {
		return
	}
	*dst = []string{v}
	if strings.HasPrefix(v, "[") && json.Unmarshal([]byte(v), dst) != nil {
		*dst = []string{v} // a text that begins with a bracket
	}
}

func (p *optionParser) word(name string, dst *string, words ...string) {
	v, ok := p.opts[name]
	if !ok {
		return
	}
	v = strings.ToLower(v)
	if full, ok := map[string]string{
		"": words[0], "gz": "gzip", "zst": "zstd", "bzip2": "bz2", "stop": "fail", "ignore": "skip", "set_null": "null",
	}[v]; ok {
		v = full
	}
	if !slices.Contains(words, v) {
		p.fail(name, "one of "+strings.Join(words, ", "))
		return
	}
	*dst = v
}

func (p *optionParser) encoding(dst *string) {
	v, ok := p.opts[optEncoding]
	if !ok {
		return
	}
	if *dst, ok = encodingOf(v); !ok {
		p.fail(optEncoding, "utf-8, utf-16, latin-1, windows-1252 or another one of PostgreSQL's")
	}
}

// format takes a format, or an object of formats by column.
func (p *optionParser) format(name string, all **timeFormat, own *map[string]*timeFormat) {
	v := p.opts[name]
	if v == "" || p.err != nil {
		return
	}
	byName := map[string]string{}
	if v[0] != '{' || json.Unmarshal([]byte(v), &byName) != nil {
		*all, p.err = compileTimeFormat(v)
		return
	}
	*own = make(map[string]*timeFormat, len(byName))
	for column, text := range byName {
		f, err := compileTimeFormat(text)
		if err != nil {
			p.err = err
			return
		}
		(*own)[strings.ToLower(column)] = f
	}
}

func (p *optionParser) onError(dst *onError) {
	word := "fail"
	if v, ok := p.opts[optOnError]; ok && v == "" { // on_error = null, without quotes
		*dst = nullOnError
		return
	}
	p.word(optOnError, &word, "fail", "null", "skip", "widen")
	*dst = map[string]onError{"fail": failOnError, "null": nullOnError, "skip": skipOnError, "widen": widenOnError}[word]
}
