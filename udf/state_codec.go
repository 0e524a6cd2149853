package udf

import (
	"bytes"
	"encoding"
	"encoding/gob"
)

// stateCodec is the encoding of states that have none of their own.
func stateCodec[S any]() (encode func(S) ([]byte, error), decode func([]byte) (S, error)) {
	_, marshals := any(new(S)).(encoding.BinaryMarshaler)
	_, unmarshals := any(new(S)).(encoding.BinaryUnmarshaler)
	if marshals && unmarshals {
		encode = func(s S) ([]byte, error) { return any(&s).(encoding.BinaryMarshaler).MarshalBinary() }
		decode = func(b []byte) (s S, err error) {
			err = any(&s).(encoding.BinaryUnmarshaler).UnmarshalBinary(b)
			return s, err
		}
		return encode, decode
	}
	encode = func(s S) ([]byte, error) {
		var buf bytes.Buffer
		err := gob.NewEncoder(&buf).Encode(&s)
		return buf.Bytes(), err
	}
	decode = func(b []byte) (s S, err error) {
		err = gob.NewDecoder(bytes.NewReader(b)).Decode(&s)
		return s, err
	}
	return encode, decode
}
