package events

import (
	"errors"
	"fmt"

	"ganglion/encoders/filter"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// Config configures the encoder.
type Config struct {
	Polarity   string          `key:"polarity" doc:"Split: a channel for each polarity (0 off, 1 on); merge: one channel for both; on, off: that polarity alone." enum:"split,merge,on,off"`
	ROI        Region          `key:"roi" doc:"Region of interest; its corner becomes the origin."`
	Downsample int             `key:"downsample" doc:"This many columns and rows of pixels share a neuron." unit:"px" min:"1"`
	Mask       []filter.Pixel  `key:"mask" doc:"Hot pixels whose events are dropped before everything else."`
	Filters    []filter.Config `key:"filters" doc:"Chain of event filters, applied in this order."`
}

// Region is a rectangle of pixels.
type Region struct {
	X      int `key:"x" doc:"Left column." unit:"px" min:"0"`
	Y      int `key:"y" doc:"Top row." unit:"px" min:"0"`
	Width  int `key:"width" doc:"Columns; 0 reaches to the right edge." unit:"px" min:"0"`
	Height int `key:"height" doc:"Rows; 0 reaches to the lower edge." unit:"px" min:"0"`
}

// Component declares the encoder.
func Component() component.Spec {
	return component.Encoder("events", "address events as spikes, one neuron for each pixel and polarity",
		Config{Polarity: "split", Downsample: 1},
		func(c Config, info pipeline.StreamInfo) (pipeline.Encoder, error) { return New(c, info) })
}

// Validate reports what the field tags cannot say.
func (c Config) Validate() error {
	switch c.Polarity {
	case "split", "merge", "on", "off":
	default:
		return fmt.Errorf("polarity is %q and must be split, merge, on or off", c.Polarity)
	}
	if c.Downsample < 1 {
		return fmt.Errorf("downsample is %d and must be at least 1", c.Downsample)
	}
	for i, f := range c.Filters {
		if err := f.Validate(); err != nil {
			return fmt.Errorf("filters[%d]: %w", i, err)
		}
	}
	return nil
}

// region fills in the open sides of the region and checks that it lies within
// what the filters leave of the sensor.
func (c Config) region(s filter.Size) (Region, error) {
	r := c.ROI
	if r.Width == 0 {
		r.Width = s.Width - r.X
	}
	if r.Height == 0 {
		r.Height = s.Height - r.Y
	}
	if r.X < 0 || r.Y < 0 || r.Width < 1 || r.Height < 1 || r.X+r.Width > s.Width || r.Y+r.Height > s.Height {
		return r, fmt.Errorf("roi of %dx%d px at (%d, %d) does not lie within %dx%d px",
			r.Width, r.Height, r.X, r.Y, s.Width, s.Height)
	}
	return r, nil
}

// checkStream reports whether the encoder can serve the stream at all.
func checkStream(info pipeline.StreamInfo) error {
	if info.Modality != pipeline.EventStream {
		return fmt.Errorf("the stream carries %s and not events", info.Modality)
	}
	if info.Width < 1 || info.Height < 1 {
		return errors.New("the stream does not say its sensor size")
	}
	return nil
}
