package filter

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"ganglion/internal/polygon"
)

// kind is the declaration of one type of filter.
type kind struct {
	name   string
	params []string           // keys of the Config fields that it takes
	check  func(Config) error // what does not depend on the sensor's size; may be nil
	// build makes the filter for events of a sensor of size s and says what
	// size its output has.
	build func(c Config, s Size) (filter, Size, error)
}

// hint names the parameters for an error message.
func (k kind) hint() string {
	if len(k.params) == 0 {
		return "; it has none"
	}
	return "; it has " + strings.Join(k.params, ", ")
}

// same is the build function of a filter that keeps the size.
func same(build func(Config, Size) filter) func(Config, Size) (filter, Size, error) {
	return func(c Config, s Size) (filter, Size, error) { return build(c, s), s, nil }
}

// kinds is the table of filters, in the order of the documentation.
var kinds = []kind{
	{name: "crop", params: []string{"x", "y", "width", "height"}, build: newCrop},
	{name: "mask", params: []string{"pixels", "x", "y", "width", "height", "polygon", "picture", "outside"}, check: checkMask,
		build: newMask},
	{name: "time", params: []string{"start", "end"}, check: checkTime, build: same(newTimeSlice)},
	{name: "polarity", params: []string{"polarity"}, check: checkPolarity, build: same(newPolarity)},
	{name: "downsample", params: []string{"factor"}, build: newDownsample},
	{name: "flip_x", build: newTurn(flipX)},
	{name: "flip_y", build: newTurn(flipY)},
	{name: "rotate", params: []string{"degrees"}, check: checkRotate, build: newRotate},
	{name: "transpose", build: newTurn(transpose)},
	{name: "refractory", params: []string{"dt"}, build: same(newRefractory)},
	{name: "baf", params: []string{"dt"}, build: same(newBAF)},
	{name: "stcf", params: []string{"dt", "k", "match_polarity", "count_self"}, check: checkSTCF, build: same(newSTCF)},
	{name: "neighbor_lif", params: []string{"tau", "threshold", "match_polarity"}, build: same(newNeighborLIF)},
	{name: "hot_pixel", params: []string{"ratio", "min_events"}, build: same(newHotPixel)},
	{name: "anti_flicker", params: []string{"min_frequency", "max_frequency", "periods", "tolerance"}, check: checkAntiFlicker,
		build: same(newAntiFlicker)},
	{name: "rate_limit", params: []string{"events", "window"}, check: checkRateLimit, build: same(newRateLimit)},
	{name: "undistort", params: []string{"calibration", "camera"}, check: checkUndistort, build: newUndistort},
}

func checkMask(c Config) error {
	if c.Polygon == "" {
		return nil
	}
	_, err := polygon.Parse(c.Polygon)
	return err
}

func checkTime(c Config) error {
	if c.End != 0 && c.End <= c.Start {
		return fmt.Errorf("end %v is not after start %v", c.End, c.Start)
	}
	return nil
}

func checkPolarity(c Config) error {
	switch c.Polarity {
	case "on", "off", "invert":
		return nil
	}
	return fmt.Errorf("polarity is %q and must be on, off or invert", c.Polarity)
}

func checkRotate(c Config) error {
	switch c.Degrees {
	case 0, 90, 180, 270:
		return nil
	}
	return fmt.Errorf("degrees is %d and must be 90, 180 or 270", c.Degrees)
}

func checkSTCF(c Config) error {
	if c.K > 8 && !c.CountSelf {
		return fmt.Errorf("k is %d, but there are 8 neighbours", c.K)
	}
	return nil
}

func checkAntiFlicker(c Config) error {
	low, high := c.band()
	if low >= high {
		return fmt.Errorf("min_frequency %g Hz is not below max_frequency %g Hz", low, high)
	}
	return nil
}

func checkRateLimit(c Config) error {
	if c.Events == 0 {
		return errors.New("events is missing: how many to keep in each window")
	}
	return nil
}

// us is a duration in microseconds, or the default where it is zero.
func us(d, def time.Duration) int64 { return cmp.Or(d, def).Microseconds() }
