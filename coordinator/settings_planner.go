package coordinator

import (
	"maps"
)

// plannerSettings are PostgreSQL's settings of its planner, executor and server
// that have no effect here. Clients and scripts set them, so they are kept.
var plannerSettings = map[string]setting{
	"constraint_exclusion":             {value: "partition"},
	"cpu_index_tuple_cost":             {value: "0.005", check: checkNumber},
	"cpu_operator_cost":                {value: "0.0025", check: checkNumber},
	"cpu_tuple_cost":                   {value: "0.01", check: checkNumber},
	"cursor_tuple_fraction":            {value: "0.1", check: checkNumber},
	"default_statistics_target":        {value: "100", check: checkInteger},
	"default_table_access_method":      {value: "heap"},
	"default_text_search_config":       {value: "pg_catalog.simple"},
	"default_toast_compression":        {value: "pglz"},
	"default_transaction_deferrable":   {value: "off", check: checkBool},
	"effective_cache_size":             {value: "4GB"},
	"effective_io_concurrency":         {value: "1", check: checkInteger},
	"escape_string_warning":            {value: "on", check: checkBool},
	"exit_on_error":                    {value: "off", check: checkBool},
	"force_parallel_mode":              {value: "off"},
	"from_collapse_limit":              {value: "8", check: checkInteger},
	"geqo":                             {value: "on", check: checkBool},
	"geqo_effort":                      {value: "5", check: checkInteger},
	"geqo_threshold":                   {value: "12", check: checkInteger},
	"hash_mem_multiplier":              {value: "2", check: checkNumber},
	"idle_session_timeout":             {value: "0", check: checkMillis},
	"jit_above_cost":                   {value: "100000", check: checkNumber},
	"jit_inline_above_cost":            {value: "500000", check: checkNumber},
	"jit_optimize_above_cost":          {value: "500000", check: checkNumber},
	"join_collapse_limit":              {value: "8", check: checkInteger},
	"lo_compat_privileges":             {value: "off", check: checkBool},
	"log_duration":                     {value: "off", check: checkBool},
	"log_error_verbosity":              {value: "default"},
	"log_executor_stats":               {value: "off", check: checkBool},
	"log_min_duration_statement":       {value: "-1", check: checkMillis},
	"log_min_error_statement":          {value: "error"},
	"log_min_messages":                 {value: "warning"},
	"log_parser_stats":                 {value: "off", check: checkBool},
	"log_planner_stats":                {value: "off", check: checkBool},
	"log_statement":                    {value: "none"},
	"log_statement_stats":              {value: "off", check: checkBool},
	"maintenance_work_mem":             {value: "64MB"},
	"max_parallel_maintenance_workers": {value: "2", check: checkInteger},
	"max_parallel_workers":             {value: "8", check: checkInteger},
	"max_parallel_workers_per_gather":  {value: "2", check: checkInteger},
	"max_stack_depth":                  {value: "2MB"},
	"min_parallel_index_scan_size":     {value: "512kB"},
	"min_parallel_table_scan_size":     {value: "8MB"},
	"parallel_leader_participation":    {value: "on", check: checkBool},
	"parallel_setup_cost":              {value: "1000", check: checkNumber},
	"parallel_tuple_cost":              {value: "0.1", check: checkNumber},
	"password_encryption":              {value: "scram-sha-256"},
	"plan_cache_mode":                  {value: "auto", check: checkOneOf("auto", forceCustom, forceGeneric)},
	"quote_all_identifiers":            {value: "off", check: checkBool},
	"random_page_cost":                 {value: "4", check: checkNumber},
	"recursive_worktable_factor":       {value: "10", check: checkNumber},
	"seq_page_cost":                    {value: "1", check: checkNumber},
	"session_replication_role":         {value: "origin"},
	"stats_fetch_consistency":          {value: "cache"},
	"synchronous_commit":               {value: "on"},
	"temp_buffers":                     {value: "8MB"},
	"temp_tablespaces":                 {},
	"timezone_abbreviations":           {value: "Default"},
	"track_activities":                 {value: "on", check: checkBool},
	"transaction_deferrable":           {value: "off", check: checkBool},
	"vacuum_cost_delay":                {value: "0"},
	"xmlbinary":                        {value: "base64"},
}

// methods of the planner, each with a setting enable_….
var plannerMethods = map[string]string{
	"async_append": "on", "bitmapscan": "on", "gathermerge": "on", "hashagg": "on", "hashjoin": "on",
	"incremental_sort": "on", "indexonlyscan": "on", "indexscan": "on", "material": "on", "memoize": "on",
	"mergejoin": "on", "nestloop": "on", "parallel_append": "on", "parallel_hash": "on", "partition_pruning": "on",
	"partitionwise_aggregate": "off", "partitionwise_join": "off", "sort": "on", "tidscan": "on",
}

// allSettings joins the settings of sessions and those without effect.
func allSettings(session map[string]setting) map[string]setting {
	maps.Copy(session, plannerSettings)
	for name, value := range plannerMethods {
		session["enable_"+name] = setting{value: value, check: checkBool}
	}
	return session
}
