package spotting

import (
	"hash/fnv"
	"path/filepath"

	"ganglion/internal/random"
	"ganglion/network/sound/hearing"
)

// fold is the fold of a file, 0 to folds-1, by its name without folders: the
// same on every machine, whatever other files there are.
func fold(path string, folds int) int {
	h := fnv.New64a()
	h.Write([]byte(filepath.Base(path)))
	return random.New(h.Sum64()).Below(0, folds)
}

// Part chooses files by their fold: one is held out.
type Part struct{ Fold, Folds int }

// Test reports whether a file is held out.
func (p Part) Test(path string) bool { return p.Folds > 1 && fold(path, p.Folds) == p.Fold }

// Train reports whether a file is learned from.
func (p Part) Train(path string) bool { return !p.Test(path) }

// choose is the recordings that a function wants.
func choose(all []hearing.Recording, want func(string) bool) (some []hearing.Recording) {
	for _, s := range all {
		if want(s.Path) {
			some = append(some, s)
		}
	}
	return some
}

// SecondHalf is what tests hear of a noise, whose first half networks learn
// from.
func SecondHalf(noise []hearing.Recording) (pcm []float32) {
	for _, n := range noise {
		pcm = append(pcm, n.PCM[len(n.PCM)/2:]...)
	}
	return pcm
}

// firstHalf is what networks learn from.
func firstHalf(noise []hearing.Recording) (all []hearing.Recording) {
	for _, n := range noise {
		all = append(all, hearing.Recording{Path: n.Path, PCM: n.PCM[:len(n.PCM)/2]})
	}
	return all
}
