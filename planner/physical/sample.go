package physical

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
)

// Sample keeps each row, or with System each block of neighbouring rows, when
// 32 bits of the hash of Seed and its number in the input are below Threshold.
// PerTask mixes the number of the task into Seed.
type Sample struct {
	Input     Node
	System    bool
	PerTask   bool
	Threshold int64
	Seed      int64
}

// SampleBlock is how many neighbouring rows a System sample keeps or drops
// together, about a page of PostgreSQL's.
const SampleBlock = 128

// SampleAll is the threshold that keeps every row.
const SampleAll = 1 << 32

func (*Sample) node() {}

// Schema is the input's.
func (n *Sample) Schema() *arrow.Schema { return n.Input.Schema() }

// Inputs is the sampled input.
func (n *Sample) Inputs() []Node { return []Node{n.Input} }

// String is the method and the percentage.
func (n *Sample) String() string {
	method := "bernoulli"
	if n.System {
		method = "system"
	}
	return fmt.Sprintf("Sample %s %.6g%%", method, 100*float64(n.Threshold)/SampleAll)
}

func (c *codec) sample(n *Sample) {
	c.bool(&n.System)
	c.bool(&n.PerTask)
	c.int64(&n.Threshold)
	c.int64(&n.Seed)
}
