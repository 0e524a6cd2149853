package csv

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"volley/catalog"
	"volley/sqltype"
)

func TestDateForms(t *testing.T) {
	tests := []struct {
		values string // of one column, separated by |
		typ    string
		format string // "" for none
		first  string
		noted  bool
	}{
		{"31/12/2020|01/02/2020", "date", "%d/%m/%Y", "2020-12-31", false},
		{"12/31/2020|01/02/2020", "date", "%m/%d/%Y", "2020-12-31", false},
		{"1/2/2020|12/31/2020", "date", "%m/%d/%Y", "2020-01-02", false},
		{"31.12.2020|01.02.2020", "date", "%d.%m.%Y", "2020-12-31", false},
		{"01-02-2020|03-04-2020", "date", "%d-%m-%Y", "2020-02-01", true},
		{"01/02/2020|03/04/2020", "date", "%d/%m/%Y", "2020-02-01", true},
		{"2020/12/31|2020/1/2", "date", "%Y/%m/%d", "2020-12-31", false},
		{"20-12-31|21-01-02", "date", "%y-%m-%d", "2020-12-31", true},
		{"1/13/19|1/2/19", "date", "%m/%d/%y", "2019-01-13", false},
		{"90.01.01|04.12.13", "date", "%y.%m.%d", "1990-01-01", false},
		{"29/02/2020|28/02/2021", "date", "%d/%m/%Y", "2020-02-29", false},
		{"12/31/2020 11:59:59 PM|01/02/2020 01:00:00 am", "timestamp without time zone", "%m/%d/%Y %I:%M:%S %p", "2020-12-31 23:59:59", false},
		{"12/31/2020 11:59PM|01/02/2020 12:00AM", "timestamp without time zone", "%m/%d/%Y %I:%M%p", "2020-12-31 23:59:00", false},
		{"31.12.2020 23:59|01.02.2020 1:00", "timestamp without time zone", "%d.%m.%Y %H:%M", "2020-12-31 23:59:00", false},
		{"2020/12/31T10:00:00.5|2020/01/02T10:00:00.25", "timestamp without time zone", "%Y/%m/%dT%H:%M:%S.%f", "2020-12-31 10:00:00.5", false},
		{"2020-1-2|2020-12-31", "date", "", "2020-01-02", false},
		{"2020-1-2 3:04|2020-12-31 23:59:59", "timestamp without time zone", "", "2020-01-02 03:04:00", false},
		// not dates
		{"31/12/2020|12/31/2020", "text", "", "31/12/2020", false},
		{"31/12/2020|2020-12-31", "text", "", "31/12/2020", false},
		{"31/12/2020|31/12/2020 10:00", "text", "", "31/12/2020", false},
		{"31/12/2020|31.12.2020", "text", "", "31/12/2020", false},
		{"30/02/2020|01/02/2020", "text", "", "30/02/2020", false},
		{"31/12/2020|31/12/20", "text", "", "31/12/2020", false},
		{"31/12/2020|n/a", "text", "", "31/12/2020", false},
		{"1.2.20|2.10.13", "text", "", "1.2.20", false},
		{"1-2-20|2-10-13", "text", "", "1-2-20", false},
		{"10.1.2.20|10.1.2.21", "text", "", "10.1.2.20", false},
		{"31/12/2020 25:00|31/12/2020 13:00", "text", "", "31/12/2020 25:00", false},
		{"31/12/2020 0:30 AM|31/12/2020 1:00 AM", "text", "", "31/12/2020 0:30 AM", false},
	}
	for _, tt := range tests {
		content := "a,v\n"
		for i, v := range strings.Split(tt.values, "|") {
			content += fmt.Sprintf("%d,%s\n", i, v)
		}
		store, files := put(t, "f.csv", content)
		def, err := New().Infer(context.Background(), store, files, catalog.Given{})
		if err != nil {
			t.Errorf("%s: %v", tt.values, err)
			continue
		}
		option := optDateFormat
		if strings.HasPrefix(tt.typ, "timestamp") {
			option = optTimeFormat
		}
		want := ""
		if tt.format != "" {
			want = fmt.Sprintf(`{"v":%q}`, tt.format)
		}
		if got := sqltype.Name(def.Schema.Field(1).Type); got != tt.typ || def.Options[option] != want || len(def.Notes) > 0 != tt.noted {
			t.Errorf("%s: %s by %q, notes %v", tt.values, got, def.Options[option], def.Notes)
		}
		rows, err := readSerial(store, def, specOf(def))
		if err != nil || rows[0] != "0|"+tt.first {
			t.Errorf("%s is read as %q, %v", tt.values, rows, err)
		}
	}
}

// A column that is ambiguous by itself follows the others of its file.
func TestDateOrderOfFile(t *testing.T) {
	store, files := put(t, "f.csv", "d,e\n12/31/2020,01/02/2020\n01/02/2020,01/03/2020\n")
	for given, want := range map[string]string{
		"":                    "2020-12-31|2020-01-02",
		`{"E": "%d/%m/%Y"}`:   "2020-12-31|2020-02-01",
		`{"nobody": "%d.%m"}`: "2020-12-31|2020-01-02",
	} {
		options := opts()
		if given != "" {
			options[optDateFormat] = given
		}
		def, err := New().Infer(context.Background(), store, files, catalog.Given{Options: options})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := readSerial(store, def, specOf(def))
		if err != nil || rows[0] != want || len(def.Notes) > 0 {
			t.Errorf("dateformat %s: %q, %v, notes %v", given, rows, err, def.Notes)
		}
	}
}

// What does not fit the form after the sample is an error with its place.
func TestDateFormAfterSample(t *testing.T) {
	content := "d\n" + strings.Repeat("31/12/2020\n", 50) + "12/31/2020\n"
	store, files := put(t, "f.csv", content)
	def, err := New().Infer(context.Background(), store, files, catalog.Given{Options: opts("sample_size", "50")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = readSerial(store, def, specOf(def))
	if err == nil || !strings.Contains(err.Error(), `invalid input syntax for type date: "12/31/2020" (file mem://f.csv, line 52, byte 553, column d)`) {
		t.Errorf("%v", err)
	}
	rejected := opts("sample_size", "50", "on_error", "widen")
	if def, err = New().Infer(context.Background(), store, files, catalog.Given{Options: rejected}); err != nil {
		t.Fatal(err)
	}
	rows, err := readSerial(store, def, specOf(def))
	if err != nil || !slices.Contains(rows, "12/31/2020") || def.Widened == nil {
		t.Errorf("widened: %d rows, %v", len(rows), err)
	}
}
