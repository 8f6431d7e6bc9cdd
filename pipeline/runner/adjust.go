package runner

import (
	"errors"
	"fmt"

	"ganglion/pipeline"
)

// Adjustment is a configuration of the readout that replaces the one a run has.
type Adjustment struct {
	Readout    any    // pointer to the component's configuration, checked
	ConfigHash string // of the pipeline with it, 16 hexadecimal digits

	// Done is called with what came of it, from the readout's goroutine, unless the
	// run ends first. Nil is allowed.
	Done func(error)
}

// Adjust replaces the readout's configuration before the next batch, while the
// run continues; of several that come between two batches the last one counts.
// Detections bear the new hash from there on, and a run of their own, because the
// run that is repeated from its configuration will not find them. Any goroutine
// may call it. The readout must be [pipeline.Adjustable], and a run with
// checkpoints refuses: what it resumed from would not know.
func (r *Runner) Adjust(a Adjustment) error {
	if r.o.Checkpoint != nil {
		return errors.New("a run with checkpoints keeps its configuration")
	}
	r.mu.Lock()
	opened, over := r.opened, r.over
	r.mu.Unlock()
	if !opened || over {
		return errors.New("the run is not under way")
	}
	if _, ok := r.readout.(pipeline.Adjustable); !ok {
		return errors.New("the readout keeps its configuration while it runs")
	}
	r.adjustment.Store(&a)
	return nil
}

// adjust does what was asked for since the last batch, before one that begins at
// sensor time t, µs.
func (r *Runner) adjust(t int64) {
	a := r.adjustment.Swap(nil)
	if a == nil {
		return
	}
	err := r.readout.(pipeline.Adjustable).Adjust(a.Readout)
	if err == nil {
		r.mu.Lock()
		r.p.ConfigHash = a.ConfigHash
		r.runID = fmt.Sprintf("%s.%s", pipeline.StoppedRun(r.began, t), a.ConfigHash)
		r.mu.Unlock()
		r.o.Log.Info("the readout has another configuration", "stream", r.p.Name, "t_us", t, "config_hash", a.ConfigHash)
	}
	if a.Done != nil {
		a.Done(err)
	}
}
