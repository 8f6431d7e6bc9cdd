package keyword

import (
	"fmt"
	"slices"
	"time"

	"ganglion/internal/portable"
	"ganglion/pipeline"
)

// Readout turns logits into detections. It implements [pipeline.Readout] and
// [pipeline.Stateful].
type Readout struct {
	words []Word
	class []int  // of each word
	hash  string // of the model
	layer int    // that it reads
	size  int    // classes
	step  int64  // µs
	tail  int64  // µs

	begun bool
	next  int64 // the step that is being gathered begins here, µs
	// Of that step: the logits, and the input spikes so far.
	logits []float32
	spikes int

	ring     []float32 // the last posteriors of every word: [words, smooth]
	at       int       // place of the next
	voice    voice
	detector detector

	smoothed []float32
	spanNow  func() (start, end int64)
}

// New builds a readout for a network with a graded layer.
func New(c Config, layers []pipeline.Layer) (*Readout, error) {
	c, hash, err := c.resolve()
	if err != nil {
		return nil, err
	}
	i, err := gradedLayer(c.Layer, layers)
	if err != nil {
		return nil, err
	}
	l := layers[i]
	r := &Readout{words: c.Words, hash: hash, layer: i, size: l.Shape.Size(), step: l.StepUS, tail: c.Tail.Microseconds()}
	if r.step == 0 {
		r.step = 1000
	}
	if len(c.Labels) != r.size {
		return nil, fmt.Errorf("layer %q has %d classes, and there are labels for %d: %q", l.Name, r.size, len(c.Labels), c.Labels)
	}
	for _, w := range c.Words {
		k := slices.Index(c.Labels, w.Label)
		if k < 0 {
			return nil, fmt.Errorf("words: there is no %q among the labels %q", w.Label, c.Labels)
		}
		r.class = append(r.class, k)
	}
	r.logits = make([]float32, r.size)
	r.ring = make([]float32, len(r.words)*int(max(r.steps(c.Smooth), 1)))
	r.voice = newVoice(c.Voice, int(max(r.steps(c.Voice.Pause), 1)), int(max(r.steps(c.Longest), 1)))
	r.detector = newDetector(c.Words, r.steps(c.Cooldown), r.steps(c.LockOut))
	r.smoothed = make([]float32, len(r.words))
	r.spanNow = r.span
	return r, nil
}

// gradedLayer finds the layer with the logits.
func gradedLayer(name string, layers []pipeline.Layer) (int, error) {
	for i, l := range slices.Backward(layers) {
		switch {
		case name == "" && l.Graded, name == l.Name && l.Graded:
			return i, nil
		case name == l.Name:
			return 0, fmt.Errorf("layer: %q fires spikes, and no values", name)
		}
	}
	if name == "" {
		return 0, fmt.Errorf("the network has no graded layer to read logits from")
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
		r.begun, r.next = true, a.Start-mod(a.Start, r.step)
	}
	out, in := &a.Layers[r.layer].Spikes, a.Input
	runs, heard := 0, 0
	for ; ; r.next += r.step {
		end := r.next + r.step
		for ; runs < len(out.T) && out.T[runs] < end; runs++ {
			r.take(out, runs)
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

// mod is the remainder in [0, m).
func mod(t, m int64) int64 { return ((t % m) + m) % m }

// take reads the logits of one run. A class without a value has the logit 0.
func (r *Readout) take(s *pipeline.Spikes, run int) {
	clear(r.logits)
	for i := s.Offsets[run]; i < s.Offsets[run+1]; i++ {
		if len(s.Values) > 0 {
			r.logits[s.IDs[i]] = s.Values[i]
		}
	}
}

// Tail implements [pipeline.Tailed]. It ends with a step.
func (r *Readout) Tail(end int64) int64 {
	if r.tail == 0 {
		return end
	}
	end += r.tail + r.step - 1
	return end - mod(end, r.step)
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
	r.smooth()
	n := r.next / r.step
	if c, ok := r.detector.step(n, r.smoothed, r.voice.open(), r.spanNow); ok {
		dst = r.emit(c, r.next+r.step, dst)
	}
	clear(r.logits)
	r.spikes = 0
	return dst
}

// smooth takes the posteriors of the step into the mean of the last ones; what
// lies before the stream counts as 0.
func (r *Readout) smooth() {
	top := slices.Max(r.logits)
	sum := 0.
	for _, v := range r.logits {
		sum += portable.Exp(float64(v - top))
	}
	n := len(r.ring) / len(r.words)
	for w, k := range r.class {
		ring := r.ring[w*n : (w+1)*n]
		ring[r.at] = float32(portable.Exp(float64(r.logits[k]-top)) / sum)
		mean := 0.
		for i := range ring {
			mean += float64(ring[(r.at+1+i)%n])
		}
		r.smoothed[w] = float32(mean / float64(n))
	}
	r.at = (r.at + 1) % n
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
		TStart: c.start, TEnd: c.end, Model: r.hash,
	})
}

var (
	_ pipeline.Readout = (*Readout)(nil)
	_ pipeline.Tailed  = (*Readout)(nil)
)
