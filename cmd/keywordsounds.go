package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ganglion/network/sound/keyword"
	recipe "ganglion/network/train/words"
	"ganglion/sinks/keep"
	"ganglion/sources/audio"
	"ganglion/sources/recording"
)

// sound is a recording in memory, one channel.
type sound struct {
	path string
	pcm  []float32
	// said is the samples in which a word was detected, where the recording was
	// kept by a pipeline; {0, 0} where nobody says.
	said [2]int
}

// What is looked at around a detection for the word itself: the pause before
// it, and what may be cut off at its end.
const (
	pauseBefore = 150 * time.Millisecond
	tailAfter   = 200 * time.Millisecond
)

// around is the part of a recording that has the word, at a rate.
func (s sound) around(rate int) (from, to int) {
	if s.said == [2]int{} {
		return 0, len(s.pcm)
	}
	samples := func(d time.Duration) int { return int(d.Milliseconds()) * rate / 1000 }
	to = min(s.said[1]+samples(tailAfter), len(s.pcm))
	return min(max(s.said[0]-samples(pauseBefore), 0), to), to
}

// word is where the word is, samples.
func (s sound) word(rate int) (start, end int) {
	from, to := s.around(rate)
	start, end = keyword.Span(s.pcm[from:to], rate)
	return from + start, from + end
}

// detected is the samples in which the pipeline that kept a recording detected
// something, by the file of spikes beside it.
func detected(path string, rate int) (said [2]int, err error) {
	spikes := strings.TrimSuffix(path, filepath.Ext(path)) + ".arrow"
	if st, err := os.Stat(spikes); err != nil || !st.Mode().IsRegular() {
		return said, nil
	}
	r, err := recording.Open(spikes, recording.Options{})
	if err != nil {
		return said, err
	}
	if start, end, ok := keep.Detected(r.Info.Header.Get); ok {
		said = [2]int{int(start.Microseconds() * int64(rate) / 1_000_000), int(end.Microseconds() * int64(rate) / 1_000_000)}
	}
	return said, r.Close()
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
		said, err := detected(f, rate)
		if err != nil {
			fmt.Fprintf(notes, "%s: where the word is cannot be read: %v\n", f, err)
		}
		if len(pcm) > 0 {
			all = append(all, sound{f, pcm, said})
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
		all = append(all, sound{path: n.path, pcm: n.pcm[:len(n.pcm)/2]})
	}
	return all
}
