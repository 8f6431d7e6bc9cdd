package picture

import (
	"errors"
	"fmt"
	"image"
	"math"

	"ganglion/pipeline"
)

// HeatMap shows where tracks have been: for how long boxes have covered each pixel.
type HeatMap struct {
	Width, Height int    // of the sensor, px; 0 for as far as boxes reach
	Title         string // as in [Config]
}

// longestStep bounds for how long a box stands for its object until the next one, µs.
const longestStep = 200_000

// cover is a box and for how long it counts, µs.
type cover struct {
	x0, y0, x1, y1 int
	us             int64
}

// Paint paints the map of the motion detections of a stream, in the order of time.
func (m HeatMap) Paint(ds []pipeline.Detection) (*image.RGBA, error) {
	covers := coversOf(ds)
	w, h := m.Width, m.Height
	for _, c := range covers {
		if m.Width == 0 || m.Height == 0 {
			w, h = max(w, c.x1), max(h, c.y1)
		}
	}
	if len(covers) == 0 {
		return nil, errors.New("no track is in it")
	}
	scale := Config{Width: w, Height: h}.scale()
	if w < 1 || h < 1 || w > 1<<16 || h > 1<<16 || w*h*scale*scale > maxPixels {
		return nil, fmt.Errorf("a map of %dx%d px cannot be painted", w, h)
	}
	text, err := newTypeface(12, false)
	if err != nil {
		return nil, err
	}
	seconds, most := sum(covers, w, h)
	dst, sensor, err := newPaper(m.Title, w, h, scale)
	if err != nil {
		return nil, err
	}
	for i, s := range seconds {
		tint := ground
		if s > 0 { // the root makes the way of one object visible beside a crowded place
			tint = ageColor(float32(1 - math.Sqrt(s/most)))
		}
		x, y := i%w*scale, i/w*scale
		fillRect(sensor, image.Rect(x, y, x+scale, y+scale), tint)
	}
	paintStrip(captionOf(dst), text, fmt.Sprintf("seconds in a box, brightest %.3g s", most))
	return dst, nil
}

// coversOf takes each box for the time to the next one of its track.
func coversOf(ds []pipeline.Detection) (covers []cover) {
	last := map[uint64]int{}
	for i := range ds {
		d := &ds[i]
		switch d.Kind {
		case pipeline.MotionStart, pipeline.MotionUpdate, pipeline.MotionEnd:
		default:
			continue
		}
		if k, ok := last[d.TrackID]; ok {
			covers[k].us = min(max(d.T-covers[k].us, 0), longestStep)
			delete(last, d.TrackID)
		}
		if d.Kind == pipeline.MotionEnd || !usable(d.X0, d.Y0, d.X1, d.Y1) {
			continue
		}
		last[d.TrackID] = len(covers)
		x0, y0 := max(int(d.X0), 0), max(int(d.Y0), 0) // what lies before the sensor covers nothing
		x1, y1 := max(int(math.Ceil(float64(d.X1))), x0), max(int(math.Ceil(float64(d.Y1))), y0)
		covers = append(covers, cover{x0, y0, x1, y1, d.T})
	}
	for _, k := range last {
		covers[k].us = 0
	}
	return covers
}

// sum adds covers up by pixel, s, and is the greatest of the sums.
func sum(covers []cover, w, h int) (seconds []float64, most float64) {
	edges := make([]int64, (w+1)*(h+1)) // differences along both axes
	for _, c := range covers {
		x0, x1, y0, y1 := min(c.x0, w), min(c.x1, w), min(c.y0, h), min(c.y1, h)
		edges[y0*(w+1)+x0] += c.us
		edges[y0*(w+1)+x1] -= c.us
		edges[y1*(w+1)+x0] -= c.us
		edges[y1*(w+1)+x1] += c.us
	}
	seconds = make([]float64, w*h)
	above := make([]int64, w)
	for y := range h {
		row := int64(0)
		for x := range w {
			row += edges[y*(w+1)+x]
			above[x] += row
			s := float64(above[x]) / 1e6
			seconds[y*w+x] = s
			most = max(most, s)
		}
	}
	return seconds, most
}
