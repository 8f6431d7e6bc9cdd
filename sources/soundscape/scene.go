package soundscape

import (
	"fmt"
	"math"
	"time"

	"ganglion/internal/portable"
	"ganglion/internal/random"
)

// Scene is a sound that can be made.
type Scene struct {
	Name, Summary string
	Duration      time.Duration
}

// Scenes lists the scenes.
func Scenes() []Scene {
	return []Scene{
		{"clicks", "a train of clicks from eleven directions in turn, for two ears (WAV)", length()},
		{"hiss", "white noise from eleven directions in turn, for two ears (WAV)", length()},
	}
}

// Truth is one sound of a scene.
type Truth struct {
	Start   int64   `json:"t_start_us"`
	End     int64   `json:"t_end_us"`
	Azimuth float64 `json:"azimuth_deg"` // 0 ahead, 90 right, -90 left
}

// Recording is a whole scene.
type Recording struct {
	Rate  int       // frames/s
	PCM   []float32 // left and right, interleaved
	Truth []Truth
}

const (
	rate  = 48000
	sound = 300 * time.Millisecond
	pause = 200 * time.Millisecond

	steps    = 11 // directions
	stepSize = 15 // degrees

	clickEvery = 50 * time.Millisecond
	clickWidth = 16 // samples: a third of a millisecond
	clickLevel = 0.8
	hissLevel  = 0.1
	ownNoise   = 0.001 // of each ear, RMS
	ramp       = 5 * time.Millisecond
)

// The head's radius, m, and the speed of sound, m/s.
const (
	headRadius = 0.0875
	soundSpeed = 343
)

// itd is the interaural time difference of an azimuth in degrees, s; positive
// where the right ear hears first.
func itd(azimuth float64) float64 {
	a := azimuth * math.Pi / 180
	return headRadius / soundSpeed * (a + portable.Sin(a))
}

func frames(d time.Duration) int { return int(d * rate / time.Second) }

// length is that of a scene: a pause before each sound and one at the end.
func length() time.Duration { return steps*(sound+pause) + pause }

// Record makes a scene.
func Record(scene string, seed uint64) (*Recording, error) {
	if scene != "clicks" && scene != "hiss" {
		return nil, fmt.Errorf("unknown scene %q", scene)
	}
	r := &Recording{Rate: rate, PCM: make([]float32, 2*frames(length()))}
	for i := range r.PCM {
		r.PCM[i] = float32(ownNoise * normal(seed, 1, uint64(i)))
	}
	at := frames(pause)
	for k, azimuth := range shuffled(seed) {
		r.play(source(scene, seed, k), at, azimuth)
		start := int64(at) * 1_000_000 / rate
		r.Truth = append(r.Truth, Truth{Start: start, End: start + sound.Microseconds(), Azimuth: azimuth})
		at += frames(sound + pause)
	}
	return r, nil
}

// shuffled is the directions in the order of a seed (Fisher and Yates).
func shuffled(seed uint64) []float64 {
	all := make([]float64, steps)
	for i := range all {
		all[i] = float64((i - steps/2) * stepSize)
	}
	for i := len(all) - 1; i > 0; i-- {
		j := int(random.Mix(seed^random.Mix(uint64(i)+7)) % uint64(i+1))
		all[i], all[j] = all[j], all[i]
	}
	return all
}

// source is the samples of sound number k at their source.
func source(scene string, seed uint64, k int) []float64 {
	x := make([]float64, frames(sound))
	for i := range x {
		switch {
		case scene == "hiss":
			x[i] = hissLevel * normal(seed, uint64(k)+2, uint64(i))
		case i%frames(clickEvery) < clickWidth:
			x[i] = clickLevel * portable.Pow(portable.Sin(math.Pi*float64(i%frames(clickEvery))/clickWidth), 2)
		}
		if scene == "hiss" {
			edge := min(1, float64(min(i, len(x)-1-i))/float64(frames(ramp)))
			x[i] *= portable.Pow(portable.Sin(math.Pi/2*edge), 2)
		}
	}
	return x
}

// play adds a source from frame at on, heard from a direction.
func (r *Recording) play(x []float64, at int, azimuth float64) {
	half := float64(itd(azimuth) / 2 * rate)
	r.hear(0, x, float64(at)+half)
	r.hear(1, x, float64(at)-half)
}

// reach is how many samples the interpolation takes.
const reach = 32

// hear adds a source that begins at a time between frames to one ear. The
// samples between those of x are a sum of 32 of them, under a sinc and a raised
// cosine; as the delay stays the same, so do the weights.
func (r *Recording) hear(ear int, x []float64, at float64) {
	first := int(math.Floor(at))
	var weight [reach]float64
	for k := range weight {
		d := at - float64(first) + float64(reach/2-1-k) // of sample k from the place
		weight[k] = 1
		if d != 0 {
			weight[k] = portable.Sin(math.Pi*d) / (math.Pi * d)
		}
		weight[k] *= 0.5 + float64(0.5*portable.Cos(2*math.Pi*d/reach))
	}
	for n := max(first-reach, 0); n < min(first+len(x)+reach, len(r.PCM)/2); n++ {
		var sum float64
		for k, w := range weight {
			if i := n - first + reach/2 - 1 - k; i >= 0 && i < len(x) {
				sum += float64(x[i] * w)
			}
		}
		r.PCM[2*n+ear] += float32(sum)
	}
}

// normal is a normal random number, a function of its keys alone (Box and
// Muller 1958).
func normal(seed, stream, n uint64) float64 {
	key := random.Mix(seed ^ random.Mix(stream))
	u := float64(random.Mix(key^2*n)>>11+1) / (1 << 53)
	v := float64(random.Mix(key^(2*n+1))>>11) / (1 << 53)
	return math.Sqrt(-2*portable.Log(u)) * portable.Cos(2*math.Pi*v)
}
