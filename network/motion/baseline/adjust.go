package baseline

import (
	"errors"
	"fmt"

	"ganglion/pipeline"
)

// Adjust implements [pipeline.Adjustable]. What the readout's memory is laid out
// for stays: the period, the window and how many events it may hold.
func (r *readout) Adjust(cfg any) error {
	c, ok := cfg.(*config)
	if !ok {
		return fmt.Errorf("the dbscan readout takes no %T", cfg)
	}
	if c.Period != r.cfg.Period || c.Window != r.cfg.Window || c.Most != r.cfg.Most {
		return errors.New("readout: period, window and most_events take effect with a new run")
	}
	r.cfg = *c
	r.clusterer = newClusterer(c.Eps, c.MinPoints, r.w, r.h)
	r.tracker.Adjust(c.Track, c.setup(r.w, r.h))
	r.watch.Adjust(c.Config)
	return nil
}

var _ pipeline.Adjustable = (*readout)(nil)
