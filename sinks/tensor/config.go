package tensor

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// The kinds of arrays.
const (
	frames  = "frames"
	voxel   = "voxel"
	surface = "time-surface"
)

// Kinds are the kinds of arrays.
func Kinds() []string { return []string{voxel, frames, surface} }

// What becomes of polarities.
const (
	split  = "split"  // an array for each
	signed = "signed" // ON minus OFF
	merge  = "merge"  // events of both
)

// Whose definition of voxels.
const (
	EventUtils = "event_utils"
	Tonic      = "tonic"
)

// Config describes which arrays are made.
type Config struct {
	Kind       string
	Window     time.Duration // of a slice; 0 for none
	Count      int           // events of a slice; 0 for none
	Bins       int           // of a voxel grid; of frames, equal parts of the recording, 0 for none
	ByCount    bool          // bins have equal numbers of events, and not equal lengths
	Polarity   string
	Definition string // of voxels
	Tau        time.Duration
}

// NewDefaultConfig is the default of a kind.
func NewDefaultConfig(kind string) Config {
	c := Config{Kind: kind, Polarity: split, Definition: EventUtils, Tau: 30 * time.Millisecond}
	if kind == voxel {
		c.Polarity, c.Bins = signed, 5
	}
	return c
}

// mostBins bounds a voxel grid.
const mostBins = 1 << 12

// Validate reports what does not go together.
func (c Config) Validate() error {
	slicings := 0
	for _, given := range []bool{c.Window != 0, c.Count != 0, c.Bins != 0 && c.Kind != voxel} {
		if given {
			slicings++
		}
	}
	switch {
	case !slices.Contains(Kinds(), c.Kind):
		return fmt.Errorf("kind %q is none of %v", c.Kind, Kinds())
	case !slices.Contains([]string{split, signed, merge}, c.Polarity):
		return fmt.Errorf("polarity %q is none of split, signed and merge", c.Polarity)
	case c.Polarity == signed && c.Kind == surface:
		return errors.New("a time surface has polarities split or merged")
	case !slices.Contains([]string{EventUtils, Tonic}, c.Definition):
		return fmt.Errorf("definition %q is neither event_utils nor tonic", c.Definition)
	case c.Window < 0 || c.Window%time.Microsecond != 0:
		return fmt.Errorf("a window of %v is not a whole number of microseconds", c.Window)
	case c.Count < 0:
		return fmt.Errorf("count: %d events are less than none", c.Count)
	case c.Bins < 0 || c.Bins > mostBins:
		return fmt.Errorf("bins: %d is not from 0 to %d", c.Bins, mostBins)
	case slicings > 1:
		return errors.New("want one of a window, a count and a number of bins")
	case slicings == 0 && c.Kind != voxel:
		return errors.New("want a window, a count of events or a number of bins")
	case c.Kind == voxel && c.Bins == 0:
		return errors.New("want a number of bins")
	case c.Kind == surface && (c.Tau <= 0 || c.Bins != 0):
		return errors.New("a time surface has a positive time constant, and slices by window or count")
	}
	return nil
}

// NeedsTotals reports whether the recording must be known to its end before it is
// taken apart.
func (c Config) NeedsTotals() bool { return c.Window == 0 && c.Count == 0 }

// Totals are what is known of a whole recording.
type Totals struct {
	First, Last int64 // µs
	Events      int64
}

// planes is the length of the axes between N and H, and their product.
func (c Config) planes() (axes []int, n int) {
	p := 1
	if c.Polarity == split {
		p = 2
	}
	if c.Kind != voxel {
		return []int{p}, p
	}
	if p == 2 {
		return []int{2, c.Bins}, 2 * c.Bins
	}
	return []int{c.Bins}, c.Bins
}

// plane is that of an event, and what it counts.
func (c Config) plane(p uint8) (plane int, weight float64) {
	switch {
	case c.Polarity == split:
		return int(p), 1
	case c.Polarity == signed && p == 0:
		return 0, -1
	}
	return 0, 1
}
