package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ganglion/network/sound/hearing"
	"ganglion/sinks/keep"
	"ganglion/sources/audio"
	"ganglion/sources/recording"
)

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
// at a rate. Damaged ones count with what is sound; that is noted. Those that
// cannot be read are skipped, named and counted; it is an error where none can.
func readSounds(ctx context.Context, paths []string, rate int, want func(path string) bool, notes io.Writer) ([]hearing.Recording, error) {
	files, err := soundFiles(paths)
	if err != nil {
		return nil, err
	}
	var all []hearing.Recording
	var skipped []error
	for _, f := range files {
		if !want(f) {
			continue
		}
		pcm, _, damage, err := audio.Load(ctx, f, rate)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			fmt.Fprintf(notes, "skipped: %v\n", err)
			skipped = append(skipped, err)
			continue
		}
		if len(damage) > 0 {
			fmt.Fprintf(notes, "%s: damage: %s\n", f, damage[0])
		}
		said, err := detected(f, rate)
		if err != nil {
			fmt.Fprintf(notes, "%s: where the word is cannot be read: %v\n", f, err)
		}
		if len(pcm) > 0 {
			all = append(all, hearing.Recording{Path: f, PCM: pcm, Said: said})
		}
	}
	if len(skipped) > 0 {
		fmt.Fprintf(notes, "%d of %d recordings were skipped, because they cannot be read\n", len(skipped), len(files))
	}
	if len(skipped) > 0 && len(all) == 0 {
		return nil, skipped[0]
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

func everything(string) bool { return true }
