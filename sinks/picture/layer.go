package picture

import (
	"image/color"
	"math"

	"ganglion/pipeline"
)

// layer is what a style remembers of the events. Pixels are row-major.
type layer interface {
	add(at int, e pipeline.Event)
	// begin is called when a window begins.
	begin()
	// color is what a pixel looks like at time t, µs.
	color(at int, t int64) color.RGBA
}

func newLayer(c Config) layer {
	n := c.Width * c.Height
	switch c.Style {
	case Surface:
		l := &surfaceLayer{newest: make([]int64, n), window: c.Window}
		for i := range l.newest {
			l.newest[i] = math.MinInt64
		}
		return l
	case Decay:
		return &decayLayer{pixels: make([]fading, n), window: c.Window, half: halfStrength(c.scale())}
	}
	return &polarityLayer{count: make([][2]uint16, n), half: halfStrength(c.scale())}
}

// halfStrength is how many events give half the full colour. A single event,
// mostly noise, leaves the front to many; where a pixel is a mere dot, it must
// be brighter to be seen at all.
func halfStrength(scale int) float32 {
	switch scale {
	case 1:
		return 0.35
	case 2:
		return 0.6
	}
	return 0.85
}

// polarityLayer counts the events of a window.
type polarityLayer struct {
	count [][2]uint16 // off, on
	half  float32     // see halfStrength
}

func (l *polarityLayer) begin() { clear(l.count) }

func (l *polarityLayer) add(at int, e pipeline.Event) {
	if n := &l.count[at][e.P&1]; *n < math.MaxUint16 {
		*n++
	}
}

func (l *polarityLayer) color(at int, _ int64) color.RGBA {
	n := l.count[at]
	return polarityColor(float32(n[pipeline.On]), float32(n[pipeline.Off]), l.half)
}

// surfaceLayer keeps the time of each pixel's newest event.
type surfaceLayer struct {
	newest []int64 // µs, MinInt64 before the first event
	window int64   // µs
}

func (l *surfaceLayer) begin() {}

func (l *surfaceLayer) add(at int, e pipeline.Event) { l.newest[at] = e.T }

func (l *surfaceLayer) color(at int, t int64) color.RGBA {
	newest := l.newest[at]
	if newest == math.MinInt64 || t-newest >= l.window {
		return ground
	}
	return ageColor(float32(max(t-newest, 0)) / float32(l.window))
}

// decayLayer sums up fading events.
type decayLayer struct {
	pixels []fading
	window int64   // µs: time constant
	half   float32 // see halfStrength
}

// fading is what a pixel's events of each polarity amounted to at a time, µs.
type fading struct {
	t   int64
	sum [2]float32 // off, on
}

func (l *decayLayer) begin() {}

func (l *decayLayer) add(at int, e pipeline.Event) {
	p := &l.pixels[at]
	s := l.left(p, e.T)
	p.sum[0] *= s
	p.sum[1] *= s
	p.sum[e.P&1]++
	p.t = e.T
}

// left is the share of a pixel's sums that is left at time t.
func (l *decayLayer) left(p *fading, t int64) float32 {
	return float32(math.Exp(-float64(max(t-p.t, 0)) / float64(l.window)))
}

// visible is the sum below which a pixel is painted as the ground.
const visible = 0.02

func (l *decayLayer) color(at int, t int64) color.RGBA {
	p := &l.pixels[at]
	if p.sum == [2]float32{} {
		return ground
	}
	s := l.left(p, t)
	on, off := p.sum[pipeline.On]*s, p.sum[pipeline.Off]*s
	if on+off < visible {
		return ground
	}
	return polarityColor(on, off, l.half)
}
