package simulator

import (
	"math"

	"ganglion/internal/portable"
	"ganglion/internal/random"
)

// purpose keeps the random numbers of different uses apart.
type purpose uint8

const (
	forOnThreshold purpose = iota + 1
	forOffThreshold
	forShotRate
	forLeakRate
	forShot
	forLeak
	forHot
	forHotPixel
	forHeading
	forAim
	forSpeed
	forSize
	forLevel
	forStart
	forTexture
	forFlicker
	forSway
	forGyro
)

// source is a counter-based generator: each number is a hash of the seed, the
// purpose and two indices, so no number depends on which others were drawn.
type source uint64

// bits returns 64 random bits: three rounds of the SplitMix64 finaliser
// ([random.Mix]), one for each key.
func (s source) bits(p purpose, i, n uint64) uint64 {
	h := random.Mix(uint64(s) + uint64(p)*0x9e3779b97f4a7c15)
	h = random.Mix(h + i*0xbf58476d1ce4e5b9)
	return random.Mix(h + n*0x94d049bb133111eb)
}

// uniform is in (0, 1).
func (s source) uniform(p purpose, i, n uint64) float64 {
	return unit(s.bits(p, i, n))
}

func unit(h uint64) float64 { return float64((float64(h>>12) + .5) / (1 << 52)) }

// spread is uniform in (-1, 1).
func (s source) spread(p purpose, i, n uint64) float64 {
	return float64(2*s.uniform(p, i, n)) - 1
}

// normal is standard normal (Box-Muller), rounded to 2^-16 so that the last
// bit of a processor's logarithm or cosine does not show.
func (s source) normal(p purpose, i, n uint64) float64 {
	h := s.bits(p, i, n)
	r := math.Sqrt(-2 * portable.Log(unit(h)))
	return round16(r * portable.Cos(2*math.Pi*unit(random.Mix(h))))
}

func round16(v float64) float64 { return math.Round(v*(1<<16)) / (1 << 16) }
