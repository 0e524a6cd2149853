package pgcatalog

import (
	_ "embed" // types.tsv
	"strconv"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
)

// typesText has a line for each type that is not an array: the columns of
// pg_type from oid, typname, typlen, typbyval, typtype, typcategory,
// typispreferred, typelem, typarray, typalign, typstorage, typcollation to the
// names of typinput, typoutput, typreceive and typsend.
//
//go:embed types.tsv
var typesText string

// typeRow is a row of pg_type.
type typeRow struct {
	oid                       uint32
	name                      string
	length                    int
	byValue, preferred        bool
	kind, category            string
	elem, array, collation    uint32
	align, storage            string
	input, output, recv, send string
	subscript                 string
}

// typeTable has every type, arrays included.
type typeTable struct {
	rows     []*typeRow
	byOID    map[uint32]*typeRow
	byName   map[string]*typeRow
	routines map[string]uint32 // oids of input functions and their like
}

// firstRoutine is the oid from which on functions of types, and then those of
// the registry, are numbered.
const firstRoutine = 10000

var types = sync.OnceValue(func() *typeTable {
	t := &typeTable{byOID: map[uint32]*typeRow{}, byName: map[string]*typeRow{}, routines: map[string]uint32{}}
	for line := range strings.Lines(typesText) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		number := func(i int) uint32 {
			n, _ := strconv.ParseUint(f[i], 10, 32)
			return uint32(n)
		}
		length, _ := strconv.Atoi(f[2])
		r := &typeRow{
			oid: number(0), name: f[1], length: length, byValue: f[3] == "t", kind: f[4], category: f[5], preferred: f[6] == "t",
			elem: number(7), array: number(8), align: f[9], storage: f[10], collation: number(11),
			input: f[12], output: f[13], recv: f[14], send: f[15],
		}
		t.add(r)
		if r.array != 0 {
			t.add(arrayOf(r))
		}
	}
	return t
})

func arrayOf(r *typeRow) *typeRow {
	align := "i"
	if r.align == "d" {
		align = "d"
	}
	kind := "b"
	if r.kind == "p" && r.name != "cstring" {
		kind = "p"
	}
	return &typeRow{
		oid: r.array, name: "_" + r.name, length: -1, kind: kind, category: "A", elem: r.oid, align: align, storage: "x",
		collation: r.collation, input: "array_in", output: "array_out", recv: "array_recv", send: "array_send",
		subscript: "array_subscript_handler",
	}
}

func (t *typeTable) add(r *typeRow) {
	t.rows = append(t.rows, r)
	t.byOID[r.oid] = r
	t.byName[r.name] = r
	for _, name := range []string{r.input, r.output, r.recv, r.send, r.subscript} {
		if _, ok := t.routines[name]; !ok && name != "" && name != "-" {
			t.routines[name] = firstRoutine + uint32(len(t.routines))
		}
	}
}

// routine is a function of a type as a value of regproc.
func (t *typeTable) routine(name string) reg { return reg{t.routines[name], name} }

// typeNumber is the oid of a type by its internal name, text's for one that is
// not there.
func typeNumber(name string) uint32 {
	if r := types().byName[name]; r != nil {
		return r.oid
	}
	switch name {
	case "sql_identifier":
		return oidName
	case "cardinal_number":
		return 23
	case "yes_or_no", "character_data":
		return oidVarchar
	case "time_stamp":
		return 1184
	}
	return oidText
}

// Numbers of types that are treated specially.
const (
	oidName    = 19
	oidText    = 25
	oidBpchar  = 1042
	oidVarchar = 1043
	oidBit     = 1560
	oidVarbit  = 1562
	oidNumeric = 1700
)

// internalName is a type's internal name by its full one.
var internalName = map[string]string{
	"boolean": "bool", "smallint": "int2", "integer": "int4", "bigint": "int8", "real": "float4",
	"double precision": "float8", "time without time zone": "time", "timestamp without time zone": "timestamp",
	"timestamp with time zone": "timestamptz", "character varying": "varchar", "character": "bpchar",
	"time with time zone": "timetz", "bit varying": "varbit", `"char"`: "char",
}

// TypeOf is the oid and modifier of the type of a column.
func TypeOf(t arrow.DataType) (oid uint32, mod int32) {
	t = sqltype.Logical(t)
	if l, ok := t.(arrow.ListLikeType); ok && t.ID() != arrow.MAP {
		elem, mod := TypeOf(l.Elem())
		if r := types().byOID[elem]; r != nil && r.category != "A" && r.array != 0 {
			return r.array, mod
		}
		return elem, mod
	}
	if d, ok := t.(*arrow.Decimal128Type); ok {
		return oidNumeric, d.Precision<<16 | d.Scale + 4
	}
	name, _, _ := strings.Cut(sqltype.Name(t), "(")
	if n, ok := internalName[name]; ok {
		name = n
	}
	return typeNumber(name), -1
}

// TypeOfDeclared is TypeOf for a column whose declaration said varchar or char,
// where the type that keeps the characters is text's, or gave bits a length.
func TypeOfDeclared(t arrow.DataType, declared string, length int32) (oid uint32, mod int32) {
	oid, mod = TypeOf(t)
	switch {
	case length > 0 && sqltype.IsBits(sqltype.ElementType(t)):
		return oid, length
	case oid != oidText:
		return oid, mod
	}
	if length > 0 {
		mod = length + 4
	}
	switch declared {
	case "varchar", "character varying":
		return oidVarchar, mod
	case "bpchar", "char", "character":
		return oidBpchar, mod
	case "name":
		return oidName, -1
	}
	return oid, -1
}

// noModifier is the modifier of a type where none is asked for, beside the −1 of
// a type that has none.
const noModifier = -2

// FormatType is format_type: a type's name as people write it, with its
// modifier unless that is negative.
func FormatType(oid uint32, mod int32) string {
	r := types().byOID[oid]
	switch {
	case oid == 0:
		return "-"
	case r == nil:
		return "???"
	case r.category == "A" && r.elem != 0 && strings.HasPrefix(r.name, "_"):
		return FormatType(r.elem, mod) + "[]"
	}
	name := r.name
	for full, internal := range internalName {
		if internal == name {
			name = full
		}
	}
	switch {
	case name == "character" && mod == -1: // character alone would be that of length 1, as bit is
		return "bpchar"
	case name == "bit" && mod == -1:
		return `"bit"`
	case name == "any" || name == "cstring" || mod < 0:
		return quoteType(name)
	case oid == oidNumeric:
		n := mod - 4
		return name + "(" + strconv.Itoa(int(n>>16&0xffff)) + "," + strconv.Itoa(int(n&0x7ff)) + ")"
	case oid == oidBit, oid == oidVarbit:
		return name + "(" + strconv.Itoa(int(mod)) + ")"
	case oid == oidVarchar, oid == oidBpchar:
		return name + "(" + strconv.Itoa(int(mod-4)) + ")"
	}
	return name
}

func quoteType(name string) string {
	if name == "any" {
		return `"any"`
	}
	return name
}
