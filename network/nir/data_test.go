package nir

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ganglion/pipeline"
)

var inf = math.Inf(1)

// recording has every kind of series, one of them of a node in a nested graph.
func recording() *Data {
	return &Data{[]DataNode{
		{Name: "lif", Observables: []Observable{
			{"graded", &Events{Samples: 1, Slots: 2, Index: []int64{3, 0}, Time: []float64{0.5, 0.25}, Value: []float64{-2, 3}, Neurons: 4,
				TMax: 1}},
			{"spikes", &Events{Samples: 2, Slots: 3, Index: []int64{0, 1, -1, 2, -1, -1}, Time: []float64{0.001, 0.001, inf, 0, inf, inf},
				Neurons: 4, TMax: 0.01}},
			{"v", &TimeGrid{0.001, Float64([]int{1, 2, 2}, []float64{0, 0.5, -1, 2})}},
		}},
		{Name: "sub", Graph: &Data{[]DataNode{
			{Name: "lif", Observables: []Observable{{"spikes", &TimeGrid{1e-4,
				Tensor{Shape: []int{1, 3, 2}, Bool: []bool{false, true, false, false, true, true}}}}}},
		}}},
	}}
}

func encodeData(t testing.TB, d *Data) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteData(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestARecordingThatWasWrittenIsReadBackEqual(t *testing.T) {
	t.Parallel()
	b := encodeData(t, recording())
	got, err := ReadData(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(recording(), got); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
}

func TestASeriesIsFoundByItsNames(t *testing.T) {
	t.Parallel()
	d := recording()
	if s, ok := d.Find("sub.lif", "spikes").(*TimeGrid); !ok || s.DT != 1e-4 {
		t.Errorf("sub.lif: %v", s)
	}
	if s, ok := d.Find("lif", "v").(*TimeGrid); !ok || s.DT != 1e-3 {
		t.Errorf("lif: %v", s)
	}
	if d.Find("lif", "u") != nil || d.Find("su", "spikes") != nil || d.Find("sub", "spikes") != nil {
		t.Error("found what is not there")
	}
}

func TestSeriesBecomeSpikeTrains(t *testing.T) {
	t.Parallel()
	d := recording()
	events := func(sample int) (*pipeline.Spikes, error) { return d.Find("lif", "spikes").(*Events).Spikes(sample) }
	for name, c := range map[string]struct {
		got  func() (*pipeline.Spikes, error)
		want pipeline.Spikes
	}{
		"events": {func() (*pipeline.Spikes, error) { return events(0) },
			pipeline.Spikes{T: []int64{1000}, Offsets: []uint32{0, 2}, IDs: []uint32{0, 1}}},
		"events of a second sample": {func() (*pipeline.Spikes, error) { return events(1) },
			pipeline.Spikes{T: []int64{0}, Offsets: []uint32{0, 1}, IDs: []uint32{2}}},
		"events with values, out of order": {func() (*pipeline.Spikes, error) { return d.Find("lif", "graded").(*Events).Spikes(0) },
			pipeline.Spikes{T: []int64{250000, 500000}, Offsets: []uint32{0, 1, 2}, IDs: []uint32{0, 3}, Values: []float32{3, -2}}},
		"a grid of bools": {func() (*pipeline.Spikes, error) { return d.Find("sub.lif", "spikes").(*TimeGrid).Spikes(0) },
			pipeline.Spikes{T: []int64{0, 200}, Offsets: []uint32{0, 1, 3}, IDs: []uint32{1, 0, 1}}},
		"a grid of values": {func() (*pipeline.Spikes, error) { return d.Find("lif", "v").(*TimeGrid).Spikes(0) },
			pipeline.Spikes{T: []int64{0, 1000}, Offsets: []uint32{0, 1, 3}, IDs: []uint32{1, 0, 1}, Values: []float32{0.5, -1, 2}}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := c.got()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&c.want, s); diff != "" {
				t.Errorf("spikes (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := events(2); err == nil {
		t.Error("a third of two samples")
	}
}

// spikes draws a train of 4 neurons within 10 ms.
func spikes(t *rapid.T, graded bool) *pipeline.Spikes {
	var list []spike
	for range rapid.IntRange(0, 20).Draw(t, "spikes") {
		list = append(list, spike{rapid.Int64Range(0, 9999).Draw(t, "t"), rapid.Uint32Range(0, 3).Draw(t, "id"),
			rapid.Float32Range(-4, 4).Draw(t, "value")})
	}
	return train(list, graded && len(list) > 0)
}

func TestTrainsSurviveBeingEvents(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		graded := rapid.Bool().Draw(t, "graded")
		trains := []*pipeline.Spikes{spikes(t, graded), spikes(t, graded)}
		e, err := EventsOf(trains, 4, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range trains {
			got, err := e.Spikes(i)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("sample %d (-want +got):\n%s", i, diff)
			}
		}
	})
}

func TestASpikeFallsIntoTheStepThatHoldsIt(t *testing.T) {
	t.Parallel()
	s := &pipeline.Spikes{}
	for _, at := range []int64{0, 99, 100, 2100, 2999} {
		s.Append(at, 0)
	}
	g, err := gridOf([]*pipeline.Spikes{s}, 1, 30, 1e-4)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float32, 30)
	want[0], want[1], want[21], want[29] = 2, 1, 1, 1
	if diff := cmp.Diff(&TimeGrid{1e-4, Float32([]int{1, 30, 1}, want)}, g); diff != "" {
		t.Error(diff)
	}
	if _, err := gridOf([]*pipeline.Spikes{s}, 1, 29, 1e-4); err == nil {
		t.Error("a spike behind the last step is dropped")
	}
	if _, err := gridOf([]*pipeline.Spikes{s}, 1<<20, 1<<20, 1e-4); err == nil {
		t.Error("a grid of 2 to the 40 cells")
	}
}

func TestSeriesThatAreNotWholeAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		series Series
		want   string
	}{
		"a neuron beyond the layer": {&Events{Samples: 1, Slots: 1, Index: []int64{4}, Time: []float64{0}, Neurons: 4},
			"idx 4 at sample 0, event 0, of 4 neurons"},
		"a time that is none": {&Events{Samples: 1, Slots: 1, Index: []int64{0}, Time: []float64{math.NaN()}, Neurons: 4},
			"time NaN at sample 0"},
		"an event that never comes": {&Events{Samples: 1, Slots: 1, Index: []int64{0}, Time: []float64{inf}, Neurons: 4},
			"time +Inf at sample 0"},
		"too few times":          {&Events{Samples: 1, Slots: 2, Index: []int64{0, 1}, Time: []float64{0}, Neurons: 4}, "1 times"},
		"a grid without samples": {&TimeGrid{1, ones(2, 2)}, "shape [2 2]"},
		"a step of no length":    {&TimeGrid{0, ones(1, 2, 2)}, "dt 0"},
	} {
		t.Run(name, func(t *testing.T) {
			d := &Data{[]DataNode{{Name: "n", Observables: []Observable{{"o", c.series}}}}}
			err := WriteData(&bytes.Buffer{}, d)
			if err == nil || !strings.HasPrefix(err.Error(), `nir: node "n": o: `) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
