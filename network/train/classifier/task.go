package classifier

import (
	"fmt"
	"math"
	"slices"
	"time"

	"ganglion/internal/random"
	"ganglion/network/train/bptt"
	"ganglion/network/train/exam"
	"ganglion/pipeline"
)

// task is labelled recordings to learn. It may be used from several goroutines.
type task struct {
	Samples []exam.Sample
	Labels  []int // by sample: which output stands for it
	Classes int
	Ranges  Ranges
	Seed    uint64

	Width, Height int // of the network's input, px
	Window, Step  time.Duration
	Smoothing     float64 // of the labels

	// Read gives the events of a recording.
	Read func(path string) ([]pipeline.Event, error)
}

// Len is the number of recordings.
func (t *task) Len() int { return len(t.Samples) }

// Sample appends recording i as epoch e sees it.
func (t *task) Sample(epoch, i int, s *pipeline.Spikes) error {
	if i < 0 || i >= len(t.Samples) {
		return fmt.Errorf("classifier: recording %d of %d", i, len(t.Samples))
	}
	sample := t.Samples[i]
	events, err := t.Read(sample.Path)
	if err != nil {
		return err
	}
	key := random.New(t.Seed).With(uint64(epoch), uint64(i))
	v := t.Ranges.draw(key)
	events = t.cut(sample, events, key.Uniform(5))
	window, step := t.Window.Microseconds(), t.Step.Microseconds()
	keys := make([]uint64, 0, len(events)) // step and neuron
	see := func(at int64, x, y int, p uint8) {
		if at >= 0 && at < window {
			keys = append(keys, uint64(at/step)<<32|uint64((int(p)*t.Height+y)*t.Width+x))
		}
	}
	for k, e := range events {
		if at, x, y, seen := v.event(e, k, t.Width, t.Height); seen {
			see(int64(at), x, y, e.P)
		}
	}
	noise := key.With(forNoise)
	for k := range int(math.Round(v.noise * t.Window.Seconds() * float64(t.Width*t.Height))) {
		n := noise.With(uint64(k))
		see(int64(n.Below(0, int(window))), n.Below(1, t.Width), n.Below(2, t.Height), uint8(n.Below(3, 2)))
	}
	slices.Sort(keys)
	for _, k := range keys {
		s.Append(int64(k>>32)*step, uint32(k))
	}
	return nil
}

// cut is the window of a sample that starts at a place of it, 0 to 1, where it
// is longer than a window; times count from there.
func (t *task) cut(sample exam.Sample, events []pipeline.Event, place float64) []pipeline.Event {
	if sample.To > 0 {
		events = slices.DeleteFunc(events, func(e pipeline.Event) bool { return e.T < sample.From || e.T >= sample.To })
	}
	if len(events) == 0 {
		return nil
	}
	first, last := events[0].T, events[0].T
	for _, e := range events {
		first, last = min(first, e.T), max(last, e.T)
	}
	window := t.Window.Microseconds()
	if spare := last - first - window; spare > 0 {
		first += int64(place * float64(spare))
	}
	events = slices.DeleteFunc(events, func(e pipeline.Event) bool { return e.T < first || e.T >= first+window })
	for i := range events {
		events[i].T -= first
	}
	return events
}

// Loss is the cross entropy of the label and the mean of the logits.
func (t *task) Loss(_, i int, logits, grad []float32) (loss float64, right bool) {
	return bptt.MeanLogit.Loss(logits, grad, t.Classes, t.Labels[i], t.Smoothing)
}
