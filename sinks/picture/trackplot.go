package picture

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"

	"ganglion/pipeline"
)

// mostTracks is how many tracks a chart shows: those that last longest.
const mostTracks = 24

// PlotTracks shows tracks over time: where they are, and how fast.
func PlotTracks(title string, ds []pipeline.Detection) (*image.RGBA, error) {
	of := map[uint64][]*pipeline.Detection{}
	var ids []uint64
	for i := range ds {
		if d := &ds[i]; d.Kind == pipeline.MotionStart || d.Kind == pipeline.MotionUpdate {
			if of[d.TrackID] == nil {
				ids = append(ids, d.TrackID)
			}
			of[d.TrackID] = append(of[d.TrackID], d)
		}
	}
	if len(ids) == 0 {
		return nil, errors.New("no track is in it")
	}
	lasts := func(id uint64) int64 { return of[id][len(of[id])-1].T - of[id][0].T }
	slices.SortStableFunc(ids, func(a, b uint64) int { return cmp.Compare(lasts(b), lasts(a)) })
	note := fmt.Sprintf("%d tracks", len(ids))
	if len(ids) > mostTracks {
		note = fmt.Sprintf("the %d longest of %s", mostTracks, note)
		ids = ids[:mostTracks]
	}
	slices.Sort(ids)
	var times []int64
	for _, id := range ids {
		for _, d := range of[id] {
			times = append(times, d.T)
		}
	}
	slices.Sort(times)
	times = slices.Compact(times)
	c := &Chart{Title: title, Note: note, From: times[0], To: times[len(times)-1] + 1}
	for _, p := range []struct {
		name string
		of   func(*pipeline.Detection) float32
	}{
		{"column, px", func(d *pipeline.Detection) float32 { return (d.X0 + d.X1) / 2 }},
		{"row, px", func(d *pipeline.Detection) float32 { return (d.Y0 + d.Y1) / 2 }},
		{"speed, px/s", func(d *pipeline.Detection) float32 { return d.SpeedPxS }},
	} {
		lines := &Lines{Name: p.name, Times: times}
		for _, id := range ids {
			lines.Curves = append(lines.Curves, Line{Name: fmt.Sprintf("#%d", id), Values: valuesAt(times, of[id], p.of)})
		}
		c.Panels = append(c.Panels, lines)
	}
	return c.Paint()
}

// valuesAt is a value of a track at each time; between its detections the last one, and
// nothing before and behind them.
func valuesAt(times []int64, ds []*pipeline.Detection, of func(*pipeline.Detection) float32) []float32 {
	values := make([]float32, len(times))
	k := -1
	for i, t := range times {
		for k+1 < len(ds) && ds[k+1].T <= t {
			k++
		}
		if values[i] = float32(math.NaN()); k >= 0 && t <= ds[len(ds)-1].T {
			values[i] = of(ds[k])
		}
	}
	return values
}
