package runner

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"

	"ganglion/pipeline"
	"ganglion/pipeline/checkpoint"
)

// Pipeline is what a run needs. Source and sinks come built and unopened; the
// rest comes as constructors, because each is built from what the one before
// it turns out to be.
type Pipeline struct {
	Name       string // the stream's name in every detection
	ConfigHash string // 16 hexadecimal digits

	Source  pipeline.Source
	Queue   Queue // the zero value is DefaultQueue
	Encoder func(pipeline.StreamInfo) (pipeline.Encoder, error)
	Network func(pipeline.Shape) (pipeline.Network, error)
	Readout func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error)
	Sinks   []Sink  // none is allowed: a dry run
	Keep    *Keep   // nil keeps no clips
	Errors  *Errors // nil writes no dead letters
}

// Sink is one of a pipeline's sinks.
type Sink struct {
	Name  string // in summary, metrics and errors; a second "nats" becomes "nats-2"
	Sink  pipeline.Sink
	Queue SinkQueue // the zero value is DefaultSinkQueue
}

// Options are the surroundings of a run. The zero value works.
type Options struct {
	Log *slog.Logger     // default: silent
	Now func() time.Time // wall clock for latency and rates; default time.Now

	// Drain bounds how long queued batches and detections may still take once
	// the context has ended or a component has failed. Default 3 s. Sinks get
	// one more second to close.
	Drain time.Duration

	// Progress is called after every batch, from the readout's goroutine.
	Progress func(Progress)

	// Tracer makes a span per batch and one per sink write below it, which the
	// context of [pipeline.Sink.Write] carries. Nil makes none.
	Tracer trace.Tracer

	// Identity is what decides the detections beside the stream, such as the
	// digests of models: it goes into the identity of a run and into
	// snapshots, which name the values that a differing run cannot continue with.
	// The runner adds the pipeline's name, the form of the stream and the
	// network's layers.
	Identity checkpoint.Identity

	// Checkpoint saves snapshots of the run, or resumes from one. Nil does
	// neither.
	Checkpoint *Checkpoint

	// Start is the sensor time, µs, before which nothing of the stream is read;
	// nil begins at the beginning. The source must be [pipeline.Resumable].
	Start *int64
}

// defaultDrain is the drain time of Options that state none.
const defaultDrain = 3 * time.Second

// Progress is how far a run has come.
type Progress struct {
	Bytes, SizeBytes int64 // of the input; 0 when the source cannot tell
	Events           uint64
	Unit             string // what Events counts: "events", or "frames" of audio
	SensorUS         int64  // sensor time covered since the first window, µs
}

// Run carries the pipeline's stream from start to end and returns its account.
// The context's end is an orderly stop and no error: Summary.Stopped tells. An
// error names the component that failed; the summary is right all the same.
func Run(ctx context.Context, p Pipeline, o Options) (Summary, error) {
	r, err := New(p, o)
	if err != nil {
		return Summary{Name: p.Name}, err
	}
	return r.Run(ctx)
}

// New prepares a run that can be looked at from outside while it continues (see
// [Runner.Summary]). It opens nothing.
func New(p Pipeline, o Options) (*Runner, error) {
	if p.Source == nil || p.Encoder == nil || p.Network == nil || p.Readout == nil {
		return nil, fmt.Errorf("pipeline %q: source, encoder, network and readout are required", p.Name)
	}
	if p.Queue == (Queue{}) {
		p.Queue = NewDefaultQueue()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Drain <= 0 {
		o.Drain = defaultDrain
	}
	r := &Runner{lane: lane{p: p, extra: o.Identity}, o: o, kinds: map[pipeline.Kind]uint64{}, running: map[string]bool{}}
	r.letters = newLettering(p.Errors)
	if p.Keep != nil {
		r.keep = &keeping{Keep: *p.Keep}
	}
	seen := map[string]int{}
	for _, s := range p.Sinks {
		if s.Queue == (SinkQueue{}) {
			s.Queue = NewDefaultSinkQueue()
		}
		if seen[s.Name]++; seen[s.Name] > 1 {
			s.Name = fmt.Sprintf("%s-%d", s.Name, seen[s.Name])
		}
		r.outlets = append(r.outlets, &outlet{Sink: s})
	}
	return r, nil
}
