package soundscape

import (
	"math"
	"slices"
	"testing"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/pipelinetest"
)

// lag is the shift of the right ear against the left at which they agree best
// between two times, in samples, refined by a parabola.
func lag(r *Recording, tr Truth) float64 {
	from, to := int(tr.Start*rate/1_000_000), int(tr.End*rate/1_000_000)
	corr := func(shift int) (sum float64) {
		for n := from; n < to; n++ {
			sum += float64(r.PCM[2*n]) * float64(r.PCM[2*(n-shift)+1])
		}
		return sum
	}
	best := 0
	for s := -40; s <= 40; s++ {
		if corr(s) > corr(best) {
			best = s
		}
	}
	a, b, c := corr(best-1), corr(best), corr(best+1)
	return float64(best) + (a-c)/(2*(a-2*b+c))
}

func TestTheEarsHearEachSoundApartByItsTimeDifference(t *testing.T) {
	t.Parallel()
	for _, scene := range Scenes() {
		r, err := Record(scene.Name, 3)
		if err != nil {
			t.Fatal(err)
		}
		if d := float64(len(r.PCM)/2) / rate; math.Abs(d-scene.Duration.Seconds()) > 1e-9 {
			t.Errorf("%s lasts %g s, not %v", scene.Name, d, scene.Duration)
		}
		for _, tr := range r.Truth {
			if got, want := lag(r, tr), itd(tr.Azimuth)*rate; math.Abs(got-want) > 0.3 {
				t.Errorf("%s from %g degrees: %.2f samples apart, want %.2f", scene.Name, tr.Azimuth, got, want)
			}
		}
	}
}

func TestTheModelOfTheHeadIsThatOfWoodworth(t *testing.T) {
	t.Parallel()
	if got, want := itd(90), 0.0875/343*(math.Pi/2+1); math.Abs(got-want) > 1e-12 || itd(-30) != -itd(30) || itd(0) != 0 {
		t.Errorf("%g s at 90 degrees, want %g", got, want)
	}
}

func TestASceneIsAFunctionOfItsSeed(t *testing.T) {
	t.Parallel()
	a, _ := Record("hiss", 1)
	b, _ := Record("hiss", 1)
	c, _ := Record("hiss", 2)
	if !slices.Equal(a.PCM, b.PCM) || slices.Equal(a.PCM, c.PCM) || slices.Equal(a.Truth, c.Truth) {
		t.Error("scenes do not follow their seeds")
	}
	for _, v := range a.PCM {
		if !(v >= -1 && v <= 1) {
			t.Fatalf("sample %g", v)
		}
	}
	if _, err := Record("howl", 1); err == nil {
		t.Error("a scene that does not exist was made")
	}
}

func TestTheSourceKeepsItsContract(t *testing.T) {
	t.Parallel()
	if err := Component().Check(); err != nil {
		t.Error(err)
	}
	pipelinetest.Source(t, pipelinetest.SourceCase{New: func() (pipeline.Source, error) {
		return Component().NewSource(&config{Scene: "clicks"}, component.Env{})
	}})
}
