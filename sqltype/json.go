package sqltype

import "volley/sqltype/jsontext"

// CheckJSON tells whether text is valid JSON: nil, or 22P02.
func CheckJSON(text []byte) error { return jsontext.Check(text) }

// AppendJSONB appends the normalised form of a JSON text: object keys unique
// (the last one wins), sorted by length and then by bytes; numbers as numeric
// prints them. 22P02 for bad JSON, 22003 for numbers that no numeric holds.
func AppendJSONB(dst, text []byte) ([]byte, error) { return appendJSONB(nil, dst, text) }

// appendJSONB is AppendJSONB that ends, with 57014, soon after canceled has begun to hold.
func appendJSONB(canceled func() bool, dst, text []byte) ([]byte, error) {
	v, err := parseJSONB(canceled, text)
	if err != nil {
		return dst, err
	}
	return v.Append(dst), nil
}

// ParseJSONB is the normalised value of a JSON text.
func ParseJSONB(text []byte) (jsontext.Value, error) { return parseJSONB(nil, text) }

func parseJSONB(canceled func() bool, text []byte) (jsontext.Value, error) {
	v, err := jsontext.ParseUntil(canceled, text)
	if err == nil {
		err = normaliseNumbers(&v)
	}
	return v, err
}

func normaliseNumbers(v *jsontext.Value) error {
	if v.Kind == jsontext.Number {
		n, err := ParseNum([]byte(v.Text))
		if err != nil {
			return err
		}
		v.Text = string(n.AppendText(nil))
		return nil
	}
	for i := range v.Items {
		if err := normaliseNumbers(&v.Items[i]); err != nil {
			return err
		}
	}
	for i := range v.Members {
		if err := normaliseNumbers(&v.Members[i].Value); err != nil {
			return err
		}
	}
	return nil
}

// AppendJSONString appends s as a JSON string with PostgreSQL's escapes.
func AppendJSONString(dst []byte, s string) []byte { return jsontext.AppendString(dst, s) }
