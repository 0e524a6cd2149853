package csv

import (
	"context"
	"strings"
	"testing"

	"volley/catalog"
	"volley/sqlerr"
)

func TestGuessedEncoding(t *testing.T) {
	far := strings.Repeat("1,x\n", 1<<19) // beyond the head of the file
	tests := []struct {
		name, content, encoding string
	}{
		{"latin-1", "a,b\n1,caf\xe9\n2,M\xfcller\n", "windows-1252"},
		{"windows-1252", "a,b\n1,\x80 5\n2,it\x92s\n", "windows-1252"},
		{"header", "caf\xe9,b\n1,2\n", "windows-1252"},
		{"beyond the head", "a,b\n" + far + strings.Repeat("2,caf\xe9\n", 9000), "windows-1252"},
		{"utf-8", "a,b\n1,caf\xc3\xa9\n", "utf-8"},
		{"utf-8 with a bad byte", "a,b\n1,caf\xc3\xa9\n2,\xe9\n", "utf-8"},
		{"cyrillic", "a,b\n1,\xcf\xf0\xe8\xe2\xe5\xf2\n", "utf-8"},
		{"shift jis", "a,b\n1,\x96\xbc\x91O\n", "utf-8"},
		{"undefined bytes", "a,b\n1,\x81 \x9d\n2,\xff\n", "utf-8"},
		{"binary", "a,b\n1,\xe9\x00\n", "utf-8"},
	}
	for _, tt := range tests {
		store, files := put(t, "f.csv", tt.content)
		def, err := New().Infer(context.Background(), store, files, catalog.Given{})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := def.Options[optEncoding]; got != tt.encoding || (len(def.Notes) > 0) != (got == westernEncoding) {
			t.Errorf("%s: %s, notes %v", tt.name, got, def.Notes)
		}
		rows, err := readSerial(store, def, specOf(def))
		switch {
		case tt.encoding == westernEncoding && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.name == "windows-1252" && rows[0] != "1|€ 5":
			t.Errorf("%s: %q", tt.name, rows)
		case tt.encoding == "utf-8" && tt.name != "utf-8" && sqlerr.Code(err) != sqlerr.CharacterNotInRepertory:
			t.Errorf("%s: %q, %v", tt.name, rows, err)
		}
	}
}

// Files of two encodings are not read as if they had one.
func TestMixedEncodings(t *testing.T) {
	store, files := put(t, "1.csv", "a\ncaf\xe9\n", "2.csv", "a\ncaf\xc3\xa9\n")
	if _, err := New().Infer(context.Background(), store, files, catalog.Given{}); sqlerr.Code(err) != sqlerr.CharacterNotInRepertory {
		t.Errorf("%v", err)
	}
}

func TestEncodings(t *testing.T) {
	for encoding, content := range map[string]string{
		"shift_jis": "a,b\n1,\x96\xbc\x91O\n", "EUC_JP": "a,b\n1,\xcc\xbe\xc1\xb0\n",
		"cp1251": "a,b\n1,\xcf\xf0\n", "windows-1250": "a,b\n1,\x9a\n", "LATIN9": "a,b\n1,\xa4\n", "gb18030": "a,b\n1,\xc3\xfb\n",
	} {
		want := map[string]string{"shift_jis": "名前", "EUC_JP": "名前", "cp1251": "Пр", "windows-1250": "š", "LATIN9": "€", "gb18030": "名"}[encoding]
		// long enough that characters lie across every buffer's end
		content += strings.Repeat(strings.TrimPrefix(content, "a,b\n"), 30_000)
		store, files := put(t, "f.csv", content)
		def, err := New().Infer(context.Background(), store, files, catalog.Given{Options: opts("encoding", encoding)})
		if err != nil {
			t.Errorf("%s: %v", encoding, err)
			continue
		}
		rows, err := readSerial(store, def, specOf(def))
		if err != nil || len(rows) != 30_001 {
			t.Errorf("%s: %d rows, %v", encoding, len(rows), err)
		}
		for _, r := range rows {
			if r != "1|"+want {
				t.Errorf("%s: %q", encoding, r)
				break
			}
		}
	}
	store, files := put(t, "f.csv", "a,b\n1,x\n2,\x81\n")
	_, err := New().Infer(context.Background(), store, files, catalog.Given{Options: opts("encoding", "windows-1252")})
	if err == nil || !strings.Contains(err.Error(), "(file mem://f.csv, line 3)") {
		t.Errorf("undefined byte: %v", err)
	}
	if _, err := New().Infer(context.Background(), store, files, catalog.Given{Options: opts("encoding", "klingon")}); sqlerr.Code(err) != sqlerr.InvalidParameterValue {
		t.Errorf("unknown encoding: %v", err)
	}
}
