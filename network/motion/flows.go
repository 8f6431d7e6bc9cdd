package motion

import (
	"ganglion/network/motion/track"
	"ganglion/pipeline"
)

// Flows tells the optical flow that the direction layer has measured.
type Flows struct{ r Readout }

// NewFlows is of the layers of the motion network.
func NewFlows(info []pipeline.Layer) (*Flows, error) {
	l, shape, err := find(info)
	if err != nil {
		return nil, err
	}
	return &Flows{Readout{layers: l, plane: newPlane(shape[2], shape[1])}}, nil
}

// Size is that of the layer, px.
func (f *Flows) Size() (width, height int) { return f.r.w, f.r.h }

// Each visits the coincidence spikes of an activity that have a flow, in order of
// time: time, µs, pixel and polarity, and the velocity along the edge's normal, px/s.
func (f *Flows) Each(a *pipeline.Activity, visit func(t int64, x, y int, on bool, v track.Vec)) {
	in := intake{Readout: &f.r, a: a}
	s := &a.Layers[f.r.layers.coincidence].Spikes
	for i, t := range s.T {
		for _, id := range s.Run(i) {
			point := spike{slowness: in.slowness(t, id)}
			if n, speed, known := point.normal(); known {
				x, y, on := in.pixel(id)
				visit(t, x, y, on, n.Times(speed))
			}
		}
	}
}
