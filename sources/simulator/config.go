package simulator

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Config describes what to simulate.
type Config struct {
	Scene         string // a name from [Scenes]
	Seed          uint64
	Noise         float64       // mean shot noise of a pixel, both polarities together, Hz; see leakRate
	Width, Height int           // sensor size, px
	Duration      time.Duration // whole microseconds; 0 takes the scene's own
}

// Bounds of a Config.
const (
	minSide   = 16   // px
	maxSide   = 4096 // px
	maxNoise  = 1000 // Hz
	maxPixels = 1 << 22
)

// Validate reports what is wrong with the configuration.
func (c *Config) Validate() error {
	if _, err := findScene(c.Scene); err != nil {
		return err
	}
	for _, side := range []struct {
		name string
		px   int
	}{{"width", c.Width}, {"height", c.Height}} {
		if side.px < minSide || side.px > maxSide {
			return fmt.Errorf("%s %d is not in %d..%d px", side.name, side.px, minSide, maxSide)
		}
	}
	if c.Width*c.Height > maxPixels {
		return fmt.Errorf("%dx%d is more than %d pixels", c.Width, c.Height, maxPixels)
	}
	if math.IsNaN(c.Noise) || c.Noise < 0 || c.Noise > maxNoise {
		return fmt.Errorf("noise %v is not in 0..%d Hz", c.Noise, maxNoise)
	}
	if c.Duration < 0 {
		return fmt.Errorf("duration %v is negative", c.Duration)
	}
	return nil
}

func findScene(name string) (*scene, error) {
	names := make([]string, len(scenes))
	for i := range scenes {
		if scenes[i].name == name {
			return &scenes[i], nil
		}
		names[i] = scenes[i].name
	}
	return nil, fmt.Errorf("scene %q is none of %s", name, strings.Join(names, ", "))
}
