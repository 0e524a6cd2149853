package app

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// wayToCut cuts the network of worker x, and perhaps of y, from which x reads.
type wayToCut struct {
	name  string
	sever func(x, y string)
}

// cutInTurn cuts the network as often as rounds says, in turn in each way and in each at
// least once, while a worker waits within a task: the query ends with the
// answer, and after heal the next has it too. A cut that does not change evidence is an
// error.
func (c *faultCluster) cutInTurn(t *testing.T, name string, ways []wayToCut, evidence func() float64, heal func(), file, dir string) {
	for round := range max(rounds(0), len(ways)) {
		way := ways[round%len(ways)]
		t.Run(fmt.Sprintf("%s %d", way.name, round), func(t *testing.T) {
			best(t, answerWithin, "the answer", func() time.Duration {
				place := c.place(dir, name+"-"+strings.ReplaceAll(way.name, " ", "-"))
				got := c.ask(t, small, shuffleQuery(file, place, 1))
				x := c.of(t, awaitFired(t, place, 1)[0])
				y := c.source(t, place, x)
				before := evidence()
				way.sever(x, y)
				start := time.Now()
				release(t, place)
				(<-got).want(t, groupAnswer)
				took := time.Since(start)
				if evidence() == before {
					t.Error("the cut shows nothing: no worker was lost, or nothing held back")
				}
				heal()
				c.await(t, quarantineEnds, 3)
				(<-c.ask(t, small, groupQuery(file, place, 0))).want(t, groupAnswer)
				return took
			})
		})
	}
}
