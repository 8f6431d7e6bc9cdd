package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"ganglion/network/keyword/recipe"
	"ganglion/sources/audio"
)

// sound is a recording in memory, one channel.
type sound struct {
	path string
	pcm  []float32
}

// soundSuffixes are the names of files that are taken from a folder.
var soundSuffixes = []string{".wav", ".flac", ".mp3"}

// readSounds reads sound files, and those of folders in order of their names,
// at a rate. Damaged ones count with what is sound; that is noted.
func readSounds(ctx context.Context, paths []string, rate int, want func(path string) bool, notes io.Writer) ([]sound, error) {
	files, err := soundFiles(paths)
	if err != nil {
		return nil, err
	}
	var all []sound
	for _, f := range files {
		if !want(f) {
			continue
		}
		pcm, _, damage, err := audio.Load(ctx, f, rate)
		if err != nil {
			return nil, err
		}
		if len(damage) > 0 {
			fmt.Fprintf(notes, "%s: damage: %s\n", f, damage[0])
		}
		if len(pcm) > 0 {
			all = append(all, sound{f, pcm})
		}
	}
	return all, nil
}

// soundFiles lists files, and the sound files of folders.
func soundFiles(paths []string) ([]string, error) {
	var files []string
	for _, p := range paths {
		st, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		if !st.IsDir() {
			files = append(files, p)
			continue
		}
		entries, err := os.ReadDir(p)
		if err != nil {
			return nil, err
		}
		n := len(files)
		for _, e := range entries {
			if slices.Contains(soundSuffixes, filepath.Ext(e.Name())) {
				files = append(files, filepath.Join(p, e.Name()))
			}
		}
		if len(files) == n {
			return nil, fmt.Errorf("%s: no .wav, .flac or .mp3 file", p)
		}
	}
	return files, nil
}

// part chooses files by their fold.
type part struct{ fold, folds int }

func (p part) test(path string) bool  { return p.folds > 1 && recipe.Fold(path, p.folds) == p.fold }
func (p part) train(path string) bool { return !p.test(path) }
func everything(string) bool          { return true }

// secondHalf is what tests hear of a noise, whose first half networks learn
// from.
func secondHalf(noise []sound) (pcm []float32) {
	for _, n := range noise {
		pcm = append(pcm, n.pcm[len(n.pcm)/2:]...)
	}
	return pcm
}

// firstHalf is what networks learn from.
func firstHalf(noise []sound) (all []sound) {
	for _, n := range noise {
		all = append(all, sound{n.path, n.pcm[:len(n.pcm)/2]})
	}
	return all
}
