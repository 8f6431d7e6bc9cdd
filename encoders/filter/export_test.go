package filter

import "fmt"

// Scorer is a filter whose ROC curve can be drawn.
type Scorer = scorer

// NewScorer builds a single filter that gives scores: baf, stcf or
// neighbor_lif. The events it is given must lie within the sensor, as those of
// a [Chain] do.
func NewScorer(cfg Config, width, height int) (Scorer, error) {
	size := Size{width, height}
	if err := size.check(); err != nil {
		return nil, err
	}
	f, _, err := build(cfg, size)
	if err != nil {
		return nil, err
	}
	s, ok := f.(scorer)
	if !ok {
		return nil, fmt.Errorf("filter %q gives no scores", cfg.Type)
	}
	return s, nil
}
