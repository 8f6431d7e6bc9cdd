package track_test

import (
	"cmp"
	"os"
	"slices"
	"testing"

	"ganglion/encoders/events"
	"ganglion/network/motion"
	"ganglion/network/motion/track"
	"ganglion/pipeline"
	"ganglion/sources/simulator"
)

// sample is a box: the Poisson tail behind it, what the confidence says, and
// whether it overlaps an object by half.
type sample struct {
	tail, confidence, right float64
}

// boxes runs the motion network and readout on simulated scenes.
func boxes(t *testing.T, scenes []string, seeds []uint64, noise float64) (all []sample) {
	t.Helper()
	for _, name := range scenes {
		for _, seed := range seeds {
			rec, err := simulator.Record(simulator.Config{Scene: name, Seed: seed, Noise: noise, Width: 128, Height: 128})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range detect(t, rec) {
				if d.Kind != pipeline.MotionStart && d.Kind != pipeline.MotionUpdate {
					continue
				}
				if right, counts := judge(d, rec.Truth); counts {
					c := float64(d.Confidence)
					all = append(all, sample{track.Tail(c), c, right})
				}
			}
		}
	}
	return all
}

func detect(t *testing.T, rec *simulator.Recording) []pipeline.Detection {
	t.Helper()
	enc, err := events.New(events.Config{Polarity: "split", Downsample: 1}, pipeline.StreamInfo{Modality: pipeline.EventStream, Width: 128,
		Height: 128})
	if err != nil {
		t.Fatal(err)
	}
	c := motion.NewDefaultModelConfig()
	c.Shards = 1
	net, err := motion.New(c, enc.Shape())
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	r, err := motion.NewReadout(motion.NewDefaultReadoutConfig(), net.Layers())
	if err != nil {
		t.Fatal(err)
	}
	var in pipeline.Spikes
	w := pipeline.Window{End: rec.Config.Duration.Microseconds()}
	if _, err := enc.Encode(&pipeline.Batch{Window: w, Events: rec.Events}, &in); err != nil {
		t.Fatal(err)
	}
	a := pipeline.Activity{Window: w, Input: &in, Layers: make([]pipeline.LayerActivity, len(net.Layers()))}
	if err := net.Step(t.Context(), w, &in, &a); err != nil {
		t.Fatal(err)
	}
	return r.Flush(r.Read(&a, nil))
}

// judge reports whether a box is right; boxes on objects that make too few events
// to count are neither.
func judge(d pipeline.Detection, truth []pipeline.Truth) (right float64, counts bool) {
	best, active := 0.0, true
	for _, g := range truth {
		if g.T != d.T {
			continue
		}
		w := min(g.X1, float64(d.X1)) - max(g.X0, float64(d.X0))
		h := min(g.Y1, float64(d.Y1)) - max(g.Y0, float64(d.Y0))
		if w <= 0 || h <= 0 {
			continue
		}
		union := (g.X1-g.X0)*(g.Y1-g.Y0) + float64((d.X1-d.X0)*(d.Y1-d.Y0)) - w*h
		if iou := w * h / union; iou > best {
			best, active = iou, g.Events20ms >= 10
		}
	}
	if best >= .5 {
		return 1, active
	}
	return 0, true
}

// pav is isotonic regression by pool adjacent violators (Ayer et al. 1955) over
// equal groups of samples in order of their tails.
func pav(all []sample, groups int) (tails, probabilities []float64) {
	slices.SortStableFunc(all, func(a, b sample) int { return cmp.Compare(a.tail, b.tail) })
	type pool struct{ tail, right, n float64 }
	var pools []pool
	for k := range groups {
		var p pool
		for _, s := range all[k*len(all)/groups : (k+1)*len(all)/groups] {
			p.tail, p.right, p.n = p.tail+s.tail, p.right+s.right, p.n+1
		}
		pools = append(pools, p)
		for len(pools) > 1 {
			a, b := pools[len(pools)-2], pools[len(pools)-1]
			if a.right/a.n <= b.right/b.n {
				break
			}
			pools = append(pools[:len(pools)-2], pool{a.tail + b.tail, a.right + b.right, a.n + b.n})
		}
	}
	for _, p := range pools {
		tails, probabilities = append(tails, p.tail/p.n), append(probabilities, p.right/p.n)
	}
	return tails, probabilities
}

// reliability is, for ten groups of equal width, how many boxes have such a
// confidence, their mean confidence and how many of them are right.
func reliability(all []sample) (n, confidence, right [10]float64) {
	for _, s := range all {
		k := min(int(s.confidence*10), 9)
		n[k]++
		confidence[k] += s.confidence
		right[k] += s.right
	}
	for k := range n {
		confidence[k] /= max(n[k], 1)
		right[k] /= max(n[k], 1)
	}
	return n, confidence, right
}

var (
	calibrationScenes = []string{"disk", "bar-0", "bar-45", "three", "crossing", "occlusion", "small-fast", "low-contrast", "looming",
		"accelerate", "slow", "flicker"}
	quickScenes = []string{"three", "occlusion", "low-contrast"}
)

// TestConfidenceIsCalibrated holds what confidences promise on seeds that the
// calibration has not seen: of the boxes with .9 and more, nine in ten are right,
// and no group is right more seldom than it says. The calibration is that of two
// simulators, so these scenes, the easier ones, are right more often. With
// GANGLION_LONG it takes all scenes, and prints the table that the tuning seeds
// give.
func TestConfidenceIsCalibrated(t *testing.T) {
	t.Parallel()
	scenes, seeds := quickScenes, []uint64{11}
	if os.Getenv("GANGLION_LONG") != "" {
		scenes, seeds = calibrationScenes, []uint64{11, 12, 13}
		tails, probabilities := pav(boxes(t, scenes, []uint64{1, 2, 3, 4}, 5), 24)
		for i := range tails {
			t.Logf("{%.0f, %.3f},", tails[i], probabilities[i])
		}
	}
	all := boxes(t, scenes, seeds, 5)
	n, confidence, right := reliability(all)
	for k := range n {
		t.Logf("%.0f boxes with a confidence of %.3f: %.3f are right", n[k], confidence[k], right[k])
		if n[k] >= 50 && right[k] < confidence[k]-.1 {
			t.Errorf("%.0f boxes with a confidence of %.3f: %.3f are right", n[k], confidence[k], right[k])
		}
	}
	if n[9] < 20 || right[9] < .9 {
		t.Errorf("of %.0f boxes with .9 and more, %.3f are right: want .9 of at least 20", n[9], right[9])
	}
	if len(all) < 300 {
		t.Errorf("%d boxes: too few to tell", len(all))
	}
}
