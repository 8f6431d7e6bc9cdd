package hearing

import (
	"time"

	"ganglion/network/sound/keyword"
)

// Recording is a sound in memory, one channel.
type Recording struct {
	Path string
	PCM  []float32
	// Said is the samples in which a word was detected, where the recording was
	// kept by a pipeline; {0, 0} where nobody says.
	Said [2]int
}

// What is looked at around a detection for the word itself: the pause before
// it, and what may be cut off at its end.
const (
	pauseBefore = 150 * time.Millisecond
	tailAfter   = 200 * time.Millisecond
)

// Around is the part of a recording that has the word, at a rate.
func (s Recording) Around(rate int) (from, to int) {
	if s.Said == [2]int{} {
		return 0, len(s.PCM)
	}
	samples := func(d time.Duration) int { return int(d.Milliseconds()) * rate / 1000 }
	to = min(s.Said[1]+samples(tailAfter), len(s.PCM))
	return min(max(s.Said[0]-samples(pauseBefore), 0), to), to
}

// Word is where the word is, samples.
func (s Recording) Word(rate int) (start, end int) {
	from, to := s.Around(rate)
	start, end = keyword.Span(s.PCM[from:to], rate)
	return from + start, from + end
}
