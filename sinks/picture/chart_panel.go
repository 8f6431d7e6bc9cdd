package picture

import (
	"image"
	"image/color"
)

// Heat is a panel of values over time and frequency, such as a cochleagram.
type Heat struct {
	Name   string
	Hertz  []float64   // of each row, ascending; nil numbers the rows
	Times  []int64     // when each frame of Values ends, ascending, µs
	Period int64       // how long a frame lasts, µs
	Values [][]float32 // in [0, 1], by frame and row
}

// heatHeight is about the height of a panel of values, px.
const heatHeight = 180

func (h *Heat) name() string  { return h.Name }
func (h *Heat) ticks() []tick { return h.rows().ticks() }

func (h *Heat) rows() scale {
	if len(h.Values) == 0 {
		return scale{n: max(1, len(h.Hertz)), hertz: h.Hertz}
	}
	return scale{n: len(h.Values[0]), hertz: h.Hertz}
}

func (h *Heat) height() int { return cellHeight(h.rows().n, heatHeight) * h.rows().n }

func (h *Heat) paint(dst *image.RGBA, _ *typeface, area image.Rectangle, from, to int64) {
	n := h.rows().n
	cell := area.Dy() / n
	for i, t := range h.Times {
		x0, x1 := place(t-h.Period, from, to, area), place(t, from, to, area)
		for row, v := range h.Values[i] {
			y := area.Max.Y - (row+1)*cell
			r := image.Rect(x0, y, max(x1, x0+1), y+cell).Intersect(area)
			fillRect(dst, r, heatColor(v))
		}
	}
}

// heatColor goes from the ground through the colours of a surface's age.
func heatColor(v float32) color.RGBA {
	if v = min(max(v, 0), 1); v < 0.04 {
		return mix(ground, ageColor(1), v/0.04)
	}
	return ageColor(1 - v)
}

// Mark is a spike of a raster.
type Mark struct {
	T             int64 // µs
	Band, Channel int
}

// Raster is a panel of spikes: a row for each band and channel. The channels
// of a band lie together and differ in colour.
type Raster struct {
	Name     string
	Hertz    []float64 // of each band, ascending; nil numbers the bands
	Bands    int
	Channels int // neurons of each band
	Marks    []Mark
}

// rasterHeight is about the height of a panel of spikes, px.
const rasterHeight = 240

// mostRows is how many rows get a pixel each; where there are more, neighbours
// share one of rasterShared px.
const (
	mostRows     = 960
	rasterShared = 480
)

func (r *Raster) name() string  { return r.Name }
func (r *Raster) ticks() []tick { return scale{n: r.Bands, hertz: r.Hertz}.ticks() }

func (r *Raster) height() int {
	n := r.Bands * r.Channels
	if n > mostRows {
		return rasterShared
	}
	return cellHeight(n, rasterHeight) * n
}

func (r *Raster) paint(dst *image.RGBA, _ *typeface, area image.Rectangle, from, to int64) {
	n := r.Bands * r.Channels
	cell, wide := area.Dy()/n, 1
	if n > mostRows {
		cell, wide = 2, 2
	}
	for _, m := range r.Marks {
		if m.T < from || m.T >= to || m.Band < 0 || m.Band >= r.Bands || m.Channel < 0 || m.Channel >= r.Channels {
			continue
		}
		x := place(m.T, from, to, area)
		y := area.Max.Y - (m.Band*r.Channels+m.Channel)*area.Dy()/n - cell
		fillRect(dst, image.Rect(x, y, x+wide, y+max(1, cell-cell/4)).Intersect(area), r.tint(m.Channel))
	}
}

// tint is the colour of a channel: on and off for two, else from violet for
// the first to yellow for the last.
func (r *Raster) tint(channel int) color.RGBA {
	switch r.Channels {
	case 1:
		return onTint
	case 2:
		return []color.RGBA{onTint, offTint}[channel]
	}
	return ageColor(0.75 * (1 - float32(channel)/float32(r.Channels-1)))
}

// cellHeight is how high each of n rows is, px.
func cellHeight(n, height int) int { return max(1, (height+n/2)/max(n, 1)) }
