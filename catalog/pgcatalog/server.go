package pgcatalog

import (
	"os"
	"slices"
)

func init() {
	fillers["pg_catalog.pg_namespace"] = fillNamespace
	fillers["pg_catalog.pg_database"] = fillDatabase
	fillers["pg_catalog.pg_roles"] = fillRoles
	fillers["pg_catalog.pg_authid"] = fillRoles
	fillers["pg_catalog.pg_user"] = fillUsers
	fillers["pg_catalog.pg_shadow"] = fillUsers
	fillers["pg_catalog.pg_am"] = fillAccessMethods
	fillers["pg_catalog.pg_language"] = fillLanguages
	fillers["pg_catalog.pg_tablespace"] = fillTablespaces
	fillers["pg_catalog.pg_collation"] = fillCollations
	fillers["pg_catalog.pg_settings"] = fillSettings
	fillers["pg_catalog.pg_stat_activity"] = fillActivity
	fillers["pg_catalog.pg_prepared_statements"] = fillPrepared
	fillers["pg_catalog.pg_stat_database"] = fillDatabaseStatistics
	fillers["pg_catalog.pg_timezone_abbrevs"] = func(*Database, *rows) {}
}

func fillNamespace(db *Database, r *rows) {
	for _, s := range db.schemas() {
		r.add(values{"oid": db.schemaOID(s), "nspname": s, "nspowner": superuser})
	}
}

func fillDatabase(db *Database, r *rows) {
	r.add(values{
		"oid": database, "datname": db.Name, "datdba": superuser, "encoding": 6, "datlocprovider": "c", "datallowconn": true,
		"datconnlimit": -1, "dattablespace": 1663, "datcollate": "C", "datctype": "C.UTF-8",
	})
}

// roles are the roles that are known: the session's user, who may do anything.
func (db *Database) roles() []role {
	return []role{{superuser, db.User}}
}

type role struct {
	oid  uint32
	name string
}

func fillRoles(db *Database, r *rows) {
	for _, role := range db.roles() {
		r.add(values{
			"oid": role.oid, "rolname": role.name, "rolsuper": true, "rolinherit": true, "rolcreaterole": true, "rolcreatedb": true,
			"rolcanlogin": true, "rolreplication": false, "rolbypassrls": true, "rolconnlimit": -1, "rolpassword": "********",
		})
	}
}

func fillUsers(db *Database, r *rows) {
	for _, role := range db.roles() {
		r.add(values{
			"usename": role.name, "usesysid": role.oid, "usecreatedb": true, "usesuper": true, "userepl": false, "usebypassrls": true,
			"passwd": "********",
		})
	}
}

func fillAccessMethods(_ *Database, r *rows) {
	r.add(values{"oid": heap, "amname": "heap", "amtype": "t"})
	r.add(values{"oid": btree, "amname": "btree", "amtype": "i"})
}

func fillLanguages(_ *Database, r *rows) {
	r.add(values{"oid": 12, "lanname": "internal", "lanowner": superuser})
	r.add(values{"oid": 13, "lanname": "go", "lanowner": superuser})
	r.add(values{"oid": 14, "lanname": "sql", "lanowner": superuser, "lanpltrusted": true})
}

func fillTablespaces(_ *Database, r *rows) {
	r.add(values{"oid": 1663, "spcname": "pg_default", "spcowner": superuser})
	r.add(values{"oid": 1664, "spcname": "pg_global", "spcowner": superuser})
}

func fillCollations(_ *Database, r *rows) {
	base := func(oid int, name, provider string, locale any) {
		r.add(values{
			"oid": oid, "collname": name, "collnamespace": schemaCatalog, "collowner": superuser, "collprovider": provider,
			"collisdeterministic": true, "collencoding": -1, "collcollate": locale, "collctype": locale,
		})
	}
	base(100, "default", "d", nil)
	base(950, "C", "c", "C")
	base(951, "POSIX", "c", "POSIX")
}

func fillSettings(db *Database, r *rows) {
	if db.Settings == nil {
		return
	}
	for _, s := range db.Settings() {
		context := "user"
		if s.ReadOnly {
			context = "internal"
		}
		source := "default"
		if s.Value != s.Default {
			source = "session"
		}
		v := values{
			"name": s.Name, "setting": s.Value, "category": s.Category, "short_desc": s.Description, "context": context,
			"vartype": settingType(s.Default), "source": source, "boot_val": s.Default, "reset_val": s.Default, "pending_restart": false,
		}
		if s.Unit != "" {
			v["unit"] = s.Unit
		}
		r.add(v)
	}
}

// settingType is pg_settings.vartype by how a default looks.
func settingType(value string) string {
	switch {
	case value == "on" || value == "off":
		return "bool"
	case value != "" && !slices.ContainsFunc([]byte(value), func(c byte) bool { return c < '0' || c > '9' }):
		return "integer"
	}
	return "string"
}

func fillActivity(db *Database, r *rows) {
	if db.Activity == nil {
		return
	}
	for _, a := range db.Activity() {
		r.add(values{
			"datid": database, "datname": db.Name, "pid": a.PID, "usesysid": superuser, "usename": a.User,
			"application_name": a.Application, "backend_start": a.Started, "query_start": a.QueryStart, "state_change": a.QueryStart,
			"xact_start": a.QueryStart, "state": a.State, "query": a.Query, "backend_type": "client backend",
		})
	}
}

func fillPrepared(db *Database, r *rows) {
	if db.Prepared == nil {
		return
	}
	for _, p := range db.Prepared() {
		types := make([]reg, len(p.Types))
		for i, t := range p.Types {
			types[i] = reg{t, FormatType(t, noModifier)}
		}
		r.add(values{
			"name": p.Name, "statement": p.Text, "prepare_time": p.Prepared, "parameter_types": types, "from_sql": p.FromSQL,
			"generic_plans": p.GenericPlans, "custom_plans": p.CustomPlans,
		})
	}
}

func fillDatabaseStatistics(db *Database, r *rows) {
	r.add(values{"datid": database, "datname": db.Name, "numbackends": 1})
}

// BackendPID is pg_backend_pid() of every session: the process has one pid.
func BackendPID() int32 { return int32(os.Getpid()) }
