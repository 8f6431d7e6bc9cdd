package motion

import (
	"fmt"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// ReadoutConfig configures the motion readout.
type ReadoutConfig struct {
	Period  time.Duration `key:"period" doc:"time between estimates" min:"1ms" max:"1s"`
	Memory  time.Duration `key:"memory" doc:"how long a coincidence spike supports an estimate" min:"1ms" max:"1s"`
	Update  time.Duration `key:"update" doc:"shortest time between two updates of a track; 0s publishes each period" min:"0s" max:"1h"`
	Cluster ClusterConfig `key:"cluster" doc:"how active cells join"`
	Track   TrackConfig   `key:"track" doc:"how clusters become tracks"`
	Lines   []Line        `key:"lines" doc:"lines whose crossing by a track is reported"`
}

// ClusterConfig says how cells and spikes join into clusters.
type ClusterConfig struct {
	Active    time.Duration `key:"active" doc:"how long a pooled spike keeps its cell active" min:"1ms" max:"1s"`
	Link      float64       `key:"link" doc:"largest distance between the spike centroids of linked cells" unit:"px" min:"1" max:"1000"`
	Angle     float64       `key:"angle" doc:"largest difference in direction of linked cells" unit:"rad" min:"0" max:"3.15"`
	Trim      float64       `key:"trim" doc:"share of the spikes beyond each side of the box" min:"0" max:"0.4"`
	MinSpikes int           `key:"min_spikes" doc:"fewest spikes of a cluster" min:"1"`
}

// TrackConfig says how tracks live.
type TrackConfig struct {
	Gate    float64       `key:"gate" doc:"margin around a track's predicted box in which it claims spikes" unit:"px" min:"0" max:"1000"`
	Confirm int           `key:"confirm" doc:"periods with support before a track is confirmed" min:"1" max:"1000"`
	Coast   int           `key:"coast" doc:"periods without support before a track ends" min:"0" max:"10000"`
	Report  int           `key:"report" doc:"periods without support during which a track is still published" min:"0" max:"10000"`
	Grow    float64       `key:"grow" doc:"gain of the size when it grows" min:"0" max:"1"`
	Shrink  float64       `key:"shrink" doc:"gain of the size when it shrinks" min:"0" max:"1"`
	Alpha   float64       `key:"alpha" doc:"gain of the position" min:"0" max:"1"`
	Beta    float64       `key:"beta" doc:"gain of the velocity from displacement" min:"0" max:"1"`
	Flow    float64       `key:"flow" doc:"gain of the velocity from flow" min:"0" max:"1"`
	Latency time.Duration `key:"latency" doc:"mean delay of a coincidence spike behind the edge; boxes are moved ahead by it" min:"0s" max:"100ms"`
}

// Line is a directed line from (x0, y0) to (x1, y1).
type Line struct {
	Name string  `key:"name" doc:"label of the detection" required:"true"`
	X0   float64 `key:"x0" unit:"px" doc:"start"`
	Y0   float64 `key:"y0" unit:"px" doc:"start"`
	X1   float64 `key:"x1" unit:"px" doc:"end"`
	Y1   float64 `key:"y1" unit:"px" doc:"end"`
}

// DefaultReadout is the default readout; docs/motion.md shows how it was tuned.
var DefaultReadout = ReadoutConfig{
	Period:  10 * time.Millisecond,
	Memory:  20 * time.Millisecond,
	Cluster: ClusterConfig{Active: 25 * time.Millisecond, Link: 12, Angle: .9, MinSpikes: 6, Trim: .02},
	Track: TrackConfig{
		Gate: 5, Confirm: 3, Coast: 12, Report: 2, Grow: .3, Shrink: .2, Alpha: .6, Beta: .15, Flow: .4, Latency: 2 * time.Millisecond,
	},
}

// Validate checks what the field tags cannot say.
func (c ReadoutConfig) Validate() error {
	if c.Period%time.Microsecond != 0 {
		return fmt.Errorf("period %v is not a whole number of µs", c.Period)
	}
	for _, l := range c.Lines {
		if l.X0 == l.X1 && l.Y0 == l.Y1 {
			return fmt.Errorf("line %q has no length", l.Name)
		}
	}
	return nil
}

// ReadoutComponent declares the motion readout.
var ReadoutComponent = component.Readout("motion", "tracks of moving objects from the motion network's spikes",
	DefaultReadout, func(c ReadoutConfig, info pipeline.StreamInfo, layers []pipeline.Layer) (pipeline.Readout, error) {
		return NewReadout(c, info, layers)
	})
