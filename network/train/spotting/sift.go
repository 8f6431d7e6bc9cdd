package spotting

import (
	"fmt"
	"time"

	"ganglion/network/sound/hearing"
	"ganglion/network/sound/keyword"
)

// silent is the level below which a recording holds nothing that can be heard,
// dB: that of the lowest bit of 12.
const silent = -70

// alike are how much of the energy and of the duration of the loudest sound of
// a recording another one has that may be the word once more.
const alike = .4

// sift leaves out recordings of the word in which nothing can be heard, and
// notes them and those in which the word may be twice.
func (t *Training) sift(all []hearing.Recording) (kept []hearing.Recording) {
	var left, twice int
	for _, r := range all {
		if keyword.Level(r.PCM, t.Rate) < silent {
			fmt.Fprintf(t.Notes, "%s: left out: silent\n", r.Path)
			left++
			continue
		}
		kept = append(kept, r)
		if at := t.again(r); len(at) > 1 {
			fmt.Fprintf(t.Notes, "%s: the word may be in it %d times, at %v; the loudest is taken\n", r.Path, len(at), at)
			twice++
		}
	}
	if left+twice > 0 {
		fmt.Fprintf(t.Notes, "%d of %d recordings of the word are silent, %d may hold it more than once\n", left, len(all), twice)
	}
	return kept
}

// again is where in a recording sounds begin that are as long and as loud as
// the word.
func (t *Training) again(r hearing.Recording) (at []time.Duration) {
	from, to := r.Around(t.Rate)
	groups := keyword.Groups(r.PCM[from:to], t.Rate)
	var energy, length float64
	for _, g := range groups {
		if g.Energy > energy {
			energy, length = g.Energy, float64(g.End-g.Start)
		}
	}
	for _, g := range groups {
		if n := float64(g.End - g.Start); g.Energy >= alike*energy && n >= alike*length && length >= alike*n {
			at = append(at, time.Duration(hearing.Micros(from+g.Start, t.Rate))*time.Microsecond)
		}
	}
	return at
}
