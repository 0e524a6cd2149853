package builtin

import "strings"

// descriptions are the lines of the function table: name, blank, one line.
// Several names of one meaning stand before a line, divided by commas.
var descriptions = parseDescriptions(`
!=,<> whether two values differ
!~,!~* whether text does not match a regular expression; with * in any case
!~~,!~~* NOT LIKE; with * in any case
# bitwise exclusive or
#- jsonb without what is at a path
#> the json value at a path
#>> the json value at a path, as text
% remainder of a division
& bitwise and
&& whether two arrays have an element in common
* product
+ sum; a date or time moved by an interval
- difference; the negated value; jsonb without a key or element
-> a member or element of json
->> a member or element of json, as text
/ quotient; that of integers is truncated
<,<=,>,>= comparison
= whether two values are equal
<< bits moved to the left
>> bits moved to the right
<@ whether the right contains the left
@> whether the left contains the right
?,jsonb_exists whether text is a key of an object or a string of an array
?&,jsonb_exists_all whether all texts are keys or strings of a jsonb value
?|,jsonb_exists_any whether any text is a key or string of a jsonb value
@,abs absolute value
^,power,pow a number raised to a power
^@,starts_with whether text begins with another
acos,acosd arc cosine in radians or degrees
acosh inverse hyperbolic cosine
age years, months and days between two times, or until today
any_value a value of the group that is not NULL
approx_count_distinct estimated number of different values
approx_quantile estimated value below which a fraction of the values lie
array_agg all values as an array
array_append array with an element behind its last
array_cat two arrays, one behind the other
array_dims text of an array's dimensions
array_length length of a dimension
array_lower lower bound of a dimension
array_upper upper bound of a dimension
array_ndims number of dimensions
array_position subscript of the first element that equals a value
array_positions subscripts of all elements that equal a value
array_prepend array with an element before its first
array_remove array without the elements that equal a value
array_replace array with one value in place of another
array_to_json array as json
array_to_string elements as text with a delimiter
ascii code point of the first character
asin,asind arc sine in radians or degrees
asinh inverse hyperbolic sine
atan,atand arc tangent in radians or degrees
atan2,atan2d arc tangent of a quotient, by the signs of both numbers
atanh inverse hyperbolic tangent
avg mean
bit_and bitwise and of all values
bit_or bitwise or of all values
bit_xor bitwise exclusive or of all values
bit_count number of bits that are 1
bit_length number of bits
bool_and,every whether all values are true
bool_or whether any value is true
btrim,trim text without given characters at both ends
cardinality number of elements in all dimensions
cbrt,||/ cube root
ceil,ceiling least integer not below
char_length,character_length,length number of characters, or of bytes
chr character of a code point
clock_timestamp the time now, changing while a statement runs
concat arguments as text, one behind the other, NULLs left out
concat_ws arguments as text with a separator, NULLs left out
contains whether text has another in it
convert bytes of text in another encoding
convert_from text of bytes in an encoding
convert_to bytes of text in an encoding
corr correlation coefficient
cos,cosd cosine of radians or degrees
cosh hyperbolic cosine
cot,cotd cotangent of radians or degrees
count number of rows, or of values that are not NULL
covar_pop population covariance
covar_samp sample covariance
current_catalog,current_database name of the database
current_date,today date at the start of the transaction
current_role,current_user,session_user,user name of the user
current_time time with zone at the start of the transaction
current_timestamp,now,transaction_timestamp time at the start of the transaction
date_bin time cut down to a grid of equal intervals from an origin
date_part,extract a field of a date, time or interval
date_trunc time cut down to a unit
decode bytes of their text in hex, base64 or escape
degrees radians in degrees
div integer quotient
encode bytes as text in hex, base64 or escape
ends_with whether text ends with another
exp e raised to a power
factorial product of the integers up to a number
first value of the first row
floor greatest integer not above
format text with %s, %I and %L replaced by arguments
gcd greatest common divisor
gen_random_uuid random uuid, version 4
get_bit a bit of bytes
get_byte a byte of bytes
greatest largest argument, NULLs left out
ilike,~~* LIKE in any case
initcap first letter of each word in upper case, the rest in lower
is_normalized whether text is in a Unicode normal form
isfinite whether a value is not infinite
isnan whether a number is NaN
json_agg,jsonb_agg all values as a json array
json_array_length,jsonb_array_length number of elements
json_build_array,jsonb_build_array arguments as a json array
json_build_object,jsonb_build_object alternating keys and values as a json object
json_extract_path,jsonb_extract_path the json value at a path
json_extract_path_text,jsonb_extract_path_text the json value at a path, as text
json_object,jsonb_object json object of arrays of text
json_object_agg,jsonb_object_agg json object of all pairs of key and value
json_populate_record,jsonb_populate_record json object as a row of the first argument's type
json_populate_recordset,jsonb_populate_recordset json array of objects as rows of the first argument's type
json_strip_nulls,jsonb_strip_nulls json without members that are null
json_typeof,jsonb_typeof kind of a json value
jsonb_concat members or elements of two jsonb values
jsonb_contained whether the right jsonb contains the left
jsonb_contains whether the left jsonb contains the right
jsonb_delete jsonb without keys or an element
jsonb_delete_path jsonb without what is at a path
jsonb_insert jsonb with a value inserted at a path
jsonb_path_exists,jsonb_path_exists_tz whether a jsonpath finds anything
jsonb_path_match,jsonb_path_match_tz result of a jsonpath predicate
jsonb_path_query_array,jsonb_path_query_array_tz all that a jsonpath finds, as an array
jsonb_path_query_first,jsonb_path_query_first_tz the first that a jsonpath finds
jsonb_path_query,jsonb_path_query_tz all that a jsonpath finds, as rows
@? whether a jsonpath finds anything, errors suppressed
@@ result of a jsonpath predicate, errors suppressed
jsonb_pretty jsonb with indentation
jsonb_set jsonb with the value at a path replaced
jsonb_set_lax jsonb_set that takes NULL as the caller says
json_array_elements,jsonb_array_elements elements of a json array as rows
json_array_elements_text,jsonb_array_elements_text elements of a json array as rows of text
json_each,jsonb_each members of a json object as rows
json_each_text,jsonb_each_text members of a json object as rows of text
json_object_keys,jsonb_object_keys keys of a json object as rows
json_to_record,jsonb_to_record json object as a row of given columns
json_to_recordset,jsonb_to_recordset json array of objects as rows of given columns
justify_days interval with 30 days as a month
justify_hours interval with 24 hours as a day
justify_interval interval with days as months, hours as days, and one sign
last value of the last row
lcm least common multiple
least smallest argument, NULLs left out
left first characters
like,~~ whether text matches a pattern of % and _
ln natural logarithm
localtime time of day at the start of the transaction
localtimestamp time without zone at the start of the transaction
log,log10 logarithm to base 10 or another
lower text in lower case
lpad text filled up at the left
rpad text filled up at the right
ltrim text without given characters at its beginning
rtrim text without given characters at its end
make_date date of its fields
make_interval interval of its fields
make_time time of its fields
make_timestamp timestamp of its fields
make_timestamptz timestamp with time zone of its fields
max largest value
min smallest value
md5 MD5 hash in hex
min_scale least scale that holds a number exactly
mod remainder of a division
normalize text in a Unicode normal form
nullif NULL if two values are equal, else the first
num_nonnulls number of arguments that are not NULL
num_nulls number of arguments that are NULL
octet_length number of bytes
overlaps whether two periods overlap
overlay text with a part replaced
parse_ident parts of a qualified name
pg_size_bytes number of bytes of a size such as 1 MB
pi the number π
position,strpos place of the first occurrence of text in another
quote_ident text as an SQL identifier
quote_literal value as an SQL literal
quote_nullable value as an SQL literal, or NULL
radians degrees in radians
random random number from 0 up to 1
regexp_count number of matches of a regular expression
regexp_instr place of a match of a regular expression
regexp_like whether text matches a regular expression
regexp_match groups of the first match of a regular expression
regexp_matches groups of the matches of a regular expression as rows
regexp_replace text with matches of a regular expression replaced
regexp_split_to_array parts of text between matches of a regular expression
regexp_split_to_table parts of text between matches as rows
regexp_substr part of text that matches a regular expression
regr_avgx mean of the independent variable
regr_avgy mean of the dependent variable
regr_count number of rows in which neither is NULL
regr_intercept where the fitted line cuts the y axis
regr_r2 square of the correlation coefficient
regr_slope slope of the fitted line
regr_sxx sum of squares of the independent variable
regr_sxy sum of products of both variables
regr_syy sum of squares of the dependent variable
repeat text many times
replace text with every occurrence of another replaced
reverse characters in reverse order
right last characters
round number rounded to a number of digits
row row of values
row_to_json row as a json object
scale number of digits behind the point
set_bit bytes with a bit changed
set_byte bytes with a byte changed
setseed seed of random
sha224,sha256,sha384,sha512 SHA-2 hash
sign −1, 0 or 1
similar SIMILAR TO: whether text matches an SQL regular expression
sin,sind sine of radians or degrees
sinh hyperbolic sine
split_part the n-th part of text between delimiters
sqrt,|/ square root
statement_timestamp time at the start of the statement
stddev,stddev_samp sample standard deviation
stddev_pop population standard deviation
string_agg all values as text with delimiters
string_to_array parts of text between delimiters
strlen number of bytes of a text
string_to_table parts of text between delimiters as rows
substr,substring part of text or bytes, by place or by pattern
sum sum
tan,tand tangent of radians or degrees
tanh hyperbolic tangent
timeofday the time now as text
timezone time in a zone: AT TIME ZONE
to_char number, time or interval as text by a format
to_date date of text by a format
to_hex integer in hex
to_json,to_jsonb value as json
to_number number of text by a format
to_timestamp time of text by a format, or of seconds since 1970
translate characters replaced one by one
trim_array array without its last elements
trim_scale number without zeros at the end of its fraction
trunc number cut to a number of digits
typmod value as the modifiers of its type have it, such as timestamp(3)
unistr text with Unicode escapes replaced
upper text in upper case
var_pop population variance
var_samp,variance sample variance
version version of the server
width_bucket number of the histogram bucket of a value
xor exclusive or of booleans
| bitwise or
|| one text, array or jsonb behind another
~ bitwise not; whether text matches a regular expression
~* whether text matches a regular expression in any case
not logical negation
`)

func parseDescriptions(text string) map[string]string {
	out := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		names, doc, _ := strings.Cut(line, " ")
		for _, name := range strings.Split(names, ",") {
			out[name] = doc
		}
	}
	return out
}
