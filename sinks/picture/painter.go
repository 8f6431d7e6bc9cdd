package picture

import (
	"image"
	"image/color"

	"ganglion/pipeline"
)

// Painter turns events into frames. It is used from one goroutine.
type Painter struct {
	c       Config
	scale   int
	layer   layer
	caption *caption
	tracks  *Tracks
	frame   *image.RGBA
	sensor  *image.RGBA  // the part of the frame that shows the sensor
	row     []color.RGBA // scratch: a row of the sensor
}

// New returns a painter. Tracks may be nil.
func New(c Config, tracks *Tracks) (*Painter, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	scale := c.scale()
	p := &Painter{c: c, scale: scale, layer: newLayer(c), tracks: tracks, row: make([]color.RGBA, c.Width)}
	var err error
	if p.caption, err = newCaption(c); err != nil {
		return nil, err
	}
	p.frame, p.sensor, err = newPaper(c.Title, c.Width, c.Height, scale)
	return p, err
}

// Size is the size of its frames.
func (p *Painter) Size() image.Point { return p.frame.Rect.Max }

// add takes one event that lies on the sensor.
func (p *Painter) add(e pipeline.Event) {
	p.layer.add(int(e.Y)*p.c.Width+int(e.X), e)
}

// paint returns what is to be seen at time t, µs. The frame is valid until the
// next call.
func (p *Painter) paint(t int64) *image.RGBA {
	for y := range p.c.Height {
		for x := range p.row {
			p.row[x] = p.layer.color(y*p.c.Width+x, t)
		}
		p.paintRow(y)
	}
	if p.tracks != nil {
		p.tracks.paint(p.sensor, t, p.scale)
	}
	p.caption.paint(captionOf(p.frame), t)
	return p.frame
}

// paintRow writes a row of the sensor, each pixel as a square.
func (p *Painter) paintRow(y int) {
	top := y * p.scale * p.sensor.Stride
	line := p.sensor.Pix[top : top+4*p.c.Width*p.scale]
	for i, c := range p.row {
		for k := range p.scale {
			o := 4 * (i*p.scale + k)
			line[o], line[o+1], line[o+2], line[o+3] = c.R, c.G, c.B, c.A
		}
	}
	for k := 1; k < p.scale; k++ {
		copy(p.sensor.Pix[top+k*p.sensor.Stride:], line)
	}
}
