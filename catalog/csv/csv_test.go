package csv

import (
	"context"
	"slices"
	"testing"

	"volley/catalog"
	"volley/sqlerr"
)

func TestInferAndRead(t *testing.T) {
	tests := []struct {
		name, content string
		options       map[string]string
		schema        string
		rows          []string
	}{
		{"plain", "a,b\n1,x\n2,y\n", nil, "a bigint, b text", []string{"1|x", "2|y"}},
		{"no newline at the end", "a,b\n1,x\n2,y", nil, "a bigint, b text", []string{"1|x", "2|y"}},
		{"crlf", "a,b\r\n1,x\r\n2,y\r\n", nil, "a bigint, b text", []string{"1|x", "2|y"}},
		{"cr", "a,b\r1,x\r2,y\r", nil, "a bigint, b text", []string{"1|x", "2|y"}},
		{"spaces in the header", "a, b, c\n1, 2, 3\n", nil, "a bigint, b bigint, c bigint", []string{"1|2|3"}},
		{"quotes after spaces", "a,b\n1,\"x\"\n2, \"y,z\"\n", nil, "a bigint, b text", []string{"1|x", "2|y,z"}},
		{"booleans", "a,b\nT,false\nF,true\n", nil, "a boolean, b boolean", []string{"t|f", "f|t"}},
		{"yes and no are text", "a,b\ny,n\nyes,no\n", nil, "a text, b text", []string{"y|n", "yes|no"}},
		{"quoted empty is not null", "a,b\n\"\",x\n,y\n", nil, "a text, b text", []string{"|x", "NULL|y"}},
		{"quoted empty number is null", "a,b\n\"\",x\n1,y\n", nil, "a bigint, b text", []string{"NULL|x", "1|y"}},
		{"header only", "a,b\n", nil, "a text, b text", nil},
		{"numbers only", "1,2\n", nil, "column0 bigint, column1 bigint", []string{"1|2"}},
		{"blank line of one column is null", "a\n1\n\n3\n", nil, "a bigint", []string{"1", "NULL", "3"}},
		{"blank lines of two columns are skipped", "a,b\n\n1,2\n\r\n3,4\n\n", nil, "a bigint, b bigint", []string{"1|2", "3|4"}},
		{"names made unique", "a,a,,A\n1,2,3,4\n", nil, "a bigint, a_1 bigint, column2 bigint, A_2 bigint", []string{"1|2|3|4"}},
		{"timestamps", "a\n2015-01-01T00:00:00\n2015-01-02\n", nil, "a timestamp without time zone", []string{"2015-01-01 00:00:00", "2015-01-02 00:00:00"}},
		{"timestamptz", "a\n2015-01-01 02:00:00+02\n", nil, "a timestamp with time zone", []string{"2015-01-01 00:00:00+00"}},
		{"dates", "a\n2015-01-01\n", nil, "a date", []string{"2015-01-01"}},
		{"leading zeros are kept", "a\n007\n1\n", nil, "a text", []string{"007", "1"}},
		{"integers beyond bigint", "a\n99999999999999999999\n1\n", nil, "a numeric(38,0)", []string{"99999999999999999999", "1"}},
		{"doubles", "a\nnan\n1\n1e5\n", nil, "a double precision", []string{"NaN", "1", "100000"}},
		{"all text has a header", "a,b\nx,y\nz,w\n", nil, "a text, b text", []string{"x|y", "z|w"}},
		{"notes above", "note about\nmore\na,b\n1,2\n3,4\n", nil, "a bigint, b bigint", []string{"1|2", "3|4"}},
		{"semicolons", "a;b\n1;x,y\n2;z\n", nil, "a bigint, b text", []string{"1|x,y", "2|z"}},
		{"tabs", "a\tb\n1\t2\n", nil, "a bigint, b bigint", []string{"1|2"}},
		{"pipes with one at the end", "1|x|\n2|y|\n", opts("header", "false"), "column0 bigint, column1 text, column2 text", []string{"1|x|NULL", "2|y|NULL"}},
		{"delimiter at the end of rows", "a,b\n1,2,\n3,4,\n", nil, "a bigint, b bigint", []string{"1|2", "3|4"}},
		{"stray quotes", "a,b\n1,x\"y\n2,z\n", nil, "a bigint, b text", []string{"1|x\"y", "2|z"}},
		{"quote within quotes", "a,b\n1,\"x\"\"y\"\n2,\"\"\"\"\n", nil, "a bigint, b text", []string{"1|x\"y", "2|\""}},
		{"backslash escapes", "a,b\n1,\"x\\\"y,z\"\n2,\"w\"\n", nil, "a bigint, b text", []string{"1|x\"y,z", "2|w"}},
		{"single quotes", "a,b\n'x,y',2\n'z',3\n", nil, "a text, b bigint", []string{"x,y|2", "z|3"}},
		{"quoted newline", "a,b\n\"x\ny\",1\n\"\r\n\",2\n", nil, "a text, b bigint", []string{"x\ny|1", "\r\n|2"}},
		{"quoted header", "\"a,1\",\"b\"\n1,2\n", nil, "a,1 bigint, b bigint", []string{"1|2"}},
		{"byte order mark", "\ufeffa,b\n1,2\n", nil, "a bigint, b bigint", []string{"1|2"}},
		{"utf-16", "\xff\xfea\x00,\x00b\x00\n\x001\x00,\x00\xe4\x00\n\x00", nil, "a bigint, b text", []string{"1|ä"}},
		{"latin-1", "a,b\n1,\xe4\n", opts("encoding", "latin-1"), "a bigint, b text", []string{"1|ä"}},
		{"nullstr", "a,b\n1,NA\nNA,x\n", opts("nullstr", "NA"), "a bigint, b text", []string{"1|NULL", "NULL|x"}},
		{"several nullstr", "a,b\n1,NA\n-,x\n", opts("nullstr", `["NA","-"]`), "a bigint, b text", []string{"1|NULL", "NULL|x"}},
		{"skip", "rubbish,x,\"\n\na,b\n1,2\n", opts("skip", "2"), "a bigint, b bigint", []string{"1|2"}},
		{"comment", "a,b\n#x,y,z\n1,2\n#\n", opts("comment", "#"), "a bigint, b bigint", []string{"1|2"}},
		{"comments that end lines", "a,b\n1,x # y,z\n2,\"#\" #\n  # w\n3,\n", opts("comment", "#"), "a bigint, b text", []string{"1|x ", "2|#", "3|NULL"}},
		{"comments of whole lines", "a,b\n1,x#y\n#\n", opts("comment", "#", "inline_comments", "false"), "a bigint, b text", []string{"1|x#y"}},
		{"comments that end lines, found", "# notes\na,b\n1,2# one\n3,4\n5,6#7,8\n", nil, "a bigint, b bigint", []string{"1|2", "3|4", "5|6"}},
		{"no comment, since nothing else says so", "a,b\n1,2\n3,#4\n#5,6\n", opts("header", "true"), "a text, b text", []string{"1|2", "3|#4", "#5|6"}},
		{"all_varchar", "a,b\n1,2.50\n", opts("all_varchar", "true"), "a text, b text", []string{"1|2.50"}},
		{"header given false", "a,b\nc,d\n", opts("header", "false"), "column0 text, column1 text", []string{"a|b", "c|d"}},
		{"filename", "a\n1\n", opts("filename", "true"), "a bigint, filename text", []string{"1|mem://f.csv"}},
		{"null_padding", "a,b,c\n1,2,3\n4,5\n6\n", opts("null_padding", "true"), "a bigint, b bigint, c bigint", []string{"1|2|3", "4|5|NULL", "6|NULL|NULL"}},
		{"one column of prose", "It was, in a way, best\nand worst\nof times\n", nil, "It was, in a way, best text", []string{"and worst", "of times"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store, files := put(t, "f.csv", tt.content)
			def, err := New().Infer(context.Background(), store, files, catalog.Given{Options: tt.options})
			if err != nil {
				t.Fatal(err)
			}
			if got := describe(def); got != tt.schema {
				t.Errorf("schema %s\n  want %s", got, tt.schema)
			}
			rows, err := readSerial(store, def, specOf(def))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(rows, tt.rows) {
				t.Errorf("rows %q\nwant %q", rows, tt.rows)
			}
			count, err := readSerial(store, def, specOf(def, []int{}...))
			_ = count
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		name, content string
		options       map[string]string
		code, message string
	}{
		{"empty", "", nil, sqlerr.BadCopyFileFormat, "file is empty: neither a header nor rows to infer columns from (file mem://f.csv)"},
		{"only newlines", "\n\n\n", nil, sqlerr.BadCopyFileFormat, "file is empty: neither a header nor rows to infer columns from (file mem://f.csv)"},
		{"too few", "a,b,c\n1,2,3\n4,5\n6,7,8\n", nil, sqlerr.BadCopyFileFormat, "too few columns: 3 expected, 2 found (file mem://f.csv, line 3, byte 13)"},
		{"too many", "a,b,c\n1,2,3\n4,5,6,7\n8,9,10\n", nil, sqlerr.BadCopyFileFormat, "too many columns: 3 expected, 4 found (file mem://f.csv, line 3, byte 13)"},
		{"bad type", "a,b\n1,2\nx,3\n", opts("sample_size", "1"), sqlerr.InvalidText, `invalid input syntax for type bigint: "x" (file mem://f.csv, line 3, byte 9, column a)`},
		{"unclosed", "a,b\n1,\"x\n2,y\n", opts("quote", "\""), sqlerr.BadCopyFileFormat, "unterminated quoted value (file mem://f.csv, line 2, byte 5)"},
		{"invalid utf-8", "a,b\n1,\xff\n", nil, sqlerr.CharacterNotInRepertory, `invalid byte sequence for encoding "UTF8": 0xff (file mem://f.csv, line 2, byte 7, column b)`},
		{"nul", "a,b\n1,\x00\n", nil, sqlerr.CharacterNotInRepertory, `invalid byte sequence for encoding "UTF8": 0x00 (file mem://f.csv, line 2, byte 7, column b)`},
		{"unknown option", "a\n", opts("delimeter", ","), sqlerr.SyntaxError, `option "delimeter" not recognized for csv`},
		{"bad option", "a\n", opts("header", "maybe"), sqlerr.InvalidParameterValue, `option "header" of csv must be true or false, not "maybe"`},
		{"same delimiter and quote", "a\n", opts("delim", "x", "quote", "x"), sqlerr.InvalidParameterValue, `delim, quote and comment of csv must be different, "x" is used twice`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store, files := put(t, "f.csv", tt.content)
			def, err := New().Infer(context.Background(), store, files, catalog.Given{Options: tt.options})
			if err == nil {
				_, err = readSerial(store, def, specOf(def))
			}
			if err == nil {
				t.Fatalf("no error; schema %s", describe(def))
			}
			if sqlerr.Code(err) != tt.code || err.Error() != tt.message {
				t.Errorf("%s %s\nwant %s %s", sqlerr.Code(err), err, tt.code, tt.message)
			}
		})
	}
}
