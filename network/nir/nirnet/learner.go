package nirnet

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// Learning describes what becomes of what a network learns while it runs.
type Learning struct {
	FreezeAfter time.Duration `key:"freeze_after" doc:"Sensor time from the first window on after which weights and thresholds stay; 0s never." min:"0s" max:"87600h"`
	KeepEvery   time.Duration `key:"keep_every" doc:"Sensor time between two kept versions of the weights; 0s keeps none." min:"0s" max:"87600h"`
	MaxDrift    float64       `key:"max_drift" doc:"When a version would be kept and some connection's weights have gone further than this from where they began, relative, they go back to the last version and stay; 0 for no limit." min:"0"`
	Export      string        `key:"export" file:"write" doc:"NIR file for the learned network, written at the end; kept versions go beside it, learned.nir and learned.v1.nir." example:"learned.nir"`
}

func (g Learning) validate(step time.Duration) error {
	switch {
	case g.FreezeAfter%step != 0 || g.KeepEvery%step != 0:
		return fmt.Errorf("learning: freeze_after and keep_every must be whole steps of %v", step)
	case g.MaxDrift > 0 && g.KeepEvery == 0:
		return errors.New("learning.max_drift: needs keep_every")
	case g.Export != "" && filepath.Ext(g.Export) != ".nir":
		return fmt.Errorf("learning.export: %q does not end in .nir", g.Export)
	}
	return nil
}

// learner is an engine that learns while a pipeline runs. It cuts windows
// where weights are kept or frozen, so that how a stream comes in windows
// changes nothing.
type learner struct {
	*network.Engine
	lowered *Lowered
	cfg     Learning
	began   bool
	begin   int64 // start of the first window, µs
	closed  bool
	end     int64           // of the last window, µs
	part    pipeline.Spikes // a window's part of the input train
	drifts  []float64
}

// Step implements [pipeline.Network].
func (n *learner) Step(ctx context.Context, w pipeline.Window, in *pipeline.Spikes, out *pipeline.Activity) error {
	if !n.began {
		n.began, n.begin, n.end = true, w.Start, w.Start
	}
	run := 0
	for start := min(n.end, w.Start); start < w.End; { // a gap is lived through
		end := min(w.End, n.next(start))
		if start < w.Start {
			end = min(end, w.Start, start+maxGap*n.lowered.Step.Microseconds())
		}
		last := run + sort.Search(len(in.T)-run, func(i int) bool { return in.T[run+i] >= end })
		n.part = pipeline.Spikes{T: in.T[run:last], IDs: in.IDs, Values: in.Values}
		if last > run {
			n.part.Offsets = in.Offsets[run : last+1]
		}
		if err := n.Engine.Step(ctx, pipeline.Window{Start: start, End: end}, &n.part, out); err != nil {
			return err
		}
		if err := n.settle(end); err != nil {
			return err
		}
		start, run, n.end = end, last, end
	}
	return nil
}

// maxGap is how many silent steps are run at once.
const maxGap = 10_000

// next is the first time after t at which something is kept or frozen.
func (n *learner) next(t int64) int64 {
	next := int64(1<<63 - 1)
	if f := n.cfg.FreezeAfter.Microseconds(); f > 0 && n.begin+f > t {
		next = n.begin + f
	}
	if k := n.cfg.KeepEvery.Microseconds(); k > 0 {
		next = min(next, n.begin+((t-n.begin)/k+1)*k)
	}
	return next
}

// settle freezes and keeps what is due at time t, the end of a window.
func (n *learner) settle(t int64) error {
	if f := n.cfg.FreezeAfter.Microseconds(); f > 0 && t == n.begin+f {
		n.Freeze()
	}
	k := n.cfg.KeepEvery.Microseconds()
	if k == 0 || (t-n.begin)%k != 0 || n.Frozen() {
		return nil
	}
	if n.cfg.MaxDrift > 0 {
		if n.drifts = n.Drifts(n.drifts[:0]); len(n.drifts) > 0 && slices.Max(n.drifts) > n.cfg.MaxDrift {
			n.Freeze()
			return n.RollBack(n.Version())
		}
	}
	version := n.Keep()
	if n.cfg.Export == "" {
		return nil
	}
	name := fmt.Sprintf("%s.v%d.nir", strings.TrimSuffix(n.cfg.Export, ".nir"), version)
	return n.write(name)
}

func (n *learner) write(path string) error {
	if err := nir.WriteFile(path, &nir.Model{Graph: n.lowered.export(n.Engine)}); err != nil {
		return fmt.Errorf("learned network: %w", err)
	}
	return nil
}

// Close implements [pipeline.Network]; it writes the learned network.
func (n *learner) Close() error {
	err := n.Engine.Close()
	if n.closed || !n.began || n.cfg.Export == "" {
		return err
	}
	n.closed = true
	return errors.Join(err, n.write(n.cfg.Export))
}

// AppendState implements [pipeline.Stateful].
func (n *learner) AppendState(b []byte) ([]byte, error) { return state.Append(b, n.fields) }

// RestoreState implements [pipeline.Stateful].
func (n *learner) RestoreState(b []byte) error { return state.Restore(b, n.fields) }

func (n *learner) fields(c *state.Codec) {
	c.Bool(&n.began)
	state.Integer(c, &n.begin)
	state.Integer(c, &n.end)
	c.Last("network", n.Engine)
}

var (
	_ pipeline.Network  = (*learner)(nil)
	_ pipeline.Stateful = (*learner)(nil)
	_ pipeline.Learner  = (*learner)(nil)
)
