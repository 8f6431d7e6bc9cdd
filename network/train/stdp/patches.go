package stdp

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
	"ganglion/pipeline"
)

// Features are what was learned from a recording without any label.
type Features struct {
	Graph   *nir.Graph `json:"-"` // features over the whole sensor, pooled; without a readout
	Patches int        `json:"patches"`
	Drift   float64    `json:"drift"` // of the plastic weights from where they began, relative
	Used    int        `json:"used"`  // features that won at least one spike
}

const (
	// patchLength is how long a patch lasts.
	patchLength = 100 * time.Millisecond
	// patchEvents is what makes a patch worth showing: so many events for each
	// neuron that it has in the pooled maps.
	patchEvents = 1
	// maxTries bounds the search for patches, by patch.
	maxTries = 50
	// maxGraph bounds the neurons of the graph.
	maxGraph = 1 << 22
)

// LearnPatches learns features from patches of one recording of a sensor of
// width x height px. A patch is a square of the configuration's size around an
// event drawn by chance, for 100 ms from that event on; so busy places and
// times are shown more often. The recording's own order does not matter.
func LearnPatches(ctx context.Context, c Config, events []pipeline.Event, width, height int,
	progress func(stage string, done, total int)) (*Features, error) {
	if progress == nil {
		progress = func(string, int, int) {}
	}
	f, err := learnPatches(ctx, c, events, width, height, func(done, total int) { progress(stageLearning, done, total) })
	if err != nil {
		return nil, fmt.Errorf("stdp: %w", err)
	}
	return f, nil
}

func learnPatches(ctx context.Context, c Config, events []pipeline.Event, width, height int, progress func(done, total int)) (*Features,
	error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if width < c.Width || height < c.Height {
		return nil, fmt.Errorf("a sensor of %dx%d px is smaller than a patch of %dx%d px", width, height, c.Width, c.Height)
	}
	whole := c
	whole.Width, whole.Height = width, height
	if h, w, _, _ := whole.maps(); c.Channels*h*w > maxGraph {
		return nil, fmt.Errorf("%d features of %dx%d px have %d neurons, more than %d", c.Channels, width, height, c.Channels*h*w, maxGraph)
	}
	patches, err := cut(c, events, width, height)
	if err != nil {
		return nil, err
	}
	learned, err := learn(ctx, c, patches, progress)
	if err != nil {
		return nil, err
	}
	f := &Features{Graph: whole.graph(learned, nil), Patches: len(patches), Drift: learned.drift}
	for _, wins := range learned.wins {
		if wins > 0 {
			f.Used++
		}
	}
	return f, nil
}

// cut draws patches.
func cut(c Config, events []pipeline.Event, width, height int) ([]sample, error) {
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b pipeline.Event) int { return cmp.Compare(a.T, b.T) })
	_, _, ph, pw := c.maps()
	r := rand.New(rand.NewPCG(c.Seed, 5))
	var patches []sample
	for range c.Learn * maxTries {
		if len(patches) == c.Learn || len(events) == 0 {
			break
		}
		first := r.IntN(len(events))
		e := events[first]
		x := min(max(int(e.X)-c.Width/2, 0), width-c.Width)
		y := min(max(int(e.Y)-c.Height/2, 0), height-c.Height)
		var inside []pipeline.Event
		for _, e := range events[first:] {
			if e.T-events[first].T >= patchLength.Microseconds() {
				break
			}
			if dx, dy := int(e.X)-x, int(e.Y)-y; dx >= 0 && dx < c.Width && dy >= 0 && dy < c.Height {
				inside = append(inside, pipeline.Event{T: e.T, X: uint16(dx), Y: uint16(dy), P: e.P})
			}
		}
		if len(inside) < patchEvents*ph*pw {
			continue
		}
		step := c.Step.Microseconds()
		spikes, steps, _, err := nirnet.Bin(inside, c.input(), step, step)
		if err == nil && steps > 0 {
			patches = append(patches, sample{spikes: spikes, steps: steps})
		}
	}
	if len(patches) == 0 {
		return nil, fmt.Errorf("no place of %dx%d px has %d events within %v", c.Width, c.Height, patchEvents*ph*pw, patchLength)
	}
	return patches, nil
}
