package flight

import (
	"encoding/json"
	"time"

	arrowflight "github.com/apache/arrow/go/v15/arrow/flight"

	"volley/planner/physical"
	"volley/sqlerr"
)

// Kind is the kind of a control message.
type Kind string

// Kinds of control messages and what they carry.
const (
	KindHello   Kind = "hello"   // worker: Hello; always the first
	KindWelcome Kind = "welcome" // coordinator: the worker is registered
	KindBeat    Kind = "beat"    // worker: a sign of life, and RTT; coordinator: its answer
	KindStart   Kind = "start"   // coordinator: Task, Body is the fragment
	KindCancel  Kind = "cancel"  // coordinator: Task; stop it and drop its output
	KindFree    Kind = "free"    // coordinator: Task; drop its output
	KindDrop    Kind = "drop"    // coordinator: Query; stop and drop all of it
	KindDone    Kind = "done"    // worker: Task with Report, or Error and perhaps Lost
	KindDrain   Kind = "drain"   // worker: no more tasks, please; coordinator: none will come
	KindGone    Kind = "gone"    // coordinator: the worker at Address is lost
)

// Message is one control message.
type Message struct {
	Kind  Kind             `json:"kind"`
	Hello *Hello           `json:"hello,omitempty"`
	Task  *physical.TaskID `json:"task,omitempty"`
	Query string           `json:"query,omitempty"`
	// RTT is how long the last sign of life took to be answered; 0 is unknown.
	RTT time.Duration `json:"rtt,omitempty"`
	// Address is of the Flight server of a lost worker.
	Address string          `json:"address,omitempty"`
	Report  json.RawMessage `json:"report,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"` // sqlerr.Marshal
	// Lost is the input that could not be read, when that is why a task failed.
	Lost *physical.Source `json:"lost,omitempty"`
	Body []byte           `json:"-"`
}

// Hello is how a worker introduces itself.
type Hello struct {
	Protocol  int    `json:"protocol"`
	Version   string `json:"version"`   // of Volley
	Functions string `json:"functions"` // fingerprint of the function registry
	Worker    string `json:"worker"`    // ID, unique among living workers
	Address   string `json:"address"`   // host:port of its Flight server
	Slots     int    `json:"slots"`     // tasks it runs at once
	Memory    int64  `json:"memory"`    // bytes that its tasks may hold in all; 0: unlimited
}

// Check refuses a worker that does not fit this coordinator, and says how the
// two differ.
func (h *Hello) Check(version, functions string) error {
	refused := func(what, theirs, ours string) error {
		return sqlerr.New(sqlerr.ProtocolViolation, "worker %q is refused: it has %s %s, the coordinator has %s", h.Worker, what, theirs, ours).
			WithHint("Coordinator and workers must be the same program.")
	}
	switch {
	case h.Protocol != Protocol:
		return refused("protocol", jsonText(h.Protocol), jsonText(Protocol))
	case h.Version != version:
		return refused("version", h.Version, version)
	case h.Functions != functions:
		return refused("functions", h.Functions, functions)
	case h.Worker == "" || h.Slots < 1:
		return sqlerr.New(sqlerr.ProtocolViolation, "worker %q is refused: it has no ID or no slots", h.Worker)
	}
	return nil
}

func jsonText(v any) string {
	b, _ := json.Marshal(v) // of a number
	return string(b)
}

func (m *Message) encode() (*arrowflight.FlightData, error) {
	meta, err := json.Marshal(m)
	return &arrowflight.FlightData{AppMetadata: meta, DataBody: m.Body}, err
}

func decodeMessage(d *arrowflight.FlightData) (*Message, error) {
	m := &Message{}
	if err := json.Unmarshal(d.AppMetadata, m); err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.ProtocolViolation, "invalid control message")
	}
	m.Body = d.DataBody
	return m, nil
}

// ticket names one partition of one task's output, and how many of its batches
// as they went over the wire the reader has already.
type ticket struct {
	Task      physical.TaskID `json:"task"`
	Partition int             `json:"partition"`
	Skip      int             `json:"skip,omitempty"`
}
