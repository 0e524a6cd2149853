package builtin

import "volley/udf"

// paramNames are the functions whose parameters PostgreSQL gives names, with the
// defaults of those that need not be given.
var paramNames = []struct{ function, params string }{
	{"make_interval", "years=0 months=0 weeks=0 days=0 hours=0 mins=0 secs=0.0"},
	{"make_date", "year month day"},
	{"make_time", "hour min sec"},
	{"make_timestamp", "year month mday hour min sec"},
	{"make_timestamptz", "year month mday hour min sec"},
	{"make_timestamptz", "year month mday hour min sec timezone"},
	{"jsonb_set", "jsonb_in path replacement create_if_missing=true"},
	{"jsonb_set_lax", "jsonb_in path replacement create_if_missing=true null_value_treatment='use_json_null'"},
	{"jsonb_insert", "jsonb_in path replacement insert_after=false"},
	{"parse_ident", "str strict=true"},
	{"jsonb_path_exists", "target path vars='{}' silent=false"},
	{"jsonb_path_match", "target path vars='{}' silent=false"},
	{"jsonb_path_query", "target path vars='{}' silent=false"},
	{"jsonb_path_query_array", "target path vars='{}' silent=false"},
	{"jsonb_path_query_first", "target path vars='{}' silent=false"},
	{"json_each", "from_json"},
	{"jsonb_each", "from_json"},
	{"json_each_text", "from_json"},
	{"jsonb_each_text", "from_json"},
	{"json_array_elements", "from_json"},
	{"jsonb_array_elements", "from_json"},
	{"json_array_elements_text", "from_json"},
	{"jsonb_array_elements_text", "from_json"},
	{"json_populate_record", "base from_json"},
	{"json_populate_recordset", "base from_json"},
	{"json_extract_path", "from_json path_elems"},
	{"jsonb_extract_path", "from_json path_elems"},
}

func nameParams(r *udf.Registry) {
	for _, f := range paramNames {
		r.NameParams(f.function, udf.ParseParams(f.params)...)
	}
}
