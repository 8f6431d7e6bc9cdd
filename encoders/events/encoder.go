package events

import (
	"ganglion/encoders/filter"
	"ganglion/pipeline"
)

// Encoder turns windows of address events into spikes. It implements
// [pipeline.Encoder] and [pipeline.Stateful].
type Encoder struct {
	shape pipeline.Shape

	// The neuron of an event is channel[p] + row[y] + column[x]; outside marks
	// polarities and addresses without a neuron. The address tables span all
	// 16-bit values, so that no address needs a test of its own.
	channel     [2]int32
	row, column *addresses

	chain    *filter.Chain
	view     pipeline.View
	filtered bool // the chain has filters
	sorter   sorter
	unsorted []int            // runs of the window that are not in order
	kept     []pipeline.Event // scratch: the window behind the filters
	ordered  []pipeline.Event // scratch: a window that came out of order
}

type addresses [1 << 16]int32

// outside has the sign bit, which no neuron has.
const outside int32 = -1

// New builds an encoder for a stream of events.
func New(c Config, info pipeline.StreamInfo) (*Encoder, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := checkStream(info); err != nil {
		return nil, err
	}
	filters := c.Filters
	if len(c.Mask) > 0 {
		filters = append([]filter.Config{{Type: "mask", Pixels: c.Mask}}, filters...)
	}
	chain, err := filter.New(filters, info.Width, info.Height)
	if err != nil {
		return nil, err
	}
	roi, err := c.region(chain.Size())
	if err != nil {
		return nil, err
	}
	e := &Encoder{chain: chain, filtered: len(filters) > 0}
	e.address(roi, c.Downsample, c.Polarity)
	factor := float64(c.Downsample)
	e.view = chain.View().Of(pipeline.View{XX: factor, YY: factor, X: float64(roi.X), Y: float64(roi.Y)})
	e.sorter = newSorter(e.shape.Size())
	return e, nil
}

// address fills in the shape and the tables.
func (e *Encoder) address(roi Region, downsample int, polarity string) {
	width, height := ceilDiv(roi.Width, downsample), ceilDiv(roi.Height, downsample)
	e.row = newAddresses(roi.Y, roi.Height, downsample, width)
	e.column = newAddresses(roi.X, roi.Width, downsample, 1)
	channels := 1
	switch polarity {
	case "split":
		channels = 2
		e.channel[pipeline.On] = int32(width * height)
	case "on":
		e.channel[pipeline.Off] = outside
	case "off":
		e.channel[pipeline.On] = outside
	}
	e.shape = pipeline.Shape{channels, height, width}
}

// newAddresses maps n addresses from first on to multiples of stride, factor
// addresses to each.
func newAddresses(first, n, factor, stride int) *addresses {
	var t addresses
	for i := range t {
		t[i] = outside
	}
	for i := range n {
		t[first+i] = int32(i / factor * stride)
	}
	return &t
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// Shape is [channels, height, width].
func (e *Encoder) Shape() pipeline.Shape { return e.shape }

// View implements [pipeline.Viewed].
func (e *Encoder) View() pipeline.View { return e.view }

// Encode appends the window's spikes to out.
func (e *Encoder) Encode(b *pipeline.Batch, out *pipeline.Spikes) (int, error) {
	events := b.Events
	if e.filtered {
		e.kept = append(e.kept[:0], events...)
		events = e.chain.Filter(e.kept)
	}
	if !e.append(events, out) {
		e.appendUnordered(events, out)
	}
	return len(b.Events) - out.Len(), nil
}

// AppendState appends the state of the filters.
func (e *Encoder) AppendState(b []byte) ([]byte, error) { return e.chain.AppendState(b) }

// RestoreState restores the state of the filters.
func (e *Encoder) RestoreState(b []byte) error { return e.chain.RestoreState(b) }

var (
	_ pipeline.Encoder  = (*Encoder)(nil)
	_ pipeline.Stateful = (*Encoder)(nil)
	_ pipeline.Viewed   = (*Encoder)(nil)
)
