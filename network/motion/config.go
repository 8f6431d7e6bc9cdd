package motion

import (
	"fmt"
	"time"

	"ganglion/network/track"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// ReadoutConfig configures the motion readout.
type ReadoutConfig struct {
	Period  time.Duration `key:"period" doc:"time between estimates" min:"1ms" max:"1s"`
	Memory  time.Duration `key:"memory" doc:"how long a coincidence spike supports an estimate" min:"1ms" max:"1s"`
	Latency time.Duration `key:"latency" doc:"mean delay of a coincidence spike behind the edge; boxes are moved ahead by it" min:"0s" max:"100ms"`
	Update  time.Duration `key:"update" doc:"shortest time between two updates of a track; 0s publishes each period" min:"0s" max:"1h"`
	Most    int           `key:"most_spikes" doc:"most spikes of a period; what comes beyond is counted and left out" min:"100" max:"10000000"`
	Cluster ClusterConfig `key:"cluster" doc:"how spikes become tracks"`
	Track   track.Config  `key:"track" doc:"how tracks live"`
	Lines   []track.Line  `key:"lines" doc:"lines whose crossing by a track is reported"`
}

// ClusterConfig says how spikes join a track or found one.
type ClusterConfig struct {
	Active    time.Duration `key:"active" doc:"how long a pooled spike keeps its cell active" min:"1ms" max:"1s"`
	Gate      float64       `key:"gate" doc:"margin around a track's predicted box in which it claims spikes" unit:"px" min:"0" max:"1000"`
	Link      float64       `key:"link" doc:"largest distance between the spike centroids of linked cells" unit:"px" min:"1" max:"1000"`
	Angle     float64       `key:"angle" doc:"largest difference in direction of linked cells" unit:"rad" min:"0" max:"3.15"`
	Trim      float64       `key:"trim" doc:"share of the spikes beyond each side of the box" min:"0" max:"0.4"`
	MinSpikes int           `key:"min_spikes" doc:"fewest spikes of a cluster" min:"1"`
}

// DefaultReadout is the default readout; docs/motion.md shows how it was tuned.
var DefaultReadout = ReadoutConfig{
	Period:  10 * time.Millisecond,
	Memory:  20 * time.Millisecond,
	Latency: 2 * time.Millisecond,
	Most:    1 << 17,
	Cluster: ClusterConfig{Active: 25 * time.Millisecond, Gate: 5, Link: 12, Angle: .9, MinSpikes: 6, Trim: .03},
	Track:   track.Default,
}

// Validate checks what the field tags cannot say.
func (c ReadoutConfig) Validate() error {
	return c.setup(0, 0).Validate()
}

func (c ReadoutConfig) setup(width, height int) track.Setup {
	return track.Setup{Period: c.Period, Update: c.Update, Lines: c.Lines, Width: width, Height: height}
}

// ReadoutComponent declares the motion readout.
var ReadoutComponent = component.Readout("motion", "tracks of moving objects from the motion network's spikes",
	DefaultReadout, func(c ReadoutConfig, _ pipeline.StreamInfo, layers []pipeline.Layer) (pipeline.Readout, error) {
		return NewReadout(c, layers)
	})

// find returns the indices of the motion network's layers.
func find(layers []pipeline.Layer) (coincidence, pooled, direction int, err error) {
	index := map[string]int{}
	for i, l := range layers {
		index[l.Name] = i + 1
	}
	coincidence, pooled, direction = index[LayerCoincidence]-1, index[LayerPooled]-1, index[LayerDirection]-1
	if min(coincidence, pooled, direction) < 0 || len(layers[coincidence].Shape) != 3 {
		return 0, 0, 0, fmt.Errorf("the motion readout needs the layers %s, %s and %s of the motion network",
			LayerCoincidence, LayerPooled, LayerDirection)
	}
	return coincidence, pooled, direction, nil
}
