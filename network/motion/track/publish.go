package track

import (
	"math"
	"slices"

	"ganglion/internal/portable"
	"ganglion/pipeline"
)

// Publish moves the tracks through their states, appends what there is to
// report at time end, µs, and ends the period.
func (k *Tracker) Publish(end int64, dst []pipeline.Detection) []pipeline.Detection {
	for _, t := range k.retired {
		dst = append(dst, k.Describe(t, pipeline.MotionEnd, end))
	}
	k.free = append(k.free, k.retired...)
	k.retired = k.retired[:0]
	kept := k.Tracks[:0]
	for _, t := range k.Tracks {
		if k.ended(t) {
			if t.ID != 0 {
				dst = append(dst, k.Describe(t, pipeline.MotionEnd, end))
				k.lose(t, end)
			}
			k.free = append(k.free, t)
			continue
		}
		kept = append(kept, t)
		dst = k.report(t, end, dst)
	}
	clear(k.Tracks[len(kept):])
	k.Tracks = kept
	k.support.turn()
	return dst
}

// Flush ends all tracks at the end of the stream, µs.
func (k *Tracker) Flush(end int64, dst []pipeline.Detection) []pipeline.Detection {
	for _, t := range k.Tracks {
		if t.ID != 0 {
			dst = append(dst, k.Describe(t, pipeline.MotionEnd, end))
		}
	}
	k.free = append(k.free, k.Tracks...)
	k.Tracks = slices.Delete(k.Tracks, 0, len(k.Tracks))
	return dst
}

// report confirms a track that is due and appends its update.
func (k *Tracker) report(t *Track, end int64, dst []pipeline.Detection) []pipeline.Detection {
	kind := pipeline.MotionUpdate
	switch {
	case t.ID == 0 && !k.due(t):
		return dst
	case t.ID == 0:
		k.recall(t, end)
		kind = pipeline.MotionStart
	case t.Misses > k.cfg.Report || end-t.published < k.setup.Update.Microseconds():
		return dst
	}
	t.State = pipeline.Confirmed
	if t.Misses > 0 {
		t.State = pipeline.Coasting
	}
	t.published = end
	return append(dst, k.Describe(t, kind, end))
}

// due reports whether a tentative track is to be confirmed, by evidence against the
// noise as it is known now; what comes over the border, whence things come, a period
// sooner. Beside a larger confirmed track it waits until it has gone its own way,
// since it may still turn out to be a part of that one or its trail; "beside" is
// wider for a track whose flow has never been measured.
func (k *Tracker) due(t *Track) bool {
	need := max(k.cfg.Confirm, k.demand)
	if t.coming {
		need--
	}
	if t.hits < need || t.Misses > 0 || t.Seen.Evidence < k.cfg.Evidence {
		return false
	}
	if t.against.carried() || k.streak(t) || !k.wanted(t) {
		return false
	}
	for _, o := range k.Tracks {
		beside := k.reach(t, o)
		if k.setup.Flow && t.flows == 0 {
			beside *= 3
		}
		if o.ID == 0 || o.Seen.N <= t.Seen.N || strangers(o, t) {
			continue
		}
		if o.Box().Gap(t.Box()) <= beside && k.stray(o, t) < float64(limbStray*math.Sqrt(o.Size.X*o.Size.Y)) {
			return false
		}
	}
	return true
}

// wanted reports whether a track looks like what is to be confirmed.
func (k *Tracker) wanted(t *Track) bool {
	w := &k.cfg.Wanted
	long, short, speed := max(t.Size.X, t.Size.Y), min(t.Size.X, t.Size.Y), t.Velocity.Norm()
	switch {
	case long < w.MinSize || w.MaxSize > 0 && long > w.MaxSize:
		return false
	case w.MaxAspect > 0 && long > float64(w.MaxAspect*short):
		return false
	case w.MinSpeed > 0 && (speed < w.MinSpeed || !k.knows(t)):
		return false
	}
	return w.MaxSpeed == 0 || speed <= w.MaxSpeed
}

// ended reports whether a track has been without support for too long, or has
// left the sensor: its box has, or it touches the border, moves outward and
// has no support.
func (k *Tracker) ended(t *Track) bool {
	if t.ID == 0 && t.Misses > 1 || t.Misses > k.cfg.Coast || t.against.carried() {
		return true
	}
	b, w, h := t.Box(), float64(k.setup.Width), float64(k.setup.Height)
	if b.Max.X < 1 || b.Max.Y < 1 || b.Min.X > w-1 || b.Min.Y > h-1 {
		return true
	}
	return t.Misses > 0 && (leaves(b.Min.X, b.Max.X, t.Velocity.X, w) || leaves(b.Min.Y, b.Max.Y, t.Velocity.Y, h))
}

func leaves(lo, hi, v, size float64) bool {
	return lo < 2 && v < -minSpeed || hi > size-2 && v > minSpeed
}

// Describe is a detection of a track at a time, µs.
func (k *Tracker) Describe(t *Track, kind pipeline.Kind, at int64) pipeline.Detection {
	b := t.Box()
	b.Min = Vec{max(b.Min.X, 0), max(b.Min.Y, 0)}
	b.Max = Vec{min(b.Max.X, float64(k.setup.Width)), min(b.Max.Y, float64(k.setup.Height))}
	sum := k.support.within(b)
	speed := t.Velocity.Norm()
	d := pipeline.Detection{
		Kind: kind, T: at, TFirst: t.born, TLast: t.Seen.Last, EmitDelayUS: pipeline.NoDelay, TrackID: t.ID,
		X0: float32(b.Min.X), Y0: float32(b.Min.Y), X1: float32(b.Max.X), Y1: float32(b.Max.Y),
		CX: float32(t.Seen.Centroid.X), CY: float32(t.Seen.Centroid.Y),
		VX: float32(t.Velocity.X), VY: float32(t.Velocity.Y), SpeedPxS: float32(speed),
		DirectionDeg: direction(t.Velocity, speed), SpeedSource: pipeline.SpeedTrack,
		NSpikes: uint32(t.Seen.N), NEvents: sum.n, AgeUS: at - t.born,
		Misses: uint16(min(t.Misses, math.MaxUint16)), State: t.State, Confidence: float32(confidence(t.Seen.Evidence)),
	}
	if !k.knows(t) {
		nan := float32(math.NaN())
		d.VX, d.VY, d.SpeedPxS, d.DirectionDeg = nan, nan, nan, nan
	}
	if sum.n > 0 {
		d.OnFraction = float32(sum.on) / float32(sum.n)
	}
	if t.Seen.Flow {
		d.SpeedSource = pipeline.SpeedFlow
	}
	return d
}

// knows reports whether a track's velocity has been measured.
func (k *Tracker) knows(t *Track) bool {
	return t.way.known > 0 || !t.way.slow() && (t.flows > 0 || !k.setup.Flow)
}

// direction is atan2(vy, vx) in [0, 360) degrees, NaN for what hardly moves.
func direction(v Vec, speed float64) float32 {
	if speed < minSpeed {
		return float32(math.NaN())
	}
	return v.Degrees()
}

// Degrees is the direction of a vector in [0, 360): 0 is right, 90 down.
func (v Vec) Degrees() float32 {
	deg := float32(portable.Atan2(v.Y, v.X) * (180 / math.Pi))
	if deg < 0 {
		deg += 360
	}
	if deg >= 360 { // a tiny negative angle rounds up
		return 0
	}
	return deg
}
