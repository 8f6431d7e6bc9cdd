package zones

import (
	"math"

	"ganglion/network/motion/track"
	"ganglion/pipeline"
)

// put puts detections of the layer on the sensor and on the plane.
func (w *Watch) put(ds []pipeline.Detection) {
	if w.view.Same() && w.plane == nil {
		return
	}
	for i := range ds {
		w.putOne(&ds[i])
	}
}

func (w *Watch) putOne(d *pipeline.Detection) {
	if !w.view.Same() {
		w.toSensor(d)
	}
	w.measure(d)
}

// toSensor maps what a tracker has measured in px of the layer.
func (w *Watch) toSensor(d *pipeline.Detection) {
	b := w.box(track.Box{Min: track.Vec{X: float64(d.X0), Y: float64(d.Y0)}, Max: track.Vec{X: float64(d.X1), Y: float64(d.Y1)}})
	cx, cy := w.view.At(float64(d.CX), float64(d.CY))
	setBox(d, b)
	d.CX, d.CY = float32(cx), float32(cy)
	if d.VX != d.VX { // unknown
		return
	}
	var v track.Vec
	v.X, v.Y = w.view.Way(float64(d.VX), float64(d.VY))
	d.VX, d.VY, d.SpeedPxS = float32(v.X), float32(v.Y), float32(v.Norm())
	if d.DirectionDeg == d.DirectionDeg {
		d.DirectionDeg = v.Degrees()
	}
}

// measure adds metres.
func (w *Watch) measure(d *pipeline.Detection) {
	if w.plane == nil {
		return
	}
	d.Plane = w.cfg.Plane.name()
	nan := float32(math.NaN())
	d.XM, d.YM, d.VXMS, d.VYMS, d.SpeedMS = nan, nan, nan, nan, nan
	b := track.Box{Min: track.Vec{X: float64(d.X0), Y: float64(d.Y0)}, Max: track.Vec{X: float64(d.X1), Y: float64(d.Y1)}}
	at, v, ok := w.plane.at(w.anchor(b), track.Vec{X: float64(d.VX), Y: float64(d.VY)})
	if !ok {
		return
	}
	d.XM, d.YM = float32(at.X), float32(at.Y)
	d.VXMS, d.VYMS, d.SpeedMS = float32(v.X), float32(v.Y), float32(v.Norm())
}
