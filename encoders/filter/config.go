package filter

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Config declares one filter of a chain: its type and the parameters of that
// type. A parameter left at zero takes the default stated in its doc tag; one
// that the type does not have is an error.
type Config struct {
	Type string `key:"type" doc:"What the filter does." enum:"crop,mask,time,polarity,downsample,flip_x,flip_y,rotate,transpose,refractory,baf,stcf,neighbor_lif,hot_pixel,anti_flicker,rate_limit,undistort" required:"true"`

	X      int `key:"x" doc:"Crop, mask: left column." unit:"px" min:"0"`
	Y      int `key:"y" doc:"Crop, mask: top row." unit:"px" min:"0"`
	Width  int `key:"width" doc:"Crop: columns, default up to the right edge; mask: the same where height is set." unit:"px" min:"0"`
	Height int `key:"height" doc:"Crop: rows, default up to the lower edge; mask: the same where width is set." unit:"px" min:"0"`

	Pixels  []Pixel `key:"pixels" doc:"Mask: pixels whose events are dropped."`
	Polygon string  `key:"polygon" doc:"Mask: corners, as in SVG: 10,20 110,20 60,90; events inside are dropped." unit:"px"`
	Picture string  `key:"picture" file:"read" doc:"Mask: a PNG, GIF or JPEG picture as large as the sensor; events of its dark pixels are dropped."`
	Outside bool    `key:"outside" doc:"Mask: drop the events outside in place of those inside."`

	Start time.Duration `key:"start" doc:"Time: first sensor time that is kept."`
	End   time.Duration `key:"end" doc:"Time: sensor time at which keeping ends, default never."`

	Polarity string `key:"polarity" doc:"Polarity: keep on or off events only, or invert all." enum:",on,off,invert"`
	Factor   int    `key:"factor" doc:"Downsample: this many columns and rows become one, default 2." unit:"px" min:"0"`
	Degrees  int    `key:"degrees" doc:"Rotate: clockwise by 90, 180 or 270, default 90." min:"0" max:"270"`

	DT time.Duration `key:"dt" doc:"Refractory: dead time after a kept event, default 1 ms; baf, stcf: age up to which a neighbour supports, default 25 ms." min:"0s"`

	K             int  `key:"k" doc:"Stcf: supporting neighbours that an event needs, default 2." min:"0" max:"9"`
	MatchPolarity bool `key:"match_polarity" doc:"Stcf: only neighbours whose newest event has the same polarity support; neighbor_lif: only events of the same polarity drive."`
	CountSelf     bool `key:"count_self" doc:"Stcf: the pixel's own last event supports too."`

	Tau       time.Duration `key:"tau" doc:"Neighbor_lif: membrane time constant, default 10 ms." min:"0s"`
	Threshold float64       `key:"threshold" doc:"Neighbor_lif: potential that keeps an event, default 1." min:"0"`

	Ratio     float64 `key:"ratio" doc:"Hot_pixel: a pixel is hot above this many times its neighbourhood's median count, default 10." min:"0"`
	MinEvents int     `key:"min_events" doc:"Hot_pixel: a pixel is judged after each this many events, default 32." min:"0"`

	MinFrequency float64       `key:"min_frequency" doc:"Anti_flicker: lower edge of the stopped band, default 90." unit:"Hz" min:"0"`
	MaxFrequency float64       `key:"max_frequency" doc:"Anti_flicker: upper edge of the stopped band, default 130." unit:"Hz" min:"0"`
	Periods      int           `key:"periods" doc:"Anti_flicker: equal periods in a row that make a pixel flicker, default 5." min:"0" max:"255"`
	Tolerance    time.Duration `key:"tolerance" doc:"Anti_flicker: difference up to which periods are equal, default 1.5 ms." min:"0s"`

	Events int           `key:"events" doc:"Rate_limit: events kept in each window." min:"0"`
	Window time.Duration `key:"window" doc:"Rate_limit: length of the window, default 1 ms." min:"0s"`

	Calibration string `key:"calibration" file:"read" doc:"Undistort: Kalibr's camchain.yaml, EV-IMO's meta.txt, or a text of fx fy cx cy k1 k2 p1 p2."`
	Camera      string `key:"camera" doc:"Undistort: camera of the file, where it has several."`
}

// Pixel is the address of one pixel.
type Pixel struct {
	X int `key:"x" doc:"Column." unit:"px" min:"0"`
	Y int `key:"y" doc:"Row." unit:"px" min:"0"`
}

// Validate reports an unknown type, a parameter that the type does not have,
// or a value that no sensor size could make right. [New] calls it.
func (c Config) Validate() error {
	k, err := c.kind()
	if err != nil {
		return err
	}
	for _, param := range c.set() {
		if !slices.Contains(k.params, param.key) {
			return fmt.Errorf("filter %q has no parameter %q%s", c.Type, param.key, k.hint())
		}
		if param.negative {
			return fmt.Errorf("filter %q: %s is negative", c.Type, param.key)
		}
	}
	if k.check != nil {
		if err := k.check(c); err != nil {
			return fmt.Errorf("filter %q: %w", c.Type, err)
		}
	}
	return nil
}

func (c Config) kind() (kind, error) {
	for _, k := range kinds {
		if k.name == c.Type {
			return k, nil
		}
	}
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.name
	}
	return kind{}, fmt.Errorf("filter %q is unknown; the filters are %s", c.Type, strings.Join(names, ", "))
}

// param is a parameter that is set.
type param struct {
	key      string
	negative bool
}

// set lists the parameters that differ from zero.
func (c Config) set() []param {
	var params []param
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		key, field := v.Type().Field(i).Tag.Get("key"), v.Field(i)
		if key == "type" || field.IsZero() {
			continue
		}
		signed := key == "start" || key == "end" // sensor times
		negative := field.CanInt() && field.Int() < 0 || field.CanFloat() && field.Float() < 0
		params = append(params, param{key, negative && !signed})
	}
	return params
}
