package filter

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	_ "image/gif"  // pictures of masks
	_ "image/jpeg" // pictures of masks
	_ "image/png"  // pictures of masks
	"os"

	"ganglion/internal/polygon"
	"ganglion/pipeline"
)

// mask drops the events of pixels.
type mask struct {
	masked []bool // by pixel, row-major
	width  int
}

func newMask(c Config, s Size) (filter, Size, error) {
	f := mask{masked: make([]bool, s.pixels()), width: s.Width}
	for _, p := range c.Pixels {
		if p.X < 0 || p.Y < 0 || p.X >= s.Width || p.Y >= s.Height {
			return nil, s, fmt.Errorf("pixel (%d, %d) does not lie within %dx%d px", p.X, p.Y, s.Width, s.Height)
		}
		f.masked[p.Y*s.Width+p.X] = true
	}
	if err := f.rectangle(c, s); err != nil {
		return nil, s, err
	}
	if c.Polygon != "" {
		p, err := polygon.Parse(c.Polygon)
		if err != nil {
			return nil, s, err
		}
		for i := range f.masked {
			middle := polygon.Point{X: float64(i%s.Width) + .5, Y: float64(i/s.Width) + .5}
			f.masked[i] = f.masked[i] || p.Holds(middle)
		}
	}
	if err := f.picture(c.Picture, s); err != nil {
		return nil, s, err
	}
	if c.Outside {
		for i := range f.masked {
			f.masked[i] = !f.masked[i]
		}
	}
	return f, s, nil
}

// rectangle masks a rectangle, where the config has one.
func (f mask) rectangle(c Config, s Size) error {
	if c.X == 0 && c.Y == 0 && c.Width == 0 && c.Height == 0 {
		return nil
	}
	region, _, err := newCrop(c, s)
	if err != nil {
		return err
	}
	r := region.(crop)
	for y := r.y; y < r.y+r.h; y++ {
		for x := r.x; x < r.x+r.w; x++ {
			f.masked[int(y)*f.width+int(x)] = true
		}
	}
	return nil
}

// maxPicture bounds the file of a picture, bytes.
const maxPicture = 64 << 20

// picture masks the dark pixels of a picture: those nearer to black than to white.
// What is transparent is dark, and what a GIF leaves out.
func (f mask) picture(path string, s Size) error {
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err != nil {
		return err
	} else if info.Size() > maxPicture {
		return fmt.Errorf("%s: %d bytes are too many for a mask", path, info.Size())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if head.Width != s.Width || head.Height != s.Height {
		return fmt.Errorf("%s: the picture has %dx%d px, the sensor %dx%d", path, head.Width, head.Height, s.Width, s.Height)
	}
	m, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	grey := image.NewGray16(image.Rect(0, 0, s.Width, s.Height)) // black
	draw.Draw(grey, m.Bounds(), m, m.Bounds().Min, draw.Over)
	for i := range f.masked {
		f.masked[i] = f.masked[i] || grey.Gray16At(i%s.Width, i/s.Width).Y < 1<<15
	}
	return nil
}

func (f mask) Filter(events []pipeline.Event) []pipeline.Event {
	n := 0
	for _, e := range events {
		if f.masked[int(e.Y)*f.width+int(e.X)] {
			continue
		}
		events[n] = e
		n++
	}
	return events[:n]
}
