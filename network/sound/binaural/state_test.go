package binaural

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// words are values as a snapshot has them.
func words(values ...uint64) (b []byte) {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}

// click is a spike in both ears of one cell of one band at time 0.
func click() (*pipeline.Spikes, pipeline.Shape) {
	var s pipeline.Spikes
	s.Append(0, 0)
	s.Append(0, 1)
	return &s, pipeline.Shape{1, 2, 1}
}

func detector(t *testing.T, edit func(c *config)) *detectors {
	t.Helper()
	c := newDefaultConfig()
	edit(&c)
	_, shape := click()
	n, err := newNetwork(c, shape)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// The lines of both ears are as long in the middle: there, 400 µs later, a click meets
// itself, be it between two windows.
func TestWhatFallsBetweenTwoWindowsIsHeardWithTheLater(t *testing.T) {
	t.Parallel()
	for _, shards := range []component.Count{1, 2, component.Auto} {
		n := detector(t, func(c *config) { c.Shards = shards })
		if n.WindowStep() != n.engine.WindowStep() {
			t.Errorf("a window's step is %d µs", n.WindowStep())
		}
		in, _ := click()
		a := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
		if err := n.Step(t.Context(), pipeline.Window{End: 100}, in, &a); err != nil {
			t.Fatal(err)
		}
		if s := &a.Layers[0].Spikes; s.Len() != 0 {
			t.Errorf("%d coincidences before there can be any", s.Len())
		}
		if err := n.Step(t.Context(), pipeline.Window{Start: 1000, End: 1100}, new(pipeline.Spikes), &a); err != nil {
			t.Fatal(err)
		}
		if s := &a.Layers[0].Spikes; s.Len() != 1 || s.T[0] != 400 || s.Run(0)[0] != 16 {
			t.Errorf("%d coincidences at %v", s.Len(), s.T)
		}
	}
}

func TestATooLargeNetworkIsRefused(t *testing.T) {
	t.Parallel()
	c := newDefaultConfig()
	if _, err := newNetwork(c, pipeline.Shape{1 << 10, 2, 1 << 9}); err == nil || !strings.Contains(err.Error(),
		"33 taps of 1048576 inputs are too many") {
		t.Errorf("error %v", err)
	}
	c.Step = 51 * time.Microsecond
	if _, err := newNetwork(c, pipeline.Shape{1, 2, 1}); err == nil || !strings.HasPrefix(err.Error(), "step: ") {
		t.Errorf("error %v", err)
	}
	if _, err := newNetwork(newDefaultConfig(), pipeline.Shape{1, 1, 4}); err == nil || !strings.Contains(err.Error(),
		"set channels of the source to all") {
		t.Errorf("error %v", err)
	}
	d := newDefaultConfig()
	n, err := Component().NewNetwork(&d, pipeline.Shape{1, 2, 1})
	if err != nil {
		t.Fatal(err)
	}
	n.Close()
}

func TestASnapshotOfTheLinesThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	n := detector(t, func(*config) {})
	engine, err := n.engine.AppendState(nil)
	if err != nil {
		t.Fatal(err)
	}
	snapshot := func(end, began, at, id uint64, engine []byte) []byte {
		return append(words(end, began, 1, at, id, uint64(len(engine))), engine...)
	}
	for want, b := range map[string][]byte{
		"":                                    snapshot(100, 1, 100, 65, engine),
		"66 where at most 65 can be":          snapshot(100, 1, 100, 66, engine),
		"a spike waits that should have left": snapshot(100, 1, 99, 0, engine),
		"state of the coincidence cells":      snapshot(100, 1, 100, 0, engine[:len(engine)-1]),
	} {
		err := n.RestoreState(b)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if err := n.RestoreState(snapshot(100, 0, 5, 0, engine)); err != nil {
		t.Errorf("before the first window nothing is late: %v", err)
	}
}

// taps are three coincidence cells in one layer, of a head between them.
func taps(t *testing.T, edit func(c *readoutConfig)) *readout {
	t.Helper()
	c := newDefaultReadoutConfig()
	c.Reach, c.MinSpikes = 100*time.Microsecond, 4
	edit(&c)
	r, err := newReadout(c, []pipeline.Layer{{Name: "first", Shape: pipeline.Shape{9}}, {Name: layerName, Shape: pipeline.Shape{3, 1,
		1}}, {Name: "last"}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// counted reads coincidences of the given tap at the given times.
func counted(r *readout, end int64, tap uint32, times ...int64) []pipeline.Detection {
	a := pipeline.Activity{Window: pipeline.Window{End: end}, Layers: make([]pipeline.LayerActivity, 3)}
	for _, at := range times {
		a.Layers[1].Spikes.Append(at, tap)
	}
	return r.Read(&a, nil)
}

func TestADirectionIsThatOfTheTapWithMost(t *testing.T) {
	t.Parallel()
	named := func(c *readoutConfig) { c.Layer = layerName }
	for tap, itd := range []float64{-100e-6, 0, 100e-6} {
		r := taps(t, named)
		got := r.Flush(counted(r, 50_000, uint32(tap), 1, 2, 3, 4))
		if len(got) != 1 {
			t.Fatalf("tap %d: %d directions", tap, len(got))
		}
		theta := float64(got[0].AzimuthDeg) * math.Pi / 180
		if d := 0.0875/343*(theta+math.Sin(theta)) - itd; math.Abs(d) > 1e-10 {
			t.Errorf("tap %d: %g degrees, %g s off", tap, got[0].AzimuthDeg, d)
		}
		if got[0].Score != 1 || got[0].TStart != 0 || got[0].TEnd != 100_000 || got[0].T != 100_000 {
			t.Errorf("tap %d: %+v", tap, got[0])
		}
	}
	// Between two taps it lies where they weigh.
	r := taps(t, named)
	counted(r, 50_000, 1, 1, 2, 3, 4, 5, 6)
	got := r.Flush(counted(r, 50_000, 2, 7, 8, 9, 10))
	if len(got) != 1 || got[0].AzimuthDeg <= 0 || got[0].AzimuthDeg > 10 {
		t.Errorf("%+v", got)
	}
}

func TestAPeriodEndsWithItsTimeAndWantsItsSpikes(t *testing.T) {
	t.Parallel()
	r := taps(t, func(c *readoutConfig) { c.Layer = layerName })
	var ends []int64
	for _, d := range slices.Concat(
		counted(r, 40_000, 1, 10_000, 20_000, 30_000),                                // too few so far
		counted(r, 100_000, 1, 99_999),                                               // four in [0, 100 ms), whose end has come
		counted(r, 260_000, 1, 100_000, 150_000, 160_000, 200_000, 200_001, 259_999), // three and three
		counted(r, 300_000, 1, 299_999),
		counted(r, 310_000, 1, 300_000, 300_001, 300_002, 300_003),
		r.Flush(nil), r.Flush(nil)) {
		ends = append(ends, d.TEnd)
	}
	if want := []int64{100_000, 300_000, 400_000}; !slices.Equal(ends, want) {
		t.Errorf("periods end at %v, want %v", ends, want)
	}
}

func TestTheReadoutNamesWhatItCannotUse(t *testing.T) {
	t.Parallel()
	c := newDefaultReadoutConfig()
	if _, err := newReadout(c, nil); err == nil || err.Error() != `layer: the network has no layer ""` {
		t.Errorf("error %v", err)
	}
	c.Layer = "absent"
	if _, err := newReadout(c, []pipeline.Layer{{Name: "x", Shape: pipeline.Shape{3, 1, 1}}}); err == nil || !strings.Contains(err.Error(), `no layer "absent"`) {
		t.Errorf("error %v", err)
	}
	c.Layer = ""
	if _, err := newReadout(c, []pipeline.Layer{{Shape: pipeline.Shape{2, 1, 1}}}); err == nil || !strings.Contains(err.Error(),
		"is not a layer of coincidence cells") {
		t.Errorf("error %v", err)
	}
	r, err := ReadoutComponent().NewReadout(&c, pipeline.StreamInfo{}, []pipeline.Layer{{Shape: pipeline.Shape{3, 1, 1}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.(*readout).RestoreState(words(0, 3, 1, 1<<40+1, 0)); err == nil ||
		!strings.Contains(err.Error(), "more coincidences than there can be") {
		t.Errorf("error %v", err)
	}
}

func TestOnlyTheFewestSpikesCanBeAdjusted(t *testing.T) {
	t.Parallel()
	r := taps(t, func(c *readoutConfig) { c.Layer = layerName })
	c := r.cfg
	c.MinSpikes = 3
	if err := r.Adjust(&c); err != nil {
		t.Fatal(err)
	}
	if got := r.Flush(counted(r, 50_000, 1, 1, 2, 3)); len(got) != 1 {
		t.Errorf("%d directions of three spikes", len(got))
	}
	c.MinSpikes, c.Head = 1, 0.2
	if err := r.Adjust(&c); err == nil || !strings.Contains(err.Error(), "all but min_spikes takes effect with a new run") {
		t.Errorf("error %v", err)
	}
	if err := r.Adjust(new(int)); err == nil || err.Error() != "the azimuth readout takes no *int" {
		t.Errorf("error %v", err)
	}
	if got := r.Flush(counted(r, 50_000, 1, 1, 2)); len(got) != 0 {
		t.Error("what was refused changed something")
	}
}
