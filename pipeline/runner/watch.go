package runner

import (
	"context"

	"ganglion/pipeline"
)

// Watcher is implemented by sinks that look at a run while it computes: at its
// spikes as well as its detections.
type Watcher interface {
	// Watch is called once, when the run is open and before its first batch.
	Watch(r *Runner)

	// Look is called from the readout's goroutine after each batch, once its
	// detections are numbered and queued, and once more with what the end of the
	// stream settles. What it is given is read only and reused. The run waits for
	// it, so it copies what it needs and returns, unless it means to hold the run
	// back. It returns soon after the context ends.
	Look(ctx context.Context, a *pipeline.Activity, ds []pipeline.Detection)
}

// watch tells the sinks that look at the run that it begins.
func (r *Runner) watch() {
	for _, o := range r.outlets {
		if w, ok := o.Sink.Sink.(Watcher); ok {
			r.watchers = append(r.watchers, w)
			w.Watch(r)
		}
	}
}

func (r *Runner) show(ctx context.Context, a *pipeline.Activity, ds []pipeline.Detection) {
	for _, w := range r.watchers {
		w.Look(ctx, a, ds)
	}
}

// Info is what the source said of its stream. Like Input and Layers it is known
// from the first call of [Watcher.Watch] on, and does not change.
func (r *Runner) Info() pipeline.StreamInfo { return r.info }

// Input is the shape of the encoder's layer.
func (r *Runner) Input() pipeline.Shape { return r.enc.Shape() }

// Layers are the reported layers of the network.
func (r *Runner) Layers() []pipeline.Layer { return r.layers }

// Membrane is the potential of a neuron of a reported layer at the end of the
// last window; ok is false where the network does not tell. It is called within
// [Watcher.Look] alone.
func (r *Runner) Membrane(layer, neuron int) (v float64, ok bool) {
	if p, is := r.net.(pipeline.Probed); is {
		return p.Membrane(layer, neuron)
	}
	return 0, false
}

// Scores appends what the readout holds against its thresholds, see
// [pipeline.Scored]. It is called within [Watcher.Look] alone.
func (r *Runner) Scores(dst []pipeline.Score) []pipeline.Score {
	if s, is := r.readout.(pipeline.Scored); is {
		return s.Scores(dst)
	}
	return dst
}
