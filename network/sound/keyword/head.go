package keyword

import (
	"fmt"
	"slices"

	"ganglion/internal/portable"
	"ganglion/pipeline"
)

// head is a network's last layer, of which the readout takes the posteriors of
// some words.
type head struct {
	layer int
	hash  string // of the model
	words []int  // numbers of its words among all of the readout
	class []int  // and of their classes in the layer

	logits []float32 // of the step that is being gathered
	ring   []float32 // the last posteriors of every word: [words, smooth]
	at     int       // place of the next
}

// newHead finds the layer of a model and the classes of those words that are
// its own. n is the number of steps of its smoothing.
func newHead(m Model, layer int, l pipeline.Layer, words []Word, n int) (head, error) {
	h := head{layer: layer, hash: m.Hash}
	size := l.Shape.Size()
	if len(m.Labels) != size {
		return h, fmt.Errorf("layer %q has %d classes, and there are labels for %d: %q", l.Name, size, len(m.Labels), m.Labels)
	}
	for i, w := range words {
		if k := slices.Index(m.Labels, w.Label); k >= 0 {
			h.words, h.class = append(h.words, i), append(h.class, k)
		}
	}
	h.logits, h.ring = make([]float32, size), make([]float32, len(h.words)*n)
	return h, nil
}

// take reads the logits of one run. A class without a value has the logit 0.
func (h *head) take(s *pipeline.Spikes, run int) {
	clear(h.logits)
	for i := s.Offsets[run]; i < s.Offsets[run+1]; i++ {
		if len(s.Values) > 0 {
			h.logits[s.IDs[i]] = s.Values[i]
		}
	}
}

// smooth takes the posteriors of the step into the mean of the last ones; what
// lies before the stream counts as 0.
func (h *head) smooth(smoothed []float32) {
	if len(h.words) == 0 {
		return
	}
	top := slices.Max(h.logits)
	sum := 0.
	for _, v := range h.logits {
		sum += portable.Exp(float64(v - top))
	}
	n := len(h.ring) / len(h.words)
	for w, k := range h.class {
		ring := h.ring[w*n : (w+1)*n]
		ring[h.at] = float32(portable.Exp(float64(h.logits[k]-top)) / sum)
		mean := 0.
		for i := range ring {
			mean += float64(ring[(h.at+1+i)%n])
		}
		smoothed[h.words[w]] = float32(mean / float64(n))
	}
	h.at = (h.at + 1) % n
}
