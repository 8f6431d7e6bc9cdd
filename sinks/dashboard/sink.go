package dashboard

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/runner"
)

// Sink shows one run. It implements [pipeline.Sink] and [runner.Watcher].
type Sink struct {
	cfg Config
	log *slog.Logger

	server *Server // once it is open; nil for a replay's
	stream *stream
	offer  Offer
	replay bool           // of the run, without its sinks
	from   int64          // what lies before is not shown, µs
	run    *runner.Runner // from Watch on

	wanted atomic.Bool // somebody looks at this run
	layer  atomic.Int32
	neuron atomic.Int64 // layer<<32 | neuron of the probe; negative for none

	mu      sync.Mutex // guards what follows
	frame   *frame
	history *history
}

// New returns a sink that opens nothing before Open.
func New(c Config, env component.Env) (*Sink, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s := &Sink{cfg: c, log: env.Log, history: newHistory()}
	s.neuron.Store(-1)
	return s, nil
}

// Offer is what the program can do for the page beyond what a sink can.
type Offer struct {
	// Replay runs the stream once more from sensor time start, µs, without sinks
	// but into, its source paced by pace. Nil where the stream cannot be replayed.
	// Set are keys and values of its configuration, the values in YAML.
	Replay func(ctx context.Context, set []string, start int64, pace func(pipeline.Source) pipeline.Source, into *Sink) error
	// Tune is the configuration with the given keys and values. Nil where nothing
	// can be changed.
	Tune func(set []string) (Tuned, error)
	// Settings are the values that can be changed, as they stand.
	Settings func(set []string) ([]Setting, error)
}

// Tuned is a configuration with changes.
type Tuned struct {
	Readout any    // pointer to the readout's
	Hash    string // of the pipeline
	File    []byte // the whole as YAML
}

// Setting is a value of the readout's configuration.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"` // in YAML
	Type  string `json:"type"`
	Doc   string `json:"doc"`
	Unit  string `json:"unit,omitempty"`
}

// Offer tells what the program can do. It is called before Open.
func (s *Sink) Offer(o Offer) { s.offer = o }

// Open joins the page.
func (s *Sink) Open(ctx context.Context, meta pipeline.StreamMeta) (err error) {
	if s.replay {
		return nil
	}
	var started bool
	if s.server, started, err = acquire(ctx, s.cfg, s.log); err != nil {
		return err
	}
	if started {
		s.log.Info("the live page is served", "url", s.server.URL())
	}
	s.stream = s.server.stream(meta.Name)
	return nil
}

// Watch implements [runner.Watcher].
func (s *Sink) Watch(r *runner.Runner) {
	s.run = r
	s.mu.Lock()
	s.frame = newFrame(r.Input())
	s.mu.Unlock()
	s.stream.begin(s)
}

// Look implements [runner.Watcher].
func (s *Sink) Look(_ context.Context, a *pipeline.Activity, ds []pipeline.Detection) {
	wanted := s.wanted.Load()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.history.add(a.Window, a.Input.Len())
	if !wanted || s.replay && a.End <= s.from {
		return
	}
	f := s.frame
	f.add(a, ds)
	if l := int(s.layer.Load()) - 1; l >= 0 && l < len(a.Layers) {
		f.raster.add(l, s.run.Layers()[l].Shape.Size(), &a.Layers[l].Spikes)
	}
	if p := s.neuron.Load(); p >= 0 && len(f.probe.points) < mostRows {
		f.probe.Layer, f.probe.Neuron = int(p>>32), int(p&0xffffffff)
		if v, ok := s.run.Membrane(f.probe.Layer, f.probe.Neuron); ok {
			f.probe.points = append(f.probe.points, [2]float64{float64(a.End), v})
		}
	}
	if len(a.Layers) > 0 {
		f.scores.last = s.run.Scores(f.scores.last[:0])
		f.scores.add(a.End)
	}
}

// take gives the pump what the run did since the last time, or nil for nothing,
// and has the next frame filled in place of it.
func (s *Sink) take(empty *frame) *frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.frame == nil || !s.frame.begun {
		return nil
	}
	full := s.frame
	if empty == nil {
		empty = newFrame(s.run.Input())
	}
	if empty.surface != nil {
		empty.surface.unit = full.surface.unit
	}
	s.frame = empty
	return full
}

// Write implements [pipeline.Sink]: what is detected is shown by Look.
func (s *Sink) Write(context.Context, []pipeline.Detection) error { return nil }

// Close leaves the page, which keeps what it has shown while the server runs.
func (s *Sink) Close(ctx context.Context) error {
	if s.server == nil {
		return nil
	}
	server := s.server
	s.server = nil
	s.stream.end(s)
	return server.Release(ctx)
}

var (
	_ pipeline.Sink  = (*Sink)(nil)
	_ runner.Watcher = (*Sink)(nil)
)
