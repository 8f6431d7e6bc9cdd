package nirnet

import (
	"context"
	"fmt"

	"ganglion/network"
	"ganglion/pipeline"
)

// Runner runs recordings through one network, each from rest.
type Runner struct {
	lowered *Lowered
	engine  *network.Engine
	layers  []pipeline.Layer
	rest    []byte // the engine's state before the first recording
	used    bool
	act     pipeline.Activity
}

// NewRunner compiles a network for some shards; 0 measures how many.
func NewRunner(l *Lowered, shards int) (*Runner, error) {
	var e *network.Engine
	var err error
	if shards > 0 {
		e, err = network.New(l.Spec, shards)
	} else {
		e, err = network.NewAuto(l.Spec, 0)
	}
	if err != nil {
		return nil, err
	}
	r := &Runner{lowered: l, engine: e, layers: e.Layers()}
	r.act.Layers = make([]pipeline.LayerActivity, len(r.layers))
	r.rest, err = e.AppendState(nil)
	return r, err
}

// Close ends the engine.
func (r *Runner) Close() error { return r.engine.Close() }

// Layers describes the layers whose activity Run returns.
func (r *Runner) Layers() []pipeline.Layer { return r.layers }

// Run takes a recording through the network: whole steps from time start, µs,
// on, steps of them. The spikes must not lie before start. The activity is
// valid until the next call.
func (r *Runner) Run(ctx context.Context, in *pipeline.Spikes, start int64, steps int) (*Result, *pipeline.Activity, error) {
	if err := r.begin(start, steps); err != nil {
		return nil, nil, err
	}
	if err := r.engine.Step(ctx, r.act.Window, in, &r.act); err != nil {
		return nil, nil, err
	}
	return r.result(in, steps), &r.act, nil
}

// RunTraced is Run that goes step by step and gives the membranes of one layer
// after each of them, [steps][neurons], nil where it keeps none. Its spikes are
// those of Run.
func (r *Runner) RunTraced(ctx context.Context, in *pipeline.Spikes, start int64, steps, layer int) (*Result, *pipeline.Activity,
	[][]float32, error) {
	if err := r.begin(start, steps); err != nil {
		return nil, nil, nil, err
	}
	var traces [][]float32
	step, run := r.lowered.Step.Microseconds(), 0
	for k := range int64(steps) {
		w := pipeline.Window{Start: start + k*step, End: start + (k+1)*step}
		last := run
		for last < len(in.T) && in.T[last] < w.End {
			last++
		}
		part := pipeline.Spikes{T: in.T[run:last], IDs: in.IDs, Values: in.Values}
		if last > run {
			part.Offsets = in.Offsets[run : last+1]
		}
		if err := r.engine.Step(ctx, w, &part, &r.act); err != nil {
			return nil, nil, nil, err
		}
		if v := r.engine.Membranes(layer, nil); len(v) > 0 {
			traces = append(traces, v)
		}
		run = last
	}
	return r.result(in, steps), &r.act, traces, nil
}

// begin brings the network to rest.
func (r *Runner) begin(start int64, steps int) error {
	if steps < 1 {
		return fmt.Errorf("the recording is shorter than one step of %v", r.lowered.Step)
	}
	if r.used {
		if err := r.engine.RestoreState(r.rest); err != nil {
			return err
		}
	}
	r.used = true
	r.act.Window = pipeline.Window{Start: start, End: start + int64(steps)*r.lowered.Step.Microseconds()}
	for i := range r.act.Layers {
		a := &r.act.Layers[i]
		a.Spikes.Reset()
		a.SynOps, a.Updates = 0, 0
	}
	return nil
}

// result sums up what the network did.
func (r *Runner) result(in *pipeline.Spikes, steps int) *Result {
	out := &Result{Steps: steps, InputSpikes: in.Len()}
	var weights, zero, slots, active float64
	for i, layer := range r.layers {
		a := &r.act.Layers[i]
		out.SynOps += a.SynOps
		out.DenseSynOps += layer.Synapses * uint64(steps)
		weights, zero = weights+float64(layer.Weights), zero+float64(layer.ZeroWeights)
		if layer.Name == r.lowered.Output {
			out.Output = total(&a.Spikes, layer.Shape.Size())
		}
	}
	for _, name := range r.lowered.Spiking {
		for i, layer := range r.layers {
			if layer.Name != name {
				continue
			}
			n := float64(layer.Shape.Size() * steps)
			cells := float64(cells(&r.act.Layers[i].Spikes))
			slots, active = slots+n, active+cells
			out.Layers = append(out.Layers, LayerResult{
				Name: name, Spikes: r.act.Layers[i].Spikes.Len(), Neurons: layer.Shape.Size(), Sparsity: 1 - cells/n, SynOps: r.act.Layers[i].SynOps,
			})
		}
	}
	out.Class = winner(out.Output)
	if labels := r.lowered.Labels(); out.Class != nil && *out.Class < len(labels) {
		out.Label = labels[*out.Class]
	}
	if slots > 0 {
		out.ActivationSparsity = 1 - active/slots
	}
	if weights > 0 {
		out.ConnectionSparsity = zero / weights
	}
	out.EnergyJ = float64(out.SynOps) * pipeline.AddPicojoules * 1e-12
	out.DenseEnergyJ = float64(out.DenseSynOps) * pipeline.MACPicojoules * 1e-12
	return out
}

// cells counts neurons and times with a spike at least: several spikes of a
// neuron in a step count once.
func cells(s *pipeline.Spikes) int {
	n := 0
	for run := range s.T {
		before := int64(-1)
		for _, id := range s.Run(run) {
			if int64(id) != before {
				n++
			}
			before = int64(id)
		}
	}
	return n
}
