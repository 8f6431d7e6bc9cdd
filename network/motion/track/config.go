package track

import (
	"fmt"
	"time"
)

// Config describes how tracks live. It is a section of a readout's configuration.
type Config struct {
	Evidence float64 `key:"evidence" live:"true" doc:"-log10 of the probability that noise alone makes what founds a track." min:"0" max:"1000"`
	Confirm  int     `key:"confirm" live:"true" doc:"Periods with support before a track is confirmed; one less for what comes over the border." min:"1" max:"1000"`
	Coast    int     `key:"coast" live:"true" doc:"Periods without support before a track ends." min:"0" max:"10000"`
	Report   int     `key:"report" live:"true" doc:"Periods without support during which a track is still published." min:"0" max:"10000"`
	Join     float64 `key:"join" live:"true" doc:"Largest gap between parts of one object that move alike." unit:"px" min:"0" max:"1000"`
	Grow     float64 `key:"grow" doc:"Gain of the size when it grows." min:"0" max:"1"`
	Shrink   float64 `key:"shrink" doc:"Gain of the size when it shrinks; less for what is larger than 30 px." min:"0" max:"1"`
	Alpha    float64 `key:"alpha" doc:"Gain of the position." min:"0" max:"1"`
	Beta     float64 `key:"beta" doc:"Gain of the velocity from displacement." min:"0" max:"1"`
	Flow     float64 `key:"flow" doc:"Gain of the velocity from flow." min:"0" max:"1"`
	Wanted   Wanted  `key:"wanted" doc:"Which objects are confirmed; 0 sets no bound."`
	Most     int     `key:"most" doc:"Most tracks at one time; what else moves is counted and left out." min:"1" max:"4096"`
}

// Wanted bounds what a track must look like to be confirmed. What is confirmed
// stays so, however it looks later.
type Wanted struct {
	MinSize   float64 `key:"min_size" live:"true" doc:"Longest side at least." unit:"px" min:"0"`
	MaxSize   float64 `key:"max_size" live:"true" doc:"Longest side at most." unit:"px" min:"0"`
	MinSpeed  float64 `key:"min_speed" live:"true" doc:"Speed at least; it also keeps back what has no measured velocity." unit:"px/s" min:"0"`
	MaxSpeed  float64 `key:"max_speed" live:"true" doc:"Speed at most." unit:"px/s" min:"0"`
	MaxAspect float64 `key:"max_aspect" live:"true" doc:"Longest side at most so many times the shortest." min:"0"`
}

// NewDefaultConfig is a tracker that suits both readouts.
func NewDefaultConfig() Config {
	return Config{Evidence: 18, Confirm: 3, Coast: 12, Report: 2, Join: 5, Grow: .3, Shrink: .2, Alpha: .6, Beta: .1, Flow: .5, Most: 256}
}

// Setup is what else a tracker needs to know.
type Setup struct {
	Period        time.Duration // time between two estimates
	Update        time.Duration // shortest time between two updates of a track; 0: each period
	Flow          bool          // the readout measures flow
	Width, Height int           // sensor, px
}

// Validate checks what field tags cannot say.
func (w Wanted) Validate() error {
	for _, b := range []struct {
		name     string
		min, max float64
	}{{"size", w.MinSize, w.MaxSize}, {"speed", w.MinSpeed, w.MaxSpeed}} {
		if b.max > 0 && b.max < b.min {
			return fmt.Errorf("wanted.max_%s %v is less than wanted.min_%s %v", b.name, b.max, b.name, b.min)
		}
	}
	return nil
}

// Validate checks what a readout's field tags cannot say.
func (s Setup) Validate() error {
	if s.Period%time.Microsecond != 0 {
		return fmt.Errorf("period %v is not a whole number of µs", s.Period)
	}
	return nil
}
