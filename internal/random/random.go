// Package random is counter-based randomness: each number is a hash of a key
// and an index, so no number depends on which others were drawn, in which
// order, or by which goroutine.
//
// A [Key] is made of a seed and narrowed by what the numbers are for:
//
//	word := random.New(seed).With(epoch, example)
//	gain := word.Between(0, -20, 20)
//	stretch := word.Between(1, .8, 1.25)
package random

import (
	"math"

	"ganglion/internal/portable"
)

// Key names a family of random numbers.
type Key uint64

// New is the key of a seed.
func New(seed uint64) Key { return Key(Mix(seed)) }

// With is the key of a use of k: one epoch, one example, one purpose.
func (k Key) With(words ...uint64) Key {
	for _, w := range words {
		k = Key(Mix(uint64(k) + w*0xbf58476d1ce4e5b9))
	}
	return k
}

// Bits are the 64 random bits of index n.
func (k Key) Bits(n uint64) uint64 { return Mix(uint64(k) + n*0x94d049bb133111eb) }

// Uniform is in (0, 1).
func (k Key) Uniform(n uint64) float64 { return unit(k.Bits(n)) }

// Between is uniform between lo and hi. Inlined with hi-lo a power of two, its
// product would be fused on arm64.
//
//go:noinline
func (k Key) Between(n uint64, lo, hi float64) float64 {
	return lo + float64((hi-lo)*k.Uniform(n))
}

// Below is a whole number in [0, limit); limit must be positive.
func (k Key) Below(n uint64, limit int) int {
	return int(k.Bits(n) >> 11 % uint64(limit)) // uneven by less than limit/2^53
}

// Normal is standard normal (Box and Muller 1958).
func (k Key) Normal(n uint64) float64 {
	h := k.Bits(n)
	return math.Sqrt(-2*portable.Log(unit(h))) * portable.Cos(2*math.Pi*unit(Mix(h)))
}

// Shuffle puts the numbers 0 to len(order)-1 into order, in random sequence
// (Fisher and Yates 1938).
func (k Key) Shuffle(order []int) {
	for i := range order {
		j := k.Below(uint64(i), i+1)
		order[i] = order[j]
		order[j] = i
	}
}

func unit(h uint64) float64 { return (float64(h>>12) + .5) / (1 << 52) }

// Mix is the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
func Mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
