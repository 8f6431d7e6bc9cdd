package pipelinetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"ganglion/pipeline"
)

// NetworkCase is a network under test and its input.
type NetworkCase struct {
	New    func() (pipeline.Network, error)
	Window pipeline.Window
	Spikes *pipeline.Spikes // inside Window
}

// Network holds a network to its contract.
func Network(t *testing.T, c NetworkCase) {
	t.Helper()
	run(t, c, []check[NetworkCase]{
		{"it closes twice, and without a step", networkCloses},
		{"activity does not depend on how the stream is cut", networkCuts},
		{"a restored snapshot continues as if it had never stopped", networkResumes},
	})
}

func networkCloses(c NetworkCase) error {
	n, err := c.New()
	if err != nil {
		return err
	}
	return errors.Join(n.Close(), n.Close())
}

// layerOutput is what one layer did in a stream. The number of membrane
// updates is not compared: a lazy leak may be split over windows.
type layerOutput struct {
	Spikes []spike
	SynOps uint64
}

func (c NetworkCase) step(n pipeline.Network, ws []pipeline.Window, out []layerOutput) error {
	var in pipeline.Spikes
	layers := n.Layers()
	a := pipeline.Activity{Input: &in, Layers: make([]pipeline.LayerActivity, len(layers))}
	for _, w := range ws {
		in.Reset()
		part(&in, c.Spikes, w)
		a.Window = w
		for i := range a.Layers {
			a.Layers[i].Spikes.Reset()
			a.Layers[i].SynOps, a.Layers[i].Updates = 0, 0
		}
		if err := n.Step(context.Background(), w, &in, &a); err != nil {
			return fmt.Errorf("window %v: %w", w, err)
		}
		for i := range a.Layers {
			if err := a.Layers[i].Spikes.Check(layers[i].Shape.Size()); err != nil {
				return fmt.Errorf("window %v: layer %s: %w", w, layers[i].Name, err)
			}
			out[i].Spikes = flatten(out[i].Spikes, &a.Layers[i].Spikes)
			out[i].SynOps += a.Layers[i].SynOps
		}
	}
	return nil
}

// stepAll runs a fresh network through the windows.
func (c NetworkCase) stepAll(ws []pipeline.Window) (out []layerOutput, err error) {
	n, err := c.New()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	out = make([]layerOutput, len(n.Layers()))
	return out, c.step(n, ws, out)
}

func networkCuts(c NetworkCase) error {
	var want []layerOutput
	for i, ws := range cuttings(c.Window) {
		got, err := c.stepAll(ws)
		if err != nil {
			return err
		}
		if i == 0 {
			want = got
		}
		if err := same(fmt.Sprintf("cut into %d windows", len(ws)), want, got); err != nil {
			return err
		}
	}
	for _, l := range want {
		if len(l.Spikes) > 0 {
			return nil
		}
	}
	return errors.New("no layer spikes, so nothing was tested")
}

func networkResumes(c NetworkCase) error {
	ws := cuttings(c.Window)[1]
	want, err := c.stepAll(ws)
	if err != nil {
		return err
	}
	for _, at := range []int{0, len(ws) / 3, len(ws) / 2, len(ws)} {
		got, err := c.stepResumed(ws, at)
		if err != nil {
			return err
		}
		if err := same(fmt.Sprintf("resumed after %d of %d windows", at, len(ws)), want, got); err != nil {
			return err
		}
	}
	return nil
}

// stepResumed carries the state over to another network after at windows.
func (c NetworkCase) stepResumed(ws []pipeline.Window, at int) (out []layerOutput, err error) {
	first, err := c.New()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, first.Close()) }()
	out = make([]layerOutput, len(first.Layers()))
	if err := c.step(first, ws[:at], out); err != nil {
		return nil, err
	}
	b, err := restored(first, func() (any, error) { return c.New() })
	if err != nil {
		return nil, err
	}
	second := b.(pipeline.Network)
	defer func() { err = errors.Join(err, second.Close()) }()
	return out, c.step(second, ws[at:], out)
}
