package keyword

import (
	"fmt"

	"ganglion/pipeline"
)

// Adjust implements [pipeline.Adjustable]: thresholds and the cooldown change
// while the readout listens, the words and what it remembers do not.
func (r *Readout) Adjust(cfg any) error {
	c, ok := cfg.(*Config)
	if !ok {
		return fmt.Errorf("the keyword readout takes no %T", cfg)
	}
	full, _, err := c.resolve()
	if err != nil {
		return err
	}
	if len(full.Words) != len(r.words) {
		return fmt.Errorf("readout.words: %d in place of %d take effect with a new run", len(full.Words), len(r.words))
	}
	for i, w := range full.Words {
		if w.Label != r.words[i].Label {
			return fmt.Errorf("readout.words: %q in place of %q takes effect with a new run", w.Label, r.words[i].Label)
		}
	}
	for i, w := range full.Words {
		r.detector.words[i].threshold = float32(w.Threshold)
	}
	r.voice.gate = newVoice(full.Voice, 1, r.voice.longest).gate
	r.words, r.detector.cooldown = full.Words, r.steps(full.Cooldown)
	return nil
}

// Scores implements [pipeline.Scored]: the smoothed posterior of each word.
func (r *Readout) Scores(dst []pipeline.Score) []pipeline.Score {
	for i := range r.words {
		dst = append(dst, pipeline.Score{Label: r.words[i].Label, Value: r.smoothed[i], Threshold: r.detector.words[i].threshold})
	}
	return dst
}

var (
	_ pipeline.Adjustable = (*Readout)(nil)
	_ pipeline.Scored     = (*Readout)(nil)
)
