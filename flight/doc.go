// Package flight is how Volley's processes talk: Apache Arrow Flight (gRPC).
//
//	worker ──DoExchange──► coordinator   control: one stream for each worker (Link)
//	       ◄── start · cancel · free · drop · beat · drain
//	       ─── hello · done · beat · drain ──►
//	anyone ──DoGet────────► worker       data: one partition of one task's output
//	anyone ──DoAction ping► anyone       is somebody there?
//
// Control messages are JSON in FlightData's app_metadata, a fragment beside
// them in data_body; the end of the control stream is the loss of the worker.
// A DoGet ticket is JSON, its answer Arrow IPC; gRPC's flow control is the
// back-pressure. Batches above 8 MiB are sliced, and each message has a checksum.
//
// Processes of one machine read by a Unix socket instead of TCP (socket.go); who may
// read, and how, is the same.
//
// Errors keep their kind: a sqlerr.Error travels in the details of the gRPC
// status. With a shared secret, every call carries it as a bearer token. TCP may be
// under mutual TLS (transport.go).
//
// The package knows plans only by task IDs: what a fragment or a report is,
// package worker and coordinator/sched say.
package flight

// Protocol is the version of the messages; both sides must have the same.
const Protocol = 1

const (
	maxMessage = 64 << 20 // bytes gRPC receives at most
	maxBatch   = 8 << 20  // bytes of a batch before it is sliced
)
