package parser

import (
	"strings"
	"testing"
)

var kindNames = []string{"eof", "ident", "quoted", "string", "bits", "integer", "decimal", "param", "op", "punct"}

func TestLex(t *testing.T) {
	tests := []struct{ sql, want string }{
		{`SELECT "A b" fooBar ÄÖ a$1`, `ident:select quoted:A b ident:foobar ident:ÄÖ ident:a$1`},
		{`'it''s' 'a\b'`, `string:it's string:a\b`},
		{"'a'\n  'b' 'c'", "string:ab string:c"},
		{"'a' -- x\n'b'", "string:a string:b"},
		{"'a'\n-- x\n 'b'", "string:ab"},
		{`E'a\nb\'c\\' e'\x41\101\u0042\U00000043\q'''`, "string:a\nb'c\\ string:AABCq'"},
		{`E'\ud83d\ude00'`, "string:😀"},
		{`U&'d\0061t\+000061' U&"\0041b"`, "string:data quoted:Ab"},
		{`U&'d!0061t!!' UESCAPE '!'`, "string:dat!"},
		{`N'x' B'0101' x'1F' b''`, "string:x bits:0101 bits:00011111 bits:"},
		{`$$it's$$ $a$x$$y$a$ $1 $23`, "string:it's string:x$$y param:1 param:23"},
		{`1 1_000 0x1F 0o17 0b101 1.5 .5 1. 1e10 1.5E-3 1_0.0_1`, "integer:1 integer:1000 integer:31 integer:15 integer:5 decimal:1.5 decimal:.5 decimal:1. decimal:1e10 decimal:1.5E-3 decimal:10.01"},
		{`123456789012345678901234567890`, "integer:123456789012345678901234567890"},
		{`1..2`, "integer:1 punct:. decimal:.2"},
		{`a::int[1:2] := b`, "ident:a punct::: ident:int punct:[ integer:1 punct:: integer:2 punct:] punct::= ident:b"},
		{`a--b` + "\n" + `c`, "ident:a ident:c"},
		{`a+-b a@-b a<=-1 a<>b a!=b a->>b`, "ident:a op:+ op:- ident:b ident:a op:@- ident:b ident:a op:<= op:- integer:1 ident:a op:<> ident:b ident:a op:<> ident:b ident:a op:->> ident:b"},
		{`a */* x */ b +--c`, "ident:a op:* ident:b op:+"},
		{`/* a /* b */ c */ d`, "ident:d"},
		{`{'a': 1}`, "punct:{ string:a punct:: integer:1 punct:}"},
	}
	for _, test := range tests {
		toks, err := lex(test.sql, Dialect{})
		if err != nil {
			t.Errorf("%s: %v", test.sql, err)
			continue
		}
		var got []string
		for _, tok := range toks[:len(toks)-1] {
			got = append(got, kindNames[tok.kind]+":"+tok.text)
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%s:\n\tgot  %s\n\twant %s", test.sql, s, test.want)
		}
	}
}

// TestLexPositions holds that every token lies where its text says.
func TestLexPositions(t *testing.T) {
	sql := `  SELECT 'a''b' , "Q" /* c */ || $$x$$`
	toks, err := lex(sql, Dialect{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"SELECT", "'a''b'", ",", `"Q"`, "||", "$$x$$", ""}
	for i, tok := range toks {
		if got := sql[tok.pos:tok.end]; got != want[i] {
			t.Errorf("token %d is %q, want %q", i, got, want[i])
		}
	}
}
