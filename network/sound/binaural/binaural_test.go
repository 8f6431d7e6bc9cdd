package binaural

import (
	"math"
	"slices"
	"testing"

	"ganglion/encoders/cochlea"
	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/sources/soundscape"
)

// ears hears a sound with both ears, as configs/direction.yaml does.
func ears(t testing.TB) *cochlea.Encoder {
	t.Helper()
	c := cochlea.NewDefaultConfig()
	c.Front, c.Gammatone.Bands, c.Gammatone.High = "gammatone", 24, 1500
	e, err := cochlea.New(c, pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: 48000, Channels: 2})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// hear is the spikes of a recording, in one window.
func hear(t testing.TB, r *soundscape.Recording) (*pipeline.Spikes, pipeline.Window, pipeline.Shape) {
	t.Helper()
	e := ears(t)
	w := pipeline.Window{End: int64(len(r.PCM)/2) * 1_000_000 / int64(r.Rate)}
	var s pipeline.Spikes
	if _, err := e.Encode(&pipeline.Batch{Window: w, PCM: r.PCM}, &s); err != nil {
		t.Fatal(err)
	}
	return &s, w, e.Shape()
}

// locate runs network and readout over the spikes of a recording.
func locate(t testing.TB, rec *soundscape.Recording) []pipeline.Detection {
	t.Helper()
	in, w, shape := hear(t, rec)
	n, err := newNetwork(newDefaultConfig(), shape)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	r, err := newReadout(newDefaultReadoutConfig(), n.Layers())
	if err != nil {
		t.Fatal(err)
	}
	a := pipeline.Activity{Window: w, Input: in, Layers: make([]pipeline.LayerActivity, 1)}
	if err := n.Step(t.Context(), w, in, &a); err != nil {
		t.Fatal(err)
	}
	return r.Flush(r.Read(&a, nil))
}

// TestDirectionsAreHeardToFiveDegrees: every estimate of every direction of
// simulated clicks and noise.
func TestDirectionsAreHeardToFiveDegrees(t *testing.T) {
	t.Parallel()
	for _, scene := range soundscape.Scenes() {
		rec, err := soundscape.Record(scene.Name, 1)
		if err != nil {
			t.Fatal(err)
		}
		found := locate(t, rec)
		var errs []float64
		for _, truth := range rec.Truth {
			var azimuths []float32
			for _, d := range found {
				if d.TStart >= truth.Start && d.TEnd <= truth.End {
					azimuths = append(azimuths, d.AzimuthDeg)
					errs = append(errs, math.Abs(float64(d.AzimuthDeg)-truth.Azimuth))
				}
			}
			t.Logf("%s from %g degrees: %.1f", scene.Name, truth.Azimuth, azimuths)
			if len(azimuths) == 0 {
				t.Errorf("%s from %g degrees: not heard", scene.Name, truth.Azimuth)
			}
		}
		slices.Sort(errs)
		if n := len(errs); n > 0 {
			t.Logf("%s: %d estimates, error median %.1f, worst %.1f degrees", scene.Name, n, errs[n/2], errs[n-1])
			if errs[n-1] > 5 {
				t.Errorf("%s: an estimate is %.1f degrees off", scene.Name, errs[n-1])
			}
		}
	}
}

// TestAShiftOfOneEarShiftsTheDirection is the negative control: spikes of one
// ear moved by half a millisecond give other directions.
func TestAShiftOfOneEarShiftsTheDirection(t *testing.T) {
	t.Parallel()
	rec, err := soundscape.Record("hiss", 1)
	if err != nil {
		t.Fatal(err)
	}
	const late = 12 // samples: 250 µs, about 27 degrees
	for n := len(rec.PCM)/2 - 1; n >= late; n-- {
		rec.PCM[2*n] = rec.PCM[2*(n-late)] // left
	}
	found := locate(t, rec)
	right := 0
	for _, truth := range rec.Truth {
		for _, d := range found {
			if truth.Azimuth == 0 && d.TStart >= truth.Start+1000 && d.TEnd <= truth.End {
				right++
				if d.AzimuthDeg < 20 || d.AzimuthDeg > 40 {
					t.Errorf("%.1f degrees with a left ear that is 250 µs late", d.AzimuthDeg)
				}
			}
		}
	}
	if right == 0 {
		t.Error("nothing was heard")
	}
}

func TestTheNetworkAndItsReadoutKeepTheirContracts(t *testing.T) {
	t.Parallel()
	rec, err := soundscape.Record("clicks", 2)
	if err != nil {
		t.Fatal(err)
	}
	rec.PCM = rec.PCM[:2*48000*7/10]
	in, w, shape := hear(t, rec)
	pipelinetest.Network(t, pipelinetest.NetworkCase{
		New:    func() (pipeline.Network, error) { return newNetwork(newDefaultConfig(), shape) },
		Window: w, Spikes: in,
	})
	n, err := newNetwork(newDefaultConfig(), shape)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	a := pipeline.Activity{Window: w, Input: in, Layers: make([]pipeline.LayerActivity, 1)}
	if err := n.Step(t.Context(), w, in, &a); err != nil {
		t.Fatal(err)
	}
	pipelinetest.Readout(t, pipelinetest.ReadoutCase{
		New: func() (pipeline.Readout, error) {
			return newReadout(newDefaultReadoutConfig(), n.Layers())
		},
		Activity: a,
	})
}

func TestWrongUseIsNamed(t *testing.T) {
	t.Parallel()
	for _, s := range []interface{ Check() error }{Component(), ReadoutComponent()} {
		if err := s.Check(); err != nil {
			t.Error(err)
		}
	}
	for want, c := range map[string]config{
		"step: 51µs is not an even number of microseconds": {Step: 51_000, Reach: 510_000},
		"reach: 810µs is not a multiple of step, 100µs":    {Step: 100_000, Reach: 810_000},
		"reach: 2001 taps, 513 at most":                    {Step: 2_000, Reach: 2_000_000},
	} {
		if err := c.Validate(); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if _, err := newNetwork(newDefaultConfig(), pipeline.Shape{3, 64}); err == nil {
		t.Error("one ear is accepted")
	}
	if _, err := newReadout(newDefaultReadoutConfig(), []pipeline.Layer{{Name: "x", Shape: pipeline.Shape{5}}}); err == nil {
		t.Error("a flat layer is accepted")
	}
}

func TestTheSteadyStateAllocatesNothing(t *testing.T) {
	rec, err := soundscape.Record("hiss", 1)
	if err != nil {
		t.Fatal(err)
	}
	rec.PCM = rec.PCM[2*48000*2/10 : 2*48000*5/10]
	in, w, shape := hear(t, rec)
	n, err := newNetwork(newDefaultConfig(), shape)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	r, err := newReadout(newDefaultReadoutConfig(), n.Layers())
	if err != nil {
		t.Fatal(err)
	}
	a := pipeline.Activity{Input: in, Layers: make([]pipeline.LayerActivity, 1)}
	var found []pipeline.Detection
	step := func() {
		a.Layers[0].Spikes.Reset()
		a.Window = w
		if err := n.Step(t.Context(), w, in, &a); err != nil {
			t.Fatal(err)
		}
		found = r.Read(&a, found[:0])
		for i := range in.T {
			in.T[i] += 300_000
		}
		w.Start, w.End = w.End, w.End+300_000
	}
	for range 4 {
		step()
	}
	if allocs := testing.AllocsPerRun(4, step); allocs != 0 || len(found) == 0 {
		t.Errorf("%v allocations in 300 ms, %d directions", allocs, len(found))
	}
}
