package main

import (
	"context"
	"encoding/json"
	"fmt"
)

// traffic is what a query asked of the server.
type traffic struct {
	requests, bytes, listings float64
}

// asked runs a query on a server that knows nothing of its files yet, and tells what it
// asked for, planning included.
func (b *bench) asked(sql string) (t traffic, err error) {
	s, err := b.start("fresh")
	if err != nil {
		return t, err
	}
	defer s.Stop()
	var text string
	if err := s.Conn.QueryRow(context.Background(), "EXPLAIN (ANALYZE, FORMAT json) "+sql).Scan(&text); err != nil {
		return t, err
	}
	var plan any
	if err := json.Unmarshal([]byte(text), &plan); err != nil {
		return t, err
	}
	t.add(plan)
	if t.requests == 0 {
		return t, fmt.Errorf("EXPLAIN tells of no requests: %s", text)
	}
	return t, nil
}

// add sums up what the parts of a plan say. What a scan says of each worker is in its
// own sum.
func (t *traffic) add(part any) {
	switch part := part.(type) {
	case []any:
		for _, x := range part {
			t.add(x)
		}
	case map[string]any:
		for name, x := range part {
			n, _ := x.(float64)
			switch name {
			case "Requests":
				t.requests += n
			case "Request Bytes":
				t.bytes += n
			case "Listings":
				t.listings += n
			case "Workers":
			default:
				t.add(x)
			}
		}
	}
}
