package words

import (
	"ganglion/internal/portable"
	"ganglion/internal/random"
)

// Range is from Least to Most.
type Range struct {
	Least float64 `key:"least" doc:"Least."`
	Most  float64 `key:"most" doc:"Most."`
}

// Draw draws evenly.
func (r Range) Draw(key random.Key, n uint64) float64 { return key.Between(n, r.Least, r.Most) }

// DrawFactor draws evenly in the logarithm.
func (r Range) DrawFactor(key random.Key, n uint64) float64 {
	return portable.Exp(key.Between(n, portable.Log(r.Least), portable.Log(r.Most)))
}
