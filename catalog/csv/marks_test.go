package csv

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
)

// padded is a column that tells how many bytes there are after its last field.
type padded struct{ after int }

func (p *padded) append(buf []byte, fields []span) (int, error) {
	p.after = len(buf)
	if n := len(fields); n > 0 && fields[n-1] != missingField {
		p.after -= int(fields[n-1].end)
	}
	return -1, nil
}

func (p *padded) finish(int) arrow.Array { return nil }

// Kernels load whole blocks of what they are given, marked numbers too.
func TestMarkedNumbersArePadded(t *testing.T) {
	o, err := parseOptions(opts("thousands", "."))
	if err != nil {
		t.Fatal(err)
	}
	p := &padded{}
	c := marked(p, arrow.PrimitiveTypes.Int64, o)
	for _, text := range []string{"", "1", "1.000", "1.000.000.000"} {
		fields := []span{{0, uint32(len(text))}}
		if _, err := c.append([]byte(text), fields); err != nil {
			t.Fatal(err)
		}
		if p.after < pad {
			t.Errorf("%q: %d bytes after the field", text, p.after)
		}
	}
}
