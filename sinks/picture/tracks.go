package picture

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"

	"ganglion/pipeline"
)

const (
	// trackHold is how long a track is shown after its last detection, unless
	// its end was detected, µs.
	trackHold = 60_000
	// trackTrail is how much of a track's way is shown behind it, µs.
	trackTrail = 500_000
	// arrowReach is how far ahead in time an arrow points, s.
	arrowReach = 0.15
	// coordinateLimit is the largest coordinate that is taken seriously, px.
	coordinateLimit = 1 << 16
)

// Tracks are the motion detections of a stream, ready to be painted in the
// order of time.
type Tracks struct {
	coming []pipeline.Detection // in order of time
	live   []*track             // in order of id
	text   *typeface
	shown  int
}

// track is one object on its way.
type track struct {
	last  pipeline.Detection
	trail []step
}

// step is where a track's centre was at a time, µs.
type step struct {
	t  int64
	at point // sensor px
}

// NewTracks takes the motion detections of a stream; others, and those without
// a usable box, are left out.
func NewTracks(detections []pipeline.Detection) (*Tracks, error) {
	text, err := newTypeface(12, true)
	if err != nil {
		return nil, err
	}
	ts := &Tracks{text: text}
	for _, d := range detections {
		switch d.Kind {
		case pipeline.MotionStart, pipeline.MotionUpdate:
			if !usable(d.X0, d.Y0, d.X1, d.Y1) {
				continue
			}
		case pipeline.MotionEnd:
		default:
			continue
		}
		ts.coming = append(ts.coming, d)
	}
	slices.SortStableFunc(ts.coming, func(a, b pipeline.Detection) int { return cmp.Compare(a.T, b.T) })
	return ts, nil
}

// usable reports whether numbers can be coordinates.
func usable(v ...float32) bool {
	for _, f := range v {
		if !(f >= -coordinateLimit && f <= coordinateLimit) { // NaN is not usable
			return false
		}
	}
	return true
}

// Shown is how many boxes were painted, over all frames.
func (ts *Tracks) Shown() int { return ts.shown }

// paint paints the tracks that live at time t, which may not go back.
func (ts *Tracks) paint(dst *image.RGBA, t int64, scale int) {
	ts.advance(t)
	for _, tr := range ts.live {
		tr.paint(dst, t, float64(scale), ts.text)
		ts.shown++
	}
}

// advance takes the detections up to time t.
func (ts *Tracks) advance(t int64) {
	for len(ts.coming) > 0 && ts.coming[0].T <= t {
		d := ts.coming[0]
		ts.coming = ts.coming[1:]
		i, found := slices.BinarySearchFunc(ts.live, d.TrackID, func(tr *track, id uint64) int { return cmp.Compare(tr.last.TrackID, id) })
		switch {
		case d.Kind == pipeline.MotionEnd && found:
			ts.live = slices.Delete(ts.live, i, i+1)
			continue
		case d.Kind == pipeline.MotionEnd:
			continue
		case !found:
			ts.live = slices.Insert(ts.live, i, &track{})
		}
		ts.live[i].update(d)
	}
	ts.live = slices.DeleteFunc(ts.live, func(tr *track) bool { return t-tr.last.T > trackHold })
}

func (tr *track) update(d pipeline.Detection) {
	tr.last = d
	tr.trail = append(tr.trail, step{d.T, tr.center()})
	old := 0
	for d.T-tr.trail[old].t > trackTrail {
		old++
	}
	tr.trail = tr.trail[old:]
}

// center is the middle of the box, in sensor px: it moves more steadily than
// the centroid of the spikes.
func (tr *track) center() point {
	d := &tr.last
	return point{float64(d.X0+d.X1) / 2, float64(d.Y0+d.Y1) / 2}
}

// paint paints trail, box, arrow and label.
func (tr *track) paint(dst *image.RGBA, t int64, scale float64, text *typeface) {
	d := &tr.last
	tint := trackTints[d.TrackID%uint64(len(trackTints))]
	width := min(max(scale*0.75, 1.5), 2.5)

	var trail shape
	for i := 1; i < len(tr.trail); i++ {
		trail.line(tr.trail[i-1].at.times(scale), tr.trail[i].at.times(scale), 0.8*width)
	}
	trail.fill(dst, mix(ground, tint, 0.6))

	var box shape
	a, b := point{float64(d.X0), float64(d.Y0)}.times(scale), point{float64(d.X1), float64(d.Y1)}.times(scale)
	edge := corners(a, b)
	for i, from := range edge {
		to := edge[(i+1)%4]
		if d.State == pipeline.Coasting {
			box.dashed(from, to, width, 3*width)
		} else {
			box.line(from, to, width)
		}
	}
	center := tr.center().times(scale)
	if v := (point{float64(d.VX), float64(d.VY)}); usable(d.VX, d.VY) {
		if reach := v.times(arrowReach * scale); reach.length() > 6*width {
			box.arrow(center, center.plus(reach), 1.2*width)
		}
	}
	box.fill(dst, tint)
	text.tag(dst, label(d), a, b, tint)
}

// label is the track's number and, where known, its speed.
func label(d *pipeline.Detection) string {
	s := fmt.Sprintf("#%d", d.TrackID)
	if speed := float64(d.SpeedPxS); !math.IsNaN(speed) && !math.IsInf(speed, 0) {
		s += fmt.Sprintf("  %.0f px/s", speed)
	}
	return s
}
