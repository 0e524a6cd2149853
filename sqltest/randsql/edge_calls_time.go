package randsql

var edgeDates = []call{
	{"%s + %s", []Type{Date, Int}},
	{"%s - %s", []Type{Date, Int}},
	{"%s::date", []Type{Timestamp}},
	{"%s::date", []Type{Timestamptz}},
	{"%s::date", []Type{Text}},
	{"(%s + %s)::date", []Type{Date, Interval}},
	{"make_date(%s, %s, %s)", []Type{Int, Int, Int}},
	{"make_date(%s %% 3000, 1 + abs(%s %% 12), 29)", []Type{Int, Int}},
	{"to_date(%s, 'YYYY-MM-DD')", []Type{Text}},
	{"to_date(%s, 'DD Mon YYYY')", []Type{Text}},
	{"greatest(%s, %s)", []Type{Date, Date}},
	{"date_trunc('week', %s)::date", []Type{Date}},
}

var edgeTimestamps = []call{
	{"%s + %s", []Type{Timestamp, Interval}},
	{"%s - %s", []Type{Timestamp, Interval}},
	{"%s + %s", []Type{Date, Interval}},
	{"%s - %s", []Type{Date, Interval}},
	{"%s + %s", []Type{Date, Time}},
	{"%s::timestamp", []Type{Date}},
	{"%s::timestamp", []Type{Text}},
	{"%s::timestamp", []Type{Timestamptz}},
	{"date_trunc('century', %s)", []Type{Timestamp}},
	{"date_trunc('week', %s)", []Type{Timestamp}},
	{"date_trunc('milliseconds', %s)", []Type{Timestamp}},
	{"date_trunc('quarter', %s)", []Type{Timestamp}},
	{"date_bin(%s, %s, %s)", []Type{Interval, Timestamp, Timestamp}},
	{"date_bin('7 days', %s, timestamp '2001-01-01')", []Type{Timestamp}},
	{"%s AT TIME ZONE 'Europe/Berlin'", []Type{Timestamptz}},
	{"%s AT TIME ZONE %s", []Type{Timestamptz, Interval}},
	{"make_timestamp(%s %% 3000, 2, 28, 23, 59, %s)", []Type{Int, Float}},
	{"%s::timestamp(0)", []Type{Timestamp}},
	{"to_timestamp(%s, 'YYYY-MM-DD HH24:MI:SS')::timestamp", []Type{Text}},
	{"least(%s, %s)", []Type{Timestamp, Date}},
}

var edgeTimestamptzs = []call{
	{"%s + %s", []Type{Timestamptz, Interval}},
	{"%s - %s", []Type{Timestamptz, Interval}},
	{"%s::timestamptz", []Type{Text}},
	{"%s::timestamptz", []Type{Date}},
	{"%s::timestamptz", []Type{Timestamp}},
	{"%s AT TIME ZONE 'Europe/Berlin'", []Type{Timestamp}},
	{"%s AT TIME ZONE 'Asia/Kolkata'", []Type{Timestamp}},
	{"date_trunc('day', %s, 'Australia/Sydney')", []Type{Timestamptz}},
	{"date_trunc('month', %s)", []Type{Timestamptz}},
	{"to_timestamp(%s)", []Type{Float}},
	{"make_timestamptz(2024, 3, 31, 2, 30, %s, 'Europe/Berlin')", []Type{Float}},
	{"date_bin('15 minutes', %s, %s)", []Type{Timestamptz, Timestamptz}},
}

// Products with large numbers would pass what an Arrow interval can have.
var edgeIntervals = []call{
	{"%s + %s", []Type{Interval, Interval}},
	{"%s - %s", []Type{Interval, Interval}},
	{"- %s", []Type{Interval}},
	{"%s * 2", []Type{Interval}},
	{"%s * 0.5", []Type{Interval}},
	{"%s / 3", []Type{Interval}},
	{"%s / %s", []Type{Interval, SmallInt}},
	{"%s - %s", []Type{Time, Time}},
	{"%s - %s", []Type{Timestamp, Timestamp}},
	{"age(%s, %s)", []Type{Timestamp, Timestamp}},
	{"age(%s, %s)", []Type{Timestamptz, Timestamptz}},
	{"justify_days(%s)", []Type{Interval}},
	{"justify_hours(%s)", []Type{Interval}},
	{"justify_interval(%s)", []Type{Interval}},
	{"make_interval(years => %s %% 1000, days => %s)", []Type{Int, Int}},
	{"make_interval(secs => %s %% 100)", []Type{Int}},
	{"%s::interval", []Type{Text}},
	{"%s::interval", []Type{Time}},
	{"date_trunc('hour', %s)", []Type{Interval}},
	{"date_trunc('year', %s)", []Type{Interval}},
	{"%s::interval year to month", []Type{Interval}},
	{"%s::interval(2)", []Type{Interval}},
	{"%s - %s", []Type{Date, Timestamp}},
}

var edgeTimes = []call{
	{"%s + %s", []Type{Time, Interval}}, {"%s - %s", []Type{Time, Interval}}, {"%s::time", []Type{Timestamp}}, {"%s::time", []Type{Timestamptz}}, {"%s::time", []Type{Interval}}, {"%s::time", []Type{Text}}, {"make_time(%s, %s, %s)", []Type{Int, Int, Float}}, {"%s::time(1)", []Type{Time}}, {"make_time(abs(%s %% 25), 59, 60)", []Type{Int}},
}
