package motion

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"ganglion/network/motion/track"
)

// seen is spikes all over a sensor of 128x128 px whose picture flows, each with
// the flow along an edge of chance; those in the upper left quarter belong to
// an object.
func seen(picture globalFlow, object track.Vec) (spikes []spike) {
	chance := rand.New(rand.NewPCG(1, 2))
	for range 600 {
		s := at(float32(chance.IntN(128)), float32(chance.IntN(128)))
		v := picture.at(track.Vec{X: float64(s.X) - 64, Y: float64(s.Y) - 64})
		if s.X < 64 && s.Y < 64 {
			v = object
		}
		sin, cos := math.Sincos(2 * math.Pi * chance.Float64())
		n := track.Vec{X: cos, Y: sin}
		speed := n.Dot(v) * (1 + .1*chance.NormFloat64())
		if math.Abs(speed) < 5 {
			continue
		}
		s.slowness = [2]float32{float32(n.X / speed), float32(n.Y / speed)}
		spikes = append(spikes, s)
	}
	return spikes
}

func TestTheFlowOfThePictureIsFittedBesideAnObject(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]globalFlow{
		"translation": {60, 15, 0, 0},
		"turn":        {0, 0, .6, 0},
		"zoom":        {0, 0, 0, -.8},
		"all of them": {-40, 30, -.4, .5},
	} {
		c := newCamera(CameraConfig{Moving: true}, 128, 128)
		for range 3 {
			c.see(seen(want, track.Vec{X: -90, Y: 120}), 0, 10_000)
		}
		for i, tolerance := range [4]float64{6, 6, .12, .12} {
			if math.Abs(c.flow[i]-want[i]) > tolerance {
				t.Errorf("%s: the flow is %.3f, want %.3f", name, c.flow, want)
				break
			}
		}
		if !c.moves() {
			t.Errorf("%s: the camera is said to stand still", name)
		}
	}
}

// TestALoneObjectIsNotThePicture lets one object fill a quarter of the sensor.
func TestALoneObjectIsNotThePicture(t *testing.T) {
	t.Parallel()
	c, still := newCamera(CameraConfig{Moving: true}, 128, 128), newCamera(CameraConfig{}, 128, 128)
	for range 50 {
		spikes := seen(globalFlow{}, track.Vec{X: 80}) // what does not move makes no spikes
		c.see(spikes, 0, 10_000)
		still.see(spikes, 0, 10_000)
		for i := range spikes {
			if !c.admits(&spikes[i]) || !still.admits(&spikes[i]) {
				t.Fatal("a spike of the object is turned away")
			}
		}
	}
	if c.moves() || still.moves() || c.quiet() || !still.quiet() {
		t.Errorf("moves %t and %t, quiet %t and %t", c.moves(), still.moves(), c.quiet(), still.quiet())
	}
}

// TestFewFlowsTellWithWhatWasSeenOfLate shows 8 flows in a period, in fewer blocks than tell anything
// alone: of a picture that turns, of one in which a few move otherwise, and of an object.
func TestFewFlowsTellWithWhatWasSeenOfLate(t *testing.T) {
	t.Parallel()
	whole := slices.DeleteFunc(seen(globalFlow{0, 0, .6, 0}, track.Vec{}), func(s spike) bool { return s.X < 64 && s.Y < 64 })
	other := seen(globalFlow{0, 0, .6, 0}, track.Vec{X: -90, Y: 120})
	alone := seen(globalFlow{}, track.Vec{X: 80})
	for name, of := range map[string]struct {
		spikes []spike
		moves  bool
	}{"a turn": {whole, true}, "a turn behind a large object": {other, false}, "an object": {alone, false}} {
		c := newCamera(CameraConfig{Moving: true}, 128, 128)
		for i := range 50 {
			at := i * 8 % (len(of.spikes) - 8)
			c.see(of.spikes[at:at+8], 0, 10_000)
		}
		if c.moves() != of.moves {
			t.Errorf("%s: moves is %t", name, c.moves())
		}
	}
}

// TestACameraComesToRest holds that the silence behind a motion ends in a state
// that does not change, as periods that are skipped must not.
func TestACameraComesToRest(t *testing.T) {
	t.Parallel()
	c := newCamera(CameraConfig{Moving: true}, 128, 128)
	for range 5 {
		c.see(seen(globalFlow{60, 0, 0, 0}, track.Vec{X: -90}), 0, 10_000)
	}
	periods := 0
	for ; !c.quiet(); periods++ {
		c.see(nil, 0, 10_000)
	}
	if periods < 20 || periods > 200 {
		t.Errorf("at rest after %d periods without input", periods)
	}
}

// TestWhatEndsARestCounts shows flows in the very period in which the counts of those before fade to 0.
func TestWhatEndsARestCounts(t *testing.T) {
	t.Parallel()
	spikes := seen(globalFlow{60, 0, 0, 0}, track.Vec{X: -90})
	c := newCamera(CameraConfig{Moving: true}, 128, 128)
	c.see(spikes, 0, 10_000)
	last := c
	for c.stirred {
		last, last.foreign, last.familiar = c, slices.Clone(c.foreign), slices.Clone(c.familiar)
		c.see(nil, 0, 10_000)
	}
	last.see(spikes, 0, 10_000)
	known := 0
	for _, b := range last.blocks {
		known += b.known
	}
	if known != last.known || known == 0 {
		t.Errorf("the blocks show %d of %d flows", known, last.known)
	}
}

func TestNoFlowIsNoMotion(t *testing.T) {
	t.Parallel()
	if f := new(globalFit).solve(); f != (globalFlow{}) {
		t.Errorf("the flow of nothing is %v", f)
	}
}
