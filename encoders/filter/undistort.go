package filter

import (
	"errors"
	"fmt"
	"math"

	"ganglion/pipeline"
)

// undistort moves each event to where a pinhole without distortion and of the
// same intrinsics would see it, to the nearest pixel. What would be outside the
// sensor is dropped.
type undistort struct {
	width int
	to    []uint32 // by pixel: column and row of the place, or nowhere
}

// nowhere stands for a place outside the sensor.
const nowhere = math.MaxUint32

func newUndistort(c Config, s Size) (filter, Size, error) {
	cal, err := readCalibration(c.Calibration, c.Camera)
	if err != nil {
		return nil, s, err
	}
	if cal.Width != 0 && cal.Height != 0 && (cal.Width != s.Width || cal.Height != s.Height) {
		return nil, s, fmt.Errorf("calibration %s is of a sensor of %dx%d px, the recording of one of %dx%d", c.Calibration, cal.Width,
			cal.Height, s.Width, s.Height)
	}
	f := undistort{s.Width, make([]uint32, s.pixels())}
	for i := range f.to {
		x, y := cal.straighten(float64(i%s.Width), float64(i/s.Width))
		u, v := math.Round(x), math.Round(y)
		f.to[i] = nowhere
		if u >= 0 && v >= 0 && u < float64(s.Width) && v < float64(s.Height) { // NaN is nowhere
			f.to[i] = uint32(u) | uint32(v)<<16
		}
	}
	return f, s, nil
}

// straighten is where a pinhole without distortion sees what is seen at column u,
// row v. The distortion is inverted by fixed-point iteration, as OpenCV's
// undistortPoints does, but until it is settled; what does not settle is NaN.
func (c pinhole) straighten(u, v float64) (x, y float64) {
	const most, settled = 200, 1e-9
	xd, yd := (u-c.CX)/c.FX, (v-c.CY)/c.FY
	x, y = xd, yd
	for range most {
		// Products are rounded before they are added, also where they could be fused.
		xx, xy, yy := float64(x*x), float64(x*y), float64(y*y)
		r2 := xx + yy
		radial := 1 + float64(r2*(c.K1+float64(r2*(c.K2+float64(r2*c.K3)))))
		dx := float64(2*c.P1*xy) + float64(c.P2*(r2+2*xx))
		dy := float64(c.P1*(r2+2*yy)) + float64(2*c.P2*xy)
		nx, ny := (xd-dx)/radial, (yd-dy)/radial
		moved := math.Abs(nx-x) + math.Abs(ny-y)
		if x, y = nx, ny; moved < settled {
			return float64(c.FX*x) + c.CX, float64(c.FY*y) + c.CY
		}
	}
	return math.NaN(), math.NaN()
}

func (f undistort) Filter(events []pipeline.Event) []pipeline.Event {
	n := 0
	for _, e := range events {
		to := f.to[int(e.Y)*f.width+int(e.X)]
		if to == nowhere {
			continue
		}
		e.X, e.Y = uint16(to), uint16(to>>16)
		events[n] = e
		n++
	}
	return events[:n]
}

func checkUndistort(c Config) error {
	if c.Calibration == "" {
		return errors.New("calibration: names no file")
	}
	return nil
}
