package eval

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
)

// longLiteral is how many bytes of a constant are many when every row has them.
const longLiteral = 64

// note counts an operand of type t if it makes texts.
func (env *Env) note(t arrow.DataType) {
	if e, ok := t.(arrow.ExtensionType); ok {
		t = e.StorageType()
	}
	if t.ID() == arrow.STRING || t.ID() == arrow.BINARY {
		env.TextMakers++
	}
}

// made counts the texts of a result.
func (env *Env) made(a arrow.Array) { env.Texts += kernel.TextBytes(a) }
