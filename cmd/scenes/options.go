package scenes

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ganglion/sources/simulator"
)

// The scenes of --scenes all: those that the mean is taken over, and those
// that stand beside it.
var (
	objectScenes = []string{"disk", "bar-0", "bar-45", "bar-90", "bar-135", "bar-180", "bar-225", "bar-270", "bar-315",
		"three", "crossing", "occlusion", "small-fast", "slow", "low-contrast", "looming", "accelerate"}
	otherScenes = []string{"flicker", "noise"}
)

// Options say which takes there are.
type Options struct {
	Scenes, Seeds string   // "all" or "disk,crossing", "" for none; "7" or "11-15"
	Recordings    []string // patterns of files that have their truth beside them
	Noise         float64  // shot noise of the scenes, Hz a pixel
	Rate          float64  // frames per second of labels of the MOTChallenge, 0 for what seqinfo.ini tells
	Width, Height int      // of the scenes' sensor, px
}

// Takes lists what is to be scored.
func (o Options) Takes() (takes []Take, err error) {
	if o.Scenes != "" {
		scenes, err := chosenScenes(o.Scenes)
		if err != nil {
			return nil, err
		}
		seeds, err := seedList(o.Seeds)
		if err != nil {
			return nil, err
		}
		for _, scene := range scenes {
			for _, seed := range seeds {
				c := simulator.Config{Scene: scene, Seed: seed, Noise: o.Noise, Width: o.Width, Height: o.Height}
				if err := c.Validate(); err != nil {
					return nil, fmt.Errorf("scene %q: %w", scene, err)
				}
				takes = append(takes, simulatedTake(c))
			}
		}
	}
	for _, pattern := range o.Recordings {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			return nil, fmt.Errorf("--recordings: no file is like %q", pattern)
		}
		for _, path := range paths {
			takes = append(takes, recordedTake(path, o.Rate))
		}
	}
	return takes, nil
}

func chosenScenes(text string) ([]string, error) {
	if text == "all" {
		return append(slices.Clone(objectScenes), otherScenes...), nil
	}
	known := simulator.Scenes()
	var scenes []string
	for _, name := range strings.Split(text, ",") {
		if !slices.ContainsFunc(known, func(s simulator.Scene) bool { return s.Name == name }) {
			return nil, fmt.Errorf("--scenes: no scene %q; all, or a list of those of ganglion simulate", name)
		}
		scenes = append(scenes, name)
	}
	return scenes, nil
}

// maxSeeds bounds a range of seeds.
const maxSeeds = 1000

// seedList reads "7" or "11-15".
func seedList(text string) ([]uint64, error) {
	low, high, ranged := strings.Cut(text, "-")
	first, err1 := strconv.ParseUint(low, 10, 32)
	last, err2 := first, error(nil)
	if ranged {
		last, err2 = strconv.ParseUint(high, 10, 32)
	}
	if errors.Join(err1, err2) != nil || last < first || last-first >= maxSeeds {
		return nil, fmt.Errorf("--seeds: %q is neither a seed nor a range such as 11-15 of up to %d", text, maxSeeds)
	}
	var seeds []uint64
	for s := first; s <= last; s++ {
		seeds = append(seeds, s)
	}
	return seeds, nil
}
