package score

import (
	"cmp"
	"slices"

	"ganglion/pipeline"
)

// The rules of scoring.
const (
	periodUS  = 10_000 // time between two instants, µs
	minIoU    = .5     // overlap of a right box
	minEvents = 10     // own events in the last 20 ms that make an object count
)

// instant is what there is at one time.
type instant struct {
	t       int64
	objects []pipeline.Truth // those that count
	ignored []pipeline.Truth
	boxes   []pipeline.Detection
}

// instants sorts truth and boxes by time. Each instant's entries are in order
// of id, so that no result depends on the order of the input.
func instants(truth []pipeline.Truth, det []pipeline.Detection) []instant {
	at := map[int64]*instant{}
	get := func(t int64) *instant {
		if at[t] == nil {
			at[t] = &instant{t: t}
		}
		return at[t]
	}
	phase := int64(0)
	for i, g := range truth {
		if i == 0 {
			phase = modulo(g.T)
		}
		in := get(g.T)
		if g.Events20ms >= minEvents {
			in.objects = append(in.objects, g)
		} else {
			in.ignored = append(in.ignored, g)
		}
	}
	for _, d := range det {
		if isBox(&d) && modulo(d.T) == phase {
			get(d.T).addBox(d)
		}
	}
	list := make([]instant, 0, len(at))
	for _, in := range at {
		slices.SortStableFunc(in.objects, func(a, b pipeline.Truth) int { return cmp.Compare(a.ID, b.ID) })
		slices.SortFunc(in.boxes, func(a, b pipeline.Detection) int { return cmp.Compare(a.TrackID, b.TrackID) })
		list = append(list, *in)
	}
	slices.SortFunc(list, func(a, b instant) int { return cmp.Compare(a.t, b.t) })
	return list
}

func modulo(t int64) int64 { return (t%periodUS + periodUS) % periodUS }

func isBox(d *pipeline.Detection) bool {
	return (d.Kind == pipeline.MotionStart || d.Kind == pipeline.MotionUpdate) &&
		(d.State == pipeline.Confirmed || d.State == pipeline.Coasting)
}

// addBox adds a box; a track has one at an instant, the last.
func (in *instant) addBox(d pipeline.Detection) {
	for i := range in.boxes {
		if in.boxes[i].TrackID == d.TrackID {
			in.boxes[i] = d
			return
		}
	}
	in.boxes = append(in.boxes, d)
}

// iou is the intersection over union of a true and a found box.
func iou(g *pipeline.Truth, d *pipeline.Detection) float64 {
	x0, y0, x1, y1 := float64(d.X0), float64(d.Y0), float64(d.X1), float64(d.Y1)
	w, h := min(g.X1, x1)-max(g.X0, x0), min(g.Y1, y1)-max(g.Y0, y0)
	if !(w > 0 && h > 0) { // also for NaN
		return 0
	}
	both := float64(w * h)
	return both / (float64((g.X1-g.X0)*(g.Y1-g.Y0)) + float64((x1-x0)*(y1-y0)) - both)
}

// ignores reports whether a box is on an ignored object.
func (in *instant) ignores(d *pipeline.Detection) bool {
	return slices.ContainsFunc(in.ignored, func(g pipeline.Truth) bool { return iou(&g, d) >= minIoU })
}
