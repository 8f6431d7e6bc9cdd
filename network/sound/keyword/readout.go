package keyword

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ganglion/internal/floor"
	"ganglion/network/nir"
	"ganglion/pipeline"
)

// Readout turns logits into detections. It implements [pipeline.Readout] and
// [pipeline.Stateful].
type Readout struct {
	words []Word
	of    []int  // the head of each word
	heads []head // one, or one for each model
	step  int64  // µs
	tail  int64  // µs

	begun  bool
	next   int64 // the step that is being gathered begins here, µs
	spikes int   // the input spikes of that step so far
	runs   []int // runs of each head that are read in this window

	voice    voice
	detector detector

	smoothed []float32
	spanNow  func() (start, end int64)
}

// New builds a readout for a network with a graded layer, or one for each
// model.
func New(c Config, layers []pipeline.Layer) (*Readout, error) {
	c, models, err := c.resolve()
	if err != nil {
		return nil, err
	}
	r := &Readout{words: c.Words, of: make([]int, len(c.Words)), tail: c.Tail.Microseconds(), runs: make([]int, len(models))}
	names := nir.Names(c.Models)
	for i, m := range models {
		within := ""
		if len(c.Models) > 0 {
			within = names[i] + "/"
		}
		k, err := gradedLayer(c.Layer, within, layers)
		if err != nil {
			return nil, err
		}
		step := max(layers[k].StepUS, 0)
		if step == 0 {
			step = 1000
		}
		if r.step != 0 && r.step != step {
			return nil, fmt.Errorf("layer %q goes in steps of %d µs, and the others of %d", layers[k].Name, step, r.step)
		}
		r.step = step
		h, err := newHead(m, k, layers[k], c.Words, int(max(r.steps(m.Smooth), 1)))
		if err != nil {
			return nil, err
		}
		for _, w := range h.words {
			r.of[w] = i
		}
		r.heads = append(r.heads, h)
	}
	r.voice = newVoice(c.Voice, int(max(r.steps(c.Voice.Pause), 1)), int(max(r.steps(c.Longest), 1)))
	r.detector = newDetector(c.Words, r.steps(c.Cooldown), r.steps(c.LockOut))
	r.smoothed = make([]float32, len(r.words))
	r.spanNow = r.span
	return r, nil
}

// gradedLayer finds the layer with the logits, among those whose names begin
// with within.
func gradedLayer(name, within string, layers []pipeline.Layer) (int, error) {
	for i, l := range slices.Backward(layers) {
		switch {
		case !strings.HasPrefix(l.Name, within):
		case name == "" && l.Graded, name == l.Name && l.Graded:
			return i, nil
		case name == l.Name:
			return 0, fmt.Errorf("layer: %q fires spikes, and no values", name)
		}
	}
	if within != "" {
		return 0, fmt.Errorf("models: the network has no graded layer of %s: give network.models the same files", strings.TrimSuffix(within, "/"))
	}
	if name == "" {
		return 0, errors.New("the network has no graded layer to read logits from")
	}
	var names []string
	for _, l := range layers {
		names = append(names, l.Name)
	}
	return 0, fmt.Errorf("layer: there is no %q among %q", name, names)
}

// steps is a duration in steps, rounded.
func (r *Readout) steps(d time.Duration) int64 { return (d.Microseconds() + r.step/2) / r.step }

// Read implements [pipeline.Readout].
func (r *Readout) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	if !r.begun {
		r.begun, r.next = true, a.Start-floor.Mod(a.Start, r.step)
	}
	clear(r.runs)
	in, heard := a.Input, 0
	for ; ; r.next += r.step {
		end := r.next + r.step
		for i := range r.heads {
			h := &r.heads[i]
			for out := &a.Layers[h.layer].Spikes; r.runs[i] < len(out.T) && out.T[r.runs[i]] < end; r.runs[i]++ {
				h.take(out, r.runs[i])
			}
		}
		for ; heard < len(in.T) && in.T[heard] < end; heard++ {
			r.spikes += len(in.Run(heard))
		}
		if a.End < end {
			return dst
		}
		dst = r.close(dst)
	}
}

// Tail implements [pipeline.Tailed]. It ends with a step.
func (r *Readout) Tail(end int64) int64 {
	if r.tail == 0 {
		return end
	}
	end += r.tail + r.step - 1
	return end - floor.Mod(end, r.step)
}

// Flush implements [pipeline.Readout]. A word that waits for a better one has
// waited long enough.
func (r *Readout) Flush(dst []pipeline.Detection) []pipeline.Detection {
	if c, ok := r.detector.pending(); ok {
		dst = r.emit(c, r.next, dst)
	}
	return dst
}

// close ends a step.
func (r *Readout) close(dst []pipeline.Detection) []pipeline.Detection {
	r.voice.add(r.spikes)
	for i := range r.heads {
		r.heads[i].smooth(r.smoothed)
	}
	n := r.next / r.step
	if c, ok := r.detector.step(n, r.smoothed, r.voice.open(), r.spanNow); ok {
		dst = r.emit(c, r.next+r.step, dst)
	}
	for i := range r.heads {
		clear(r.heads[i].logits)
	}
	r.spikes = 0
	return dst
}

// span is where a word that crosses in this step was heard, µs.
func (r *Readout) span() (start, end int64) {
	first, last := r.voice.span()
	return r.next - int64(first)*r.step, r.next + r.step - int64(last)*r.step
}

// emit appends a detection that was decided at t.
func (r *Readout) emit(c crossing, t int64, dst []pipeline.Detection) []pipeline.Detection {
	return append(dst, pipeline.Detection{
		Kind: pipeline.Keyword, T: t, EmitDelayUS: pipeline.NoDelay,
		Label: r.words[c.word].Label, Score: c.score, Confidence: c.score,
		TStart: c.start, TEnd: c.end, Model: r.heads[r.of[c.word]].hash,
	})
}

var (
	_ pipeline.Readout = (*Readout)(nil)
	_ pipeline.Tailed  = (*Readout)(nil)
)
