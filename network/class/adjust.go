package class

import (
	"errors"
	"fmt"

	"ganglion/pipeline"
)

// Adjust implements [pipeline.Adjustable]: the thresholds change while the readout
// looks, its layer, its labels and its windows do not.
func (r *readout) Adjust(cfg any) error {
	c, ok := cfg.(*config)
	if !ok {
		return fmt.Errorf("the class readout takes no %T", cfg)
	}
	if c.Layer != r.cfg.Layer || c.Window != r.cfg.Window || c.Every != r.cfg.Every || c.Smooth != r.cfg.Smooth ||
		fmt.Sprint(c.Labels) != fmt.Sprint(r.cfg.Labels) {
		return errors.New("readout: layer, labels, window, every and smooth take effect with a new run")
	}
	r.cfg.Threshold, r.cfg.Least, r.cfg.Hold = c.Threshold, c.Least, c.Hold
	return nil
}

// Scores implements [pipeline.Scored]: the smoothed share of each class.
func (r *readout) Scores(dst []pipeline.Score) []pipeline.Score {
	for i, label := range r.labels {
		dst = append(dst, pipeline.Score{Label: label, Value: float32(r.shares[i]), Threshold: float32(r.cfg.Threshold)})
	}
	return dst
}

var (
	_ pipeline.Adjustable = (*readout)(nil)
	_ pipeline.Scored     = (*readout)(nil)
)
