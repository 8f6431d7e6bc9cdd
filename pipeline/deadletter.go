package pipeline

import (
	"context"
	"encoding/json"
)

// DeadLetter is something that was lost for good: a detection that a sink refused
// or could not write, or a damaged part of the input. All fields are in every
// record; what is unknown is null.
type DeadLetter struct {
	Pipeline string `json:"pipeline"`
	Run      string `json:"run"`
	Stage    string `json:"stage"` // "source", "sink jsonl"
	Cause    string `json:"cause"` // a cause of [Drop], or the kind of damage
	Error    string `json:"error"` // what the sink said; empty for damage
	Count    uint64 `json:"count"` // of what was lost

	// Position is where in the input: bytes of its damage.
	Position *Span `json:"position"`
	TUS      int64 `json:"t_us"`         // sensor time of the detection, or of the last damage, µs
	TimeUnix int64 `json:"time_unix_us"` // when it was noticed, by the wall clock

	Reference string          `json:"reference"` // the input, or "run/seq" of the detection
	Payload   json.RawMessage `json:"payload"`   // the detection, where it is at hand
}

// Span is a part of an input, bytes: the damage begins at From or later and
// before To. Both are equal where the place is exact.
type Span struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// DeadLetters takes what was lost. The runner opens it before the sinks, calls
// Put from one goroutine, and Close once.
type DeadLetters interface {
	Open(ctx context.Context, s StreamMeta) error
	Put(ctx context.Context, d *DeadLetter) error
	Close(ctx context.Context) error
}
