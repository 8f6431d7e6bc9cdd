package picture

import (
	"fmt"
	"slices"
	"strings"
)

// Style is how events become colours.
type Style string

// The styles.
const (
	// Polarity counts the on and off events of the window at each pixel: warm
	// for on, cold for off, brighter for more.
	Polarity Style = "polarity"
	// Surface is the surface of active events: the age of each pixel's newest
	// event, up to the window (Benosman et al. 2014).
	Surface Style = "surface"
	// Decay sums the events of each pixel by polarity, each fading with
	// exp(-age/window).
	Decay Style = "decay"
)

// styles lists the styles.
func styles() []Style { return []Style{Polarity, Surface, Decay} }

// Config describes what is painted.
type Config struct {
	Width, Height int // of the sensor, px
	Style         Style
	Window        int64 // µs: time from frame to frame, and what [Style] makes of it
	Scale         int   // edge of a sensor pixel in the picture, px; 0 chooses it by the sensor's size
	Origin        int64 // the sensor time that captions call zero, µs

	// Title stands above the picture, whose edges then have axes in sensor pixels.
	// Without one there are the pixels and the caption alone.
	Title string
}

// Bounds of a picture, in pixels of its own.
const (
	maxPixels = 1 << 25
	maxScale  = 64
	fineSide  = 960 // the longer side that an automatic scale comes near to
)

// Validate reports what cannot be painted.
func (c Config) Validate() error {
	if !slices.Contains(styles(), c.Style) {
		var names []string
		for _, s := range styles() {
			names = append(names, string(s))
		}
		return fmt.Errorf("style %q is not one of %s", c.Style, strings.Join(names, ", "))
	}
	if c.Window <= 0 {
		return fmt.Errorf("window of %d µs is not above 0", c.Window)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > 1<<16 || c.Height > 1<<16 {
		return fmt.Errorf("sensor of %dx%d px cannot be painted", c.Width, c.Height)
	}
	if c.Scale < 0 || c.Scale > maxScale {
		return fmt.Errorf("scale %d is not between 1 and %d", c.Scale, maxScale)
	}
	if s := c.scale(); c.Width*c.Height*s*s > maxPixels {
		return fmt.Errorf("picture of %dx%d px is larger than %d px", c.Width*s, c.Height*s, maxPixels)
	}
	return nil
}

// scale is the given scale, or the one that makes the picture a good size.
func (c Config) scale() int {
	if c.Scale > 0 {
		return c.Scale
	}
	long := max(c.Width, c.Height)
	return min(max((fineSide+long/2)/long, 1), 16)
}
