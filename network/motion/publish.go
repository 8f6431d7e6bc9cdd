package motion

import (
	"math"
	"slices"

	"ganglion/pipeline"
)

// publish moves tracks through their states and reports them.
func (r *Readout) publish(dst []pipeline.Detection) []pipeline.Detection {
	for _, t := range r.retired {
		dst = append(dst, r.detection(t, pipeline.MotionEnd, r.end))
	}
	r.free = append(r.free, r.retired...)
	r.retired = r.retired[:0]
	for i := 0; i < len(r.tracks); i++ {
		t := r.tracks[i]
		if t.id == 0 && t.misses > 1 || t.misses > r.cfg.Track.Coast || r.gone(t) {
			if t.id != 0 {
				dst = append(dst, r.detection(t, pipeline.MotionEnd, r.end))
			}
			r.tracks = slices.Delete(r.tracks, i, i+1)
			r.free = append(r.free, t)
			i--
			continue
		}
		kind := pipeline.MotionUpdate
		switch {
		case t.id == 0 && t.hits < r.cfg.Track.Confirm:
			continue
		case t.id == 0:
			t.id = r.nextID
			r.nextID++
			kind = pipeline.MotionStart
		case t.misses > r.cfg.Track.Report || r.end-t.published < r.cfg.Update.Microseconds():
			continue
		}
		t.state = pipeline.Confirmed
		if t.misses > 0 {
			t.state = pipeline.Coasting
		}
		t.published = r.end
		dst = append(dst, r.detection(t, kind, r.end))
		dst = r.crossings(t, dst)
	}
	return dst
}

// gone says whether a track has left the sensor: its box has, or it touches
// the border, moves outward and has no support.
func (r *Readout) gone(t *track) bool {
	if t.cx+t.w/2 < 1 || t.cy+t.h/2 < 1 || t.cx-t.w/2 > float64(r.w)-1 || t.cy-t.h/2 > float64(r.h)-1 {
		return true
	}
	if t.misses == 0 {
		return false
	}
	left := func(c, half, v, size float64) bool {
		return c-half < 2 && v < -minSpeed || c+half > size-2 && v > minSpeed
	}
	return left(t.cx, t.w/2, t.vx, float64(r.w)) || left(t.cy, t.h/2, t.vy, float64(r.h))
}

// crossings reports the configured lines that the centroid has crossed.
func (r *Readout) crossings(t *track, dst []pipeline.Detection) []pipeline.Detection {
	for i, l := range r.cfg.Lines {
		side := int8(1)
		if (l.X1-l.X0)*(t.cy-l.Y0)-(l.Y1-l.Y0)*(t.cx-l.X0) < 0 {
			side = -1
		}
		if len(t.side) <= i {
			t.side = append(t.side, side)
			continue
		}
		// The foot of the centroid must lie on the segment.
		dx, dy := l.X1-l.X0, l.Y1-l.Y0
		foot := ((t.cx-l.X0)*dx + (t.cy-l.Y0)*dy) / (dx*dx + dy*dy)
		if side != t.side[i] && foot >= 0 && foot <= 1 {
			d := r.detection(t, pipeline.LineCross, r.end)
			d.Label = l.Name
			dst = append(dst, d)
		}
		t.side[i] = side
	}
	return dst
}

// minSpeed is the speed below which a direction means nothing, px/s.
const minSpeed = 5

func (r *Readout) detection(t *track, kind pipeline.Kind, at int64) pipeline.Detection {
	x0, y0 := max(t.cx-t.w/2, 0), max(t.cy-t.h/2, 0)
	x1, y1 := min(t.cx+t.w/2, float64(r.w)), min(t.cy+t.h/2, float64(r.h))
	sum := r.events.within(x0, y0, x1, y1)
	speed := math.Hypot(t.vx, t.vy)
	d := pipeline.Detection{
		Kind: kind, T: at, TFirst: t.born, TLast: t.last, EmitDelayUS: pipeline.NoDelay, TrackID: t.id,
		X0: float32(x0), Y0: float32(y0), X1: float32(x1), Y1: float32(y1),
		CX: float32(t.seen.cx), CY: float32(t.seen.cy), VX: float32(t.vx), VY: float32(t.vy),
		DirectionDeg: float32(math.NaN()), SpeedPxS: float32(speed), SpeedSource: pipeline.SpeedTrack,
		NSpikes: uint32(t.seen.n), NEvents: sum.n, AgeUS: at - t.born, Misses: uint16(min(t.misses, math.MaxUint16)), State: t.state,
		Confidence: float32(r.noise.confidence(t.seen.n, t.w*t.h, float64(r.memory)*1e-6)),
	}
	if sum.n > 0 {
		d.OnFraction = float32(sum.on) / float32(sum.n)
	}
	if t.flow {
		d.SpeedSource = pipeline.SpeedFlow
	}
	if speed >= minSpeed {
		deg := math.Atan2(t.vy, t.vx) * 180 / math.Pi
		d.DirectionDeg = float32(math.Mod(deg+360, 360))
	}
	return d
}
