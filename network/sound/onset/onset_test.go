package onset

import (
	"math/rand/v2"
	"slices"
	"testing"

	"ganglion/encoders/silicon"
	"ganglion/internal/shareddata"
	"ganglion/network/sound/segment"
	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

var shape = pipeline.Shape{2, 2, 64}

// bursts is background at 4 spikes/s a band and ear, and bands 16 to 47 of both
// ears at 400 from 300 to 700 ms.
func bursts() *pipeline.Spikes {
	r := rand.New(rand.NewPCG(1, 2))
	var s pipeline.Spikes
	for t := int64(0); t < 1_000_000; t += 100 {
		for id := range uint32(shape.Size()) {
			band, rate := id%64, 2.
			if t >= 300_000 && t < 700_000 && band >= 16 && band < 48 {
				rate = 200
			}
			if r.Float64() < rate*1e-4 {
				s.Append(t, id)
			}
		}
	}
	return &s
}

func run(t *testing.T, in *pipeline.Spikes, w pipeline.Window, shape pipeline.Shape) (pipeline.Activity, []pipeline.Layer) {
	t.Helper()
	n, err := newNetwork(newDefaultConfig(), shape)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	a := pipeline.Activity{Window: w, Input: in, Layers: make([]pipeline.LayerActivity, 2)}
	if err := n.Step(t.Context(), w, in, &a); err != nil {
		t.Fatal(err)
	}
	return a, n.Layers()
}

func TestOnsetCellsFireWhenASoundBeginsAndChannelCellsWhileItLasts(t *testing.T) {
	t.Parallel()
	a, layers := run(t, bursts(), pipeline.Window{End: 1_000_000}, shape)
	if !slices.Equal(layers[0].Shape, pipeline.Shape{128}) || !slices.Equal(layers[1].Shape, pipeline.Shape{8}) {
		t.Errorf("layers %v", layers)
	}
	within := func(s *pipeline.Spikes, from, to int64) (n int) {
		for i, at := range s.T {
			if at >= from && at < to {
				n += len(s.Run(i))
			}
		}
		return n
	}
	channel, begin := &a.Layers[0].Spikes, &a.Layers[1].Spikes
	if quiet, loud := within(channel, 0, 300_000), within(channel, 300_000, 600_000); loud < 10*max(quiet, 1) {
		t.Errorf("channel cells: %d spikes in 300 ms of background, %d in sound", quiet, loud)
	}
	first, later, quiet := within(begin, 300_000, 340_000), within(begin, 400_000, 700_000), within(begin, 0, 300_000)
	if first < 5 || quiet > 1 || float64(later)/300 > float64(first)/40/2 {
		t.Errorf("onset cells: %d spikes before, %d in the first 40 ms, %d in 300 ms later", quiet, first, later)
	}
}

func TestTheNetworkKeepsItsContract(t *testing.T) {
	t.Parallel()
	if err := Component().Check(); err != nil {
		t.Error(err)
	}
	pipelinetest.Network(t, pipelinetest.NetworkCase{
		New:    func() (pipeline.Network, error) { return newNetwork(newDefaultConfig(), shape) },
		Window: pipeline.Window{End: 1_000_000}, Spikes: bursts(),
	})
	if _, err := newNetwork(newDefaultConfig(), pipeline.Shape{3}); err == nil {
		t.Error("a flat layer is accepted")
	}
	if e, err := newNetwork(newDefaultConfig(), pipeline.Shape{3, 20}); err != nil {
		t.Error("one ear:", err)
	} else {
		e.Close()
	}
}

// TestTheVowelsOfASiliconCochleaAreFound: the recording holds four times five
// vowels and the beginning of another, which a listener counts in the rate of
// its events.
func TestTheVowelsOfASiliconCochleaAreFound(t *testing.T) {
	t.Parallel()
	r, err := recording.Open(shareddata.Path(t, "events", "aedat2", "cochlea-vowels.aedat"), recording.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	enc, err := silicon.New(silicon.Config{}, pipeline.StreamInfo{Modality: pipeline.EventStream, Width: r.Info.Width, Height: r.Info.Height})
	if err != nil {
		t.Fatal(err)
	}
	var b pipeline.Batch
	for block := format.NewBlock(1 << 14); r.Read(block) == nil; {
		b.Events = append(b.Events, block.Events...)
	}
	b.Start, b.End = b.Events[0].T, b.Events[len(b.Events)-1].T+1
	var s pipeline.Spikes
	if _, err := enc.Encode(&b, &s); err != nil {
		t.Fatal(err)
	}
	a, layers := run(t, &s, b.Window, enc.Shape())
	c := segment.NewDefaultConfig()
	c.Layer, c.Tau, c.On, c.Off, c.Hangover, c.Shortest = layerChannel, 10e6, 450, 250, 30e6, 80e6
	readout, err := segment.New(c, layers)
	if err != nil {
		t.Fatal(err)
	}
	found := readout.Flush(readout.Read(&a, nil))
	if len(found) != 21 {
		t.Errorf("%d segments, want 21", len(found))
	}
	for i, d := range found {
		if n := float64(d.TEnd-d.TStart) / 1e6; n < .25 && i < 20 || n > .9 {
			t.Errorf("segment %d lasts %.2f s", i, n)
		}
	}
}
