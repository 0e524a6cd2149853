package planner

import "volley/parser/ast"

// systemTables are the functions without arguments that stand for tables of the
// schema volley.
var systemTables = map[string]string{"duckdb_secrets": "secrets"}

// systemTable is the table that a function of FROM stands for, nil for others.
func systemTable(f *ast.TableFunc) *ast.Table {
	if len(f.Calls) != 1 || f.Ordinality || len(f.Calls[0].Args) > 0 || len(f.Calls[0].Name.Parts) > 1 {
		return nil
	}
	name := functionName(f.Calls[0])
	table, ok := systemTables[name]
	if !ok {
		return nil
	}
	alias := f.Alias
	if alias.Name == "" {
		alias.Name = name
	}
	pos := f.Calls[0].Name.Pos
	return &ast.Table{Pos: f.Pos, Name: ast.QName{Pos: pos, Parts: []string{"volley", table}}, Alias: alias, Sample: f.Sample}
}
