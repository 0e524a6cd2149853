package pgcatalog

import (
	"time"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// started is when the server was: pg_postmaster_start_time().
var started = time.Now()

// registerSession adds the functions about the session and its settings.
func registerSession(r *registrar) {
	setting := func(c *call) (any, error) {
		if c.ctx.Session == nil {
			return nil, sqlerr.New(sqlerr.FeatureNotSupported, "settings are not known here")
		}
		if v, ok := c.ctx.Session.Setting(c.text(0)); ok {
			return v, nil
		}
		if c.len() > 1 && c.boolean(1) {
			return nil, nil
		}
		return nil, sqlerr.New(sqlerr.UndefinedObject, "unrecognized configuration parameter \"%s\"", c.text(0))
	}
	r.add("current_setting", params(tText), tText, setting)
	r.add("current_setting", params(tText, tBool), tText, setting)
	r.addAs(udf.Scalar{Name: "set_config", Params: params(tText, tText, tBool), Returns: tText, Volatility: udf.Volatile}, func(c *call) (any, error) {
		if c.ctx.Session == nil {
			return nil, sqlerr.New(sqlerr.FeatureNotSupported, "settings cannot be changed here")
		}
		return c.ctx.Session.SetSetting(c.text(0), c.text(1), c.boolean(2))
	})
	r.add("pg_backend_pid", params(), tInt4, func(*call) (any, error) { return BackendPID(), nil })
	r.constant("pg_is_in_recovery", tBool, false, params())
	r.constant("pg_is_wal_replay_paused", tBool, false, params())
	r.constant("inet_server_addr", tText, nil, params())
	r.constant("inet_client_addr", tText, nil, params())
	r.constant("inet_server_port", tInt4, nil, params())
	r.constant("inet_client_port", tInt4, nil, params())
	for _, name := range []string{"pg_postmaster_start_time", "pg_conf_load_time"} {
		r.add(name, params(), sqltype.TimestampTZ, func(*call) (any, error) { return started, nil })
	}
	for _, name := range []string{"txid_current", "pg_current_xact_id"} {
		r.add(name, params(), tInt8, func(c *call) (any, error) { return c.ctx.Now.UnixMicro() - started.UnixMicro() + 1000, nil })
	}
	r.constant("txid_current_if_assigned", tInt8, nil, params())
	r.constant("pg_current_xact_id_if_assigned", tInt8, nil, params())
	r.constant("pg_export_snapshot", tText, "00000003-0000001B-1", params())
	r.constant("pg_cancel_backend", tBool, false, params(tInt4))
	r.constant("pg_terminate_backend", tBool, false, params(tInt4), params(tInt4, tInt8))
	r.constant("pg_reload_conf", tBool, true, params())
	r.constant("pg_jit_available", tBool, false, params())
}

// registerLocks adds advisory locks, of which nobody holds any: there is
// nothing that they would protect.
func registerLocks(r *registrar) {
	for _, shared := range []string{"", "_shared"} {
		for _, xact := range []string{"", "_xact"} {
			r.constant("pg_advisory"+xact+"_lock"+shared, tText, "", params(tInt8), params(tInt4, tInt4))
			r.constant("pg_try_advisory"+xact+"_lock"+shared, tBool, true, params(tInt8), params(tInt4, tInt4))
		}
		r.constant("pg_advisory_unlock"+shared, tBool, true, params(tInt8), params(tInt4, tInt4))
	}
	r.constant("pg_advisory_unlock_all", tText, "", params())
}
