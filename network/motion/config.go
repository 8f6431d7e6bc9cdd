package motion

import (
	"errors"
	"fmt"
	"math"
	"time"

	"ganglion/network/motion/track"
	"ganglion/network/motion/zones"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// ReadoutConfig configures the motion readout.
type ReadoutConfig struct {
	Preset      string  `key:"preset" doc:"Defaults for a use; keys that are written win." enum:",people,traffic,indoor,outdoor,belt,insects,vibration"`
	Sensitivity float64 `key:"sensitivity" live:"true" doc:"How little evidence is enough: 2 halves what founds and keeps a track, .5 doubles it." min:"0.1" max:"10"`

	Period  time.Duration `key:"period" doc:"Time between estimates." min:"1ms" max:"1s"`
	Memory  time.Duration `key:"memory" doc:"How long a coincidence spike supports an estimate." min:"1ms" max:"1s"`
	Latency time.Duration `key:"latency" doc:"Mean delay of a coincidence spike behind the edge; boxes are moved ahead by it." min:"0s" max:"100ms"`
	Update  time.Duration `key:"update" live:"true" doc:"Shortest time between two updates of a track; 0s publishes each period." min:"0s" max:"1h"`
	Slow    SlowSupport   `key:"slow" doc:"Where slow spikes count."`
	Cluster ClusterConfig `key:"cluster" doc:"How spikes become tracks."`
	Track   track.Config  `key:"track" doc:"How tracks live."`
	Camera  CameraConfig  `key:"camera" doc:"The camera's own motion."`

	zones.Config `key:",squash"`
}

// ClusterConfig describes how spikes join a track or found one.
type ClusterConfig struct {
	Active    time.Duration `key:"active" doc:"How long a pooled spike keeps its cell active." min:"1ms" max:"1s"`
	Gate      float64       `key:"gate" live:"true" doc:"Margin around a track's predicted box in which it claims spikes." unit:"px" min:"0" max:"1000"`
	Link      float64       `key:"link" doc:"Largest distance between the spike centroids of linked cells; less on a sensor below 170 px." unit:"px" min:"1" max:"1000"`
	Trim      float64       `key:"trim" live:"true" doc:"Share of the spikes beyond each side of the box; it falls with the size from some 24 px on." min:"0" max:"0.4"`
	MinSpikes int           `key:"min_spikes" live:"true" doc:"Fewest spikes of a cluster." min:"1"`
}

// SlowSupport says where the slow layer's spikes stand in for coincidences.
type SlowSupport struct {
	Memory time.Duration `key:"memory" doc:"How long a slow spike supports an estimate." min:"1ms" max:"10s"`
	Link   float64       `key:"link" doc:"Largest distance between the spike centroids of linked cells." unit:"px" min:"1" max:"1000"`
	Still  time.Duration `key:"still" doc:"How long no coincidences may have been around it." min:"0s" max:"10s"`
}

// NewDefaultReadoutConfig is the default readout; docs/motion-tried.md shows how it was tuned.
func NewDefaultReadoutConfig() ReadoutConfig {
	return ReadoutConfig{
		Sensitivity: 1,

		Period:  10 * time.Millisecond,
		Memory:  20 * time.Millisecond,
		Latency: 2 * time.Millisecond,
		Slow:    SlowSupport{Memory: 100 * time.Millisecond, Still: 60 * time.Millisecond, Link: 8},
		Cluster: ClusterConfig{Active: 25 * time.Millisecond, Gate: 5, Link: 12, MinSpikes: 6, Trim: .03},
		Track:   track.NewDefaultConfig(),
		Camera:  CameraConfig{Axes: "x y z", Update: 50 * time.Millisecond},
		Config:  zones.NewDefaultConfig(),
	}
}

// Validate checks what the field tags cannot say.
func (c ReadoutConfig) Validate() error {
	return errors.Join(c.setup(0, 0).Validate(), c.Track.Wanted.Validate(), c.Camera.Validate(), c.Config.Validate())
}

// tracks is how tracks live at the sensitivity.
func (c ReadoutConfig) tracks() track.Config {
	t := c.Track
	t.Evidence /= c.Sensitivity
	return t
}

// minSpikes is the fewest spikes of a cluster at the sensitivity.
func (c ReadoutConfig) minSpikes() int {
	return max(leastSpikes, int(math.Round(float64(c.Cluster.MinSpikes)/c.Sensitivity)))
}

// leastSpikes is how many spikes make a cluster at any sensitivity.
const leastSpikes = 2

func (c ReadoutConfig) setup(width, height int) track.Setup {
	return track.Setup{Period: c.Period, Update: c.Update, Flow: true, Width: width, Height: height}
}

// ReadoutComponent declares the motion readout.
func ReadoutComponent() component.Spec {
	return component.Readout("motion", "tracks of moving objects from the motion network's spikes",
		NewDefaultReadoutConfig(), func(c ReadoutConfig, info pipeline.StreamInfo, layers []pipeline.Layer) (pipeline.Readout, error) {
			r, err := NewReadout(c, layers)
			if err != nil {
				return nil, err
			}
			r.sensor = [2]int{info.Width, info.Height}
			return r, nil
		})
}

// layers are the indices of the motion network's layers in an activity, slow
// -1 where there is none.
type layers struct{ coincidence, pooled, direction, slow int }

// find returns the layers and the shape of the coincidence layer, [2, H, W].
func find(info []pipeline.Layer) (layers, pipeline.Shape, error) {
	index := map[string]int{}
	for i, l := range info {
		index[l.Name] = i + 1
	}
	l := layers{index[layerCoincidence] - 1, index[layerPooled] - 1, index[layerDirection] - 1, index[layerSlow] - 1}
	if min(l.coincidence, l.pooled, l.direction) < 0 || len(info[l.coincidence].Shape) != 3 {
		return l, nil, fmt.Errorf("the motion readout needs the layers %s, %s and %s of the motion network",
			layerCoincidence, layerPooled, layerDirection)
	}
	return l, info[l.coincidence].Shape, nil
}
