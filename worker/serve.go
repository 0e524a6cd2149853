package worker

import (
	"context"

	"volley/flight"
	"volley/planner/physical"
)

// Records opens an output for a reader in another process: it is
// flight.ServerConfig's Open.
func (w *Worker) Records(_ context.Context, task physical.TaskID, partition int) (flight.Records, error) {
	return w.Open(task, partition)
}
