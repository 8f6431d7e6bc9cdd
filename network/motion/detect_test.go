package motion_test

import (
	"testing"
	"time"

	"ganglion/encoders/events"
	"ganglion/network/motion"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/simulator"
)

// scene simulates a short recording.
func scene(t testing.TB, name string, noise float64, length time.Duration) *simulator.Recording {
	t.Helper()
	r, err := simulator.Record(simulator.Config{Scene: name, Seed: 21, Noise: noise, Width: 128, Height: 128, Duration: length})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rig is the way from events to detections, without the runner.
type rig struct {
	encoder  *events.Encoder
	network  pipeline.Network
	readout  *motion.Readout
	batch    pipeline.Batch
	turns    []pipeline.AngularRate // of the gyroscope, not yet fed
	input    pipeline.Spikes
	activity pipeline.Activity
	found    []pipeline.Detection
}

func newRig(t testing.TB, width, height, shards int) *rig {
	t.Helper()
	model := motion.NewDefaultModelConfig()
	model.Shards = component.Count(shards)
	return newRigOf(t, width, height, model)
}

func newRigOf(t testing.TB, width, height int, model motion.ModelConfig) *rig {
	t.Helper()
	info := pipeline.StreamInfo{Modality: pipeline.EventStream, Width: width, Height: height}
	encoder, err := events.New(events.Config{Polarity: "split", Downsample: 1}, info)
	if err != nil {
		t.Fatal(err)
	}
	network, err := motion.New(model, encoder.Shape())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { network.Close() })
	readout, err := motion.NewReadout(motion.NewDefaultReadoutConfig(), network.Layers())
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{encoder: encoder, network: network, readout: readout}
	r.activity.Layers = make([]pipeline.LayerActivity, len(network.Layers()))
	return r
}

// feed takes one window in and returns what it detects, valid until the next.
func (r *rig) feed(t testing.TB, w pipeline.Window, ev []pipeline.Event) []pipeline.Detection {
	r.input.Reset()
	r.batch.Window, r.batch.Events = w, ev
	if _, err := r.encoder.Encode(&r.batch, &r.input); err != nil {
		t.Fatal(err)
	}
	n := 0
	for n < len(r.turns) && r.turns[n].At < w.End {
		n++
	}
	r.activity.Window, r.activity.Input, r.activity.Gyro = w, &r.input, r.turns[:n]
	r.turns = r.turns[n:]
	for i := range r.activity.Layers {
		r.activity.Layers[i].Spikes.Reset()
	}
	if err := r.network.Step(t.Context(), w, &r.input, &r.activity); err != nil {
		t.Fatal(err)
	}
	r.found = r.readout.Read(&r.activity, r.found[:0])
	return r.found
}

// windows calls do with the events of each window that has any, as a source
// cuts a stream.
func windows(ev []pipeline.Event, window time.Duration, do func(pipeline.Window, []pipeline.Event)) {
	length := window.Microseconds()
	for len(ev) > 0 {
		start := ev[0].T / length * length
		n := 0
		for n < len(ev) && ev[n].T < start+length {
			n++
		}
		do(pipeline.Window{Start: start, End: start + length}, ev[:n])
		ev = ev[n:]
	}
}

// detect runs a whole stream.
func (r *rig) detect(t testing.TB, ev []pipeline.Event, window time.Duration) []pipeline.Detection {
	var all []pipeline.Detection
	windows(ev, window, func(w pipeline.Window, part []pipeline.Event) { all = append(all, r.feed(t, w, part)...) })
	return r.readout.Flush(all)
}

// json is the detections as they leave the program.
func json(found []pipeline.Detection) string {
	var b []byte
	for i := range found {
		b = append(found[i].AppendJSON(b), '\n')
	}
	return string(b)
}
