package stdp

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"ganglion/network/nir"
	"ganglion/pipeline"
)

// scene is a recording of 120x90 px in which edges of two directions sweep over
// the sensor, each in a half of it.
func scene() (events []pipeline.Event) {
	r := rand.New(rand.NewPCG(2, 6))
	for t := int64(0); t < 400_000; t += 15 {
		at := float64(t%100_000) / 1700
		if r.IntN(2) == 0 {
			events = append(events, pipeline.Event{T: t, X: uint16(at), Y: uint16(r.IntN(90)), P: 1})
		} else {
			events = append(events, pipeline.Event{T: t, X: uint16(60 + r.IntN(60)), Y: uint16(at), P: 0})
		}
	}
	return events
}

func TestFeaturesAreLearnedFromPatchesOfARecording(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long, in one goroutine")
	}
	c := small()
	c.Learn = 30
	encode := func(c Config) ([]byte, *Features) {
		f, err := LearnPatches(t.Context(), c, scene(), 120, 90, nil)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := nir.Write(&b, &nir.Model{Graph: f.Graph}); err != nil {
			t.Fatal(err)
		}
		return b.Bytes(), f
	}
	one, f := encode(c)
	if f.Patches != 30 || !(f.Drift > .1) || f.Used < 2 {
		t.Errorf("%+v", f)
	}
	if again, _ := encode(c); !bytes.Equal(one, again) {
		t.Error("two trainings differ")
	}
	c.Seed++
	if other, _ := encode(c); bytes.Equal(one, other) {
		t.Error("two seeds give one network")
	}
	c.Seed--
	c.Rule.APlus, c.Rule.AMinus = 0, 0 // the weights as they began
	_, first := encode(c)
	before, after := weights(first.Graph), weights(f.Graph)
	area, apart := c.Kernel*c.Kernel, 0
	for ch := range c.Channels {
		var moved [2]float64
		for p := range 2 {
			for k := (ch*2 + p) * area; k < (ch*2+p+1)*area; k++ {
				moved[p] += math.Abs(float64(after[k] - before[k]))
			}
		}
		if moved[0] > 3*moved[1] || moved[1] > 3*moved[0] {
			apart++
		}
	}
	if apart < 2 {
		t.Errorf("%d features took to one of the polarities", apart)
	}
}

func weights(g *nir.Graph) []float32 {
	for _, n := range g.Nodes {
		if conv, ok := n.Op.(*nir.Conv); ok {
			return conv.Weight.Float32s()
		}
	}
	return nil
}

func TestRecordingsWithoutPatchesAreRefused(t *testing.T) {
	t.Parallel()
	c := small()
	for _, r := range []struct {
		events        []pipeline.Event
		width, height int
		want          string
	}{
		{nil, 120, 90, "stdp: no place of 34x34 px has"},
		{scene()[:20], 120, 90, "stdp: no place of 34x34 px has"},
		{scene(), 20, 90, "stdp: a sensor of 20x90 px is smaller than a patch"},
		{scene(), 4000, 4000, "neurons, more than"},
	} {
		if _, err := LearnPatches(t.Context(), c, r.events, r.width, r.height, nil); err == nil || !strings.Contains(err.Error(), r.want) {
			t.Errorf("%v, want %s", err, r.want)
		}
	}
}
