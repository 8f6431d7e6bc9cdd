package filter

import (
	"fmt"
	"slices"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// The largest sensor: addresses are 16 bits wide, and a header that claims more
// pixels than any camera has must not claim the memory for them.
const (
	maxSide   = 1 << 16
	maxPixels = 1 << 24
)

// Chain is a sequence of filters. It implements filter and
// [pipeline.Stateful].
type Chain struct {
	stages []stage
	size   Size
	view   pipeline.View
}

type stage struct {
	name    string
	filter  filter
	removed uint64
}

// New builds a chain for a sensor of the given size, px. Without any config it
// only drops events outside the sensor.
func New(configs []Config, width, height int) (*Chain, error) {
	c := &Chain{size: Size{width, height}}
	if err := c.size.check(); err != nil {
		return nil, err
	}
	c.stages = append(c.stages, stage{name: "sensor", filter: crop{w: uint32(width), h: uint32(height)}})
	for _, cfg := range configs {
		f, size, err := build(cfg, c.size)
		if err != nil {
			return nil, err
		}
		c.stages = append(c.stages, stage{name: cfg.Type, filter: f})
		if v, ok := f.(moving); ok {
			c.view = c.view.Of(v.view())
		}
		c.size = size
	}
	return c, nil
}

func (s Size) check() error {
	if s.Width < 1 || s.Height < 1 || s.Width > maxSide || s.Height > maxSide || s.pixels() > maxPixels {
		return fmt.Errorf("filters need a sensor of 1 to %d pixels, not %dx%d", maxPixels, s.Width, s.Height)
	}
	return nil
}

func build(cfg Config, s Size) (filter, Size, error) {
	if err := cfg.Validate(); err != nil {
		return nil, s, err
	}
	k, err := cfg.kind()
	if err != nil {
		return nil, s, err
	}
	f, out, err := k.build(cfg, s)
	if err != nil {
		return nil, s, fmt.Errorf("filter %q: %w", cfg.Type, err)
	}
	return f, out, nil
}

// Size is the size of the sensor as it appears behind the chain.
func (c *Chain) Size() Size { return c.size }

// View is where what comes out of the chain lies on the sensor. What undistort
// moves is left where it has moved it to.
func (c *Chain) View() pipeline.View { return c.view }

// moving is a filter that moves addresses by an affine map, of which view is the
// inverse.
type moving interface{ view() pipeline.View }

// Remembers reports whether a filter's decisions depend on events before, so that
// a stream must not begin late for the sake of speed.
func (c *Chain) Remembers() bool {
	return slices.ContainsFunc(c.stages, func(s stage) bool {
		_, ok := s.filter.(pipeline.Stateful)
		return ok
	})
}

// Filter runs the slice through all filters in place.
func (c *Chain) Filter(events []pipeline.Event) []pipeline.Event {
	for i := range c.stages {
		s := &c.stages[i]
		n := len(events)
		events = s.filter.Filter(events)
		s.removed += uint64(n - len(events))
	}
	return events
}

// Removed is what one filter of a chain has removed.
type Removed struct {
	Filter string `json:"filter"` // its type; "sensor" is the check of addresses
	Events uint64 `json:"events"`
}

// Removed lists what each filter has removed so far, in chain order; the first
// entry counts the events outside the sensor.
func (c *Chain) Removed() []Removed {
	list := make([]Removed, len(c.stages))
	for i, s := range c.stages {
		list[i] = Removed{Filter: s.name, Events: s.removed}
	}
	return list
}

// AppendState appends the counts and the state of every filter.
func (c *Chain) AppendState(b []byte) ([]byte, error) { return state.Append(b, c.fields) }

// RestoreState restores what AppendState wrote for the same configs and size.
func (c *Chain) RestoreState(b []byte) error { return state.Restore(b, c.fields) }

func (c *Chain) fields(s *state.Codec) {
	for i := range c.stages {
		st := &c.stages[i]
		s.Uint64(&st.removed)
		if f, ok := st.filter.(pipeline.Stateful); ok {
			s.Nested(st.name+" filter", f)
		}
	}
}

var (
	_ filter            = (*Chain)(nil)
	_ pipeline.Stateful = (*Chain)(nil)
)
