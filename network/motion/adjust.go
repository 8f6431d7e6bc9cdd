package motion

import (
	"fmt"

	"ganglion/pipeline"
)

// Adjust implements [pipeline.Adjustable]. What the readout's memory is laid out
// for stays: the period and the times that spikes are remembered.
func (r *Readout) Adjust(cfg any) error {
	c, ok := cfg.(*ReadoutConfig)
	if !ok {
		return fmt.Errorf("the motion readout takes no %T", cfg)
	}
	for key, same := range map[string]bool{
		"period": c.Period == r.cfg.Period, "memory": c.Memory == r.cfg.Memory, "slow.memory": c.Slow.Memory == r.cfg.Slow.Memory,
		"camera.moving": c.Camera.Moving == r.cfg.Camera.Moving, "camera.focal": c.Camera.Focal == r.cfg.Camera.Focal,
		"camera.axes": c.Camera.Axes == r.cfg.Camera.Axes,
	} {
		if !same {
			return fmt.Errorf("readout.%s: takes effect with a new run", key)
		}
	}
	r.cfg = *c
	r.gauge.Trim, r.gauge.Lead = c.Cluster.Trim, c.Latency.Seconds()
	r.fast.link, r.slow.link = c.Cluster.Link, c.Slow.Link
	r.tracker.Adjust(c.tracks(), c.setup(r.w, r.h))
	r.watch.Adjust(c.Config)
	return nil
}

var _ pipeline.Adjustable = (*Readout)(nil)
