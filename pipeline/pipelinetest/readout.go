package pipelinetest

import (
	"errors"
	"fmt"
	"testing"

	"ganglion/pipeline"
)

// ReadoutCase is a readout under test and the activity it reads.
type ReadoutCase struct {
	New      func() (pipeline.Readout, error)
	Activity pipeline.Activity // of the whole stream in one window
}

// Readout holds a readout to its contract.
func Readout(t *testing.T, c ReadoutCase) {
	t.Helper()
	run(t, c, []check[ReadoutCase]{
		{"detections do not depend on how the stream is cut", readoutCuts},
		{"a restored snapshot continues as if it had never stopped", readoutResumes},
	})
}

// read appends what the readout finds in the windows, as JSON.
func (c ReadoutCase) read(r pipeline.Readout, ws []pipeline.Window, out []string) []string {
	for _, w := range ws {
		in := new(pipeline.Spikes)
		part(in, c.Activity.Input, w)
		a := pipeline.Activity{Window: w, Input: in, Layers: make([]pipeline.LayerActivity, len(c.Activity.Layers))}
		for i := range a.Layers {
			part(&a.Layers[i].Spikes, &c.Activity.Layers[i].Spikes, w)
		}
		out = asJSON(out, r.Read(&a, nil))
	}
	return out
}

func asJSON(out []string, ds []pipeline.Detection) []string {
	for i := range ds {
		out = append(out, string(ds[i].AppendJSON(nil)))
	}
	return out
}

func readoutCuts(c ReadoutCase) error {
	var want []string
	for i, ws := range cuttings(c.Activity.Window) {
		r, err := c.New()
		if err != nil {
			return err
		}
		got := asJSON(c.read(r, ws, nil), r.Flush(nil))
		if i == 0 {
			want = got
		}
		if err := same(fmt.Sprintf("cut into %d windows", len(ws)), want, got); err != nil {
			return err
		}
	}
	if len(want) == 0 {
		return errors.New("nothing was detected, so nothing was tested")
	}
	return nil
}

func readoutResumes(c ReadoutCase) error {
	ws := cuttings(c.Activity.Window)[1]
	whole, err := c.New()
	if err != nil {
		return err
	}
	want := asJSON(c.read(whole, ws, nil), whole.Flush(nil))
	for _, at := range []int{0, len(ws) / 3, len(ws) / 2, len(ws)} {
		first, err := c.New()
		if err != nil {
			return err
		}
		got := c.read(first, ws[:at], nil)
		b, err := restored(first, func() (any, error) { return c.New() })
		if err != nil {
			return err
		}
		second := b.(pipeline.Readout)
		got = asJSON(c.read(second, ws[at:], got), second.Flush(nil))
		if err := same(fmt.Sprintf("resumed after %d of %d windows", at, len(ws)), want, got); err != nil {
			return err
		}
	}
	return nil
}
