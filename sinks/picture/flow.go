package picture

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
)

// Flow shows which way the edges before a camera moved, and how fast: the hue of
// a pixel is the direction of the last flow there, as the wheel in the corner has
// it, its brightness the speed.
type Flow struct {
	Width, Height int    // of the sensor, px
	Scale         int    // edge of a sensor pixel, px; 0 chooses it
	Note          string // below the picture
	Title         string // as in [Config]
}

// FlowVector is a flow at a pixel, px/s, y down.
type FlowVector struct {
	X, Y   int
	VX, VY float64
}

// wheelTints are the colours of directions from right over down, left and up.
var wheelTints = []color.RGBA{rgb(0xff5a5a), rgb(0xffd166), rgb(0x6ee06e), rgb(0x4fd8e8), rgb(0x6a8cff), rgb(0xe06ae8)}

// brightShare is the share of flows that are slower than the brightest ones.
const brightShare = .9

// Paint paints flows; later ones lie above earlier ones.
func (f Flow) Paint(flows []FlowVector) (*image.RGBA, error) {
	c := Config{Width: f.Width, Height: f.Height, Scale: f.Scale, Style: Polarity, Window: 1}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if len(flows) == 0 {
		return nil, errors.New("there is no flow to paint")
	}
	text, err := newTypeface(13, false)
	if err != nil {
		return nil, err
	}
	speeds := make([]float64, len(flows))
	for i, v := range flows {
		speeds[i] = math.Hypot(v.VX, v.VY)
	}
	slices.Sort(speeds)
	fast := speeds[int(float64(len(speeds)-1)*brightShare)]
	s := c.scale()
	img, sensor, err := newPaper(f.Title, f.Width, f.Height, s)
	if err != nil {
		return nil, err
	}
	for _, v := range flows {
		at := image.Rect(v.X*s, v.Y*s, (v.X+1)*s, (v.Y+1)*s)
		fillRect(sensor, at, flowColor(v.VX, v.VY, fast))
	}
	f.wheel(sensor)
	paintStrip(captionOf(img), text, fmt.Sprintf("%s, brightest from %.0f px/s", f.Note, fast))
	return img, nil
}

// paintStrip fills a caption with one line.
func paintStrip(area *image.RGBA, text *typeface, note string) {
	fillRect(area, area.Rect, strip)
	text.write(area, note, area.Rect.Min.X+captionPad, area.Rect.Min.Y+(captionHeight+text.ascent)/2-1, ink)
}

// flowColor is the colour of a flow where one as fast as fast is brightest.
func flowColor(vx, vy, fast float64) color.RGBA {
	turn := math.Atan2(vy, vx) / (2 * math.Pi) * float64(len(wheelTints))
	if turn < 0 {
		turn += float64(len(wheelTints))
	}
	i := int(turn) % len(wheelTints)
	hue := mix(wheelTints[i], wheelTints[(i+1)%len(wheelTints)], float32(turn-math.Floor(turn)))
	speed := 1.
	if fast > 0 {
		speed = min(math.Hypot(vx, vy)/fast, 1)
	}
	return mix(ground, hue, float32(.3+float64(.7*speed)))
}

// wheel paints the colours of directions into the lower right corner.
func (f Flow) wheel(img *image.RGBA) {
	r := min(img.Rect.Dx(), img.Rect.Dy()) / 16
	x0, y0 := img.Rect.Max.X-r-captionPad, img.Rect.Max.Y-r-captionPad
	for y := -r; y <= r; y++ {
		for x := -r; x <= r; x++ {
			if d := math.Hypot(float64(x), float64(y)); d <= float64(r) {
				img.Set(x0+x, y0+y, flowColor(float64(x), float64(y), float64(max(r, 1))))
			}
		}
	}
}
