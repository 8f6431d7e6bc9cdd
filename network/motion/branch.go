package motion

import (
	"math"
	"slices"

	"ganglion/network/motion/track"
	"ganglion/pipeline/state"
)

// branch is one layer's spikes as the readout remembers them: the fast branch
// those of the coincidence layer, the slow branch those of the slow layer.
type branch struct {
	memory  int64   // how long a spike supports an estimate, µs
	link    float64 // largest distance between the spike centroids of linked cells, px
	most    int     // most spikes of a period
	begin   int     // of the current period in spikes
	spikes  []spike // in order of time
	taken   int     // in the current period
	dropped uint64
	lit     bool // in this period: the light grows or falls
	noise   *track.Noise
}

// add remembers a spike. A period with more than most spikes tells of a change
// of light and not of motion: its spikes are dropped.
func (b *branch) add(s spike) {
	if b.taken++; b.taken > b.most {
		b.dropped += uint64(1 + len(b.spikes) - b.begin)
		b.spikes = b.spikes[:b.begin]
		return
	}
	b.spikes = append(b.spikes, s)
}

// admit keeps those spikes of the period that pass, and counts them as noise
// would be.
func (b *branch) admit(pass func(*spike) bool) {
	n := b.begin
	for i := b.begin; i < len(b.spikes); i++ {
		if s := &b.spikes[i]; pass(s) {
			b.noise.Add(int(s.X), int(s.Y))
			b.spikes[n] = *s
			n++
		}
	}
	b.spikes = b.spikes[:n]
}

// forget drops the spikes that are older than the memory at time end.
func (b *branch) forget(end int64) {
	n := 0
	for n < len(b.spikes) && b.spikes[n].T < end-b.memory {
		n++
	}
	b.spikes = b.spikes[:copy(b.spikes, b.spikes[n:])]
	b.begin -= min(n, b.begin)
}

// turn begins the next period.
func (b *branch) turn() {
	b.taken, b.begin = 0, len(b.spikes)
	b.noise.Turn()
}

// reach is the distance over which cells are linked: shorter in noise that
// would link into clusters by itself. scale is of the configured distance.
func (b *branch) reach(scale float64) float64 {
	area := noiseLinks / b.noise.Expected(1, track.Seconds(b.memory))
	return max(min(float64(b.link*scale), math.Sqrt(area/math.Pi)), cellSize)
}

// linkScale is how the distance over which cells are linked falls with the shorter side of the
// sensor, px: with half of the pixels all things are half as large and half as far apart.
func linkScale(side float64) float64 { return min(max(side/linkSide, linkLeast), 1) }

const (
	linkSide  = 170. // px, from which on links are as configured
	linkLeast = .65  // of the configured distance
)

// noisy reports whether noise puts a spike here and there beside any track, which would make
// its box grow.
func (b *branch) noisy() bool {
	return b.noise.Expected(cellSize*cellSize, track.Seconds(b.memory)) > noisyCell
}

// noisyCell is how many spikes of noise in a cell are that many: coincidences at some 9 Hz of
// shot noise a pixel.
const noisyCell = .035

// drowned reports whether noise alone links cells all over the picture: then clusters tell nothing.
func (b *branch) drowned() bool {
	return b.noise.Expected(math.Pi*cellSize*cellSize, track.Seconds(b.memory)) > allLinks
}

// How many spikes noise may put within the reach of a link, and from how many on it
// links everything (continuum percolation).
const (
	noiseLinks = 1.5
	allLinks   = 4.5
)

// fresh reports whether some spikes, in order of time, show what is there now
// and not only what was there some time ago.
func (b *branch) fresh(idx []int32, end int64) bool {
	return b.spikes[slices.Max(idx)].T >= end-b.memory*freshShare/100
}

// freshShare is how old the latest spike of an object may be, percent of the memory.
const freshShare = 40

func (b *branch) quiet() bool { return len(b.spikes) == 0 && b.noise.Silent() }

// measure makes a blob of some spikes as they are at time end when they move
// with velocity v.
func (r *Readout) measure(b *branch, idx []int32, end int64, v track.Vec) track.Blob {
	r.points = r.points[:0]
	for _, i := range idx {
		r.points = append(r.points, b.spikes[i].Point)
	}
	r.gauge.Noise = 0
	if b == &r.fast { // what is slow has few spikes, and much noise among them
		r.gauge.Noise = b.noise.Expected(1, track.Seconds(b.memory))
	}
	blob := r.gauge.Measure(r.points, end, v)
	blob.Rough = b == &r.slow
	blob.Evidence = b.noise.Evidence(blob.N, blob.Box.Size(), track.Seconds(b.memory))
	return blob
}

// fields carries the state to a snapshot or from one; period is in µs.
func (b *branch) fields(c *state.Codec, period int64, w, h int) {
	state.Integer(c, &b.taken)
	c.Uint64(&b.dropped)
	b.noise.Fields(c)
	n := c.Length(len(b.spikes), b.most*int(b.memory/period+2))
	b.begin = c.Length(b.begin, n)
	if c.Reading() {
		b.spikes = make([]spike, n)
	}
	for i := range b.spikes {
		s := &b.spikes[i]
		s.Point.Fields(c, w, h)
		track.Finite(c, &s.slowness[0])
		track.Finite(c, &s.slowness[1])
	}
}
