// Package silicon brings the address events of a silicon cochlea into the layer
// that the cochlea encoder has, so that the same networks hear both.
//
// # The life of an event
//
//	address x = 2·channel + ear, y = ganglion cell, polarity = kind of filter ─▶ neuron [cells, ears, bands]
//
// That is how recordings of a CochleaAMS (Chan, Liu and van Schaik 2007; Liu et
// al. 2014) are read: 64 channels, two ears, the right one odd, four cells each
// and two kinds of filters. Channel 0 of the chip is the basal one, with the
// highest frequency; bands ascend in frequency as they do in the cochlea
// encoder, so band 0 is the last channel. The layer has the shape [2·rows, 2,
// channels], the cells of the second kind of filter behind those of the first.
//
// # Caveats
//
// Events of one time are sorted by neuron; an event earlier than one before it
// counts as simultaneous with that one, and so does one before its window.
package silicon

import (
	"fmt"
	"slices"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/state"
)

// Config configures the encoder.
type Config struct {
	Mask []int `key:"mask" doc:"Channels of the chip that are left out, such as noisy ones." min:"0" max:"32767" example:"[0, 63]"`
}

// Component declares the encoder.
func Component() component.Spec {
	return component.Encoder("silicon", "address events of a silicon cochlea as spikes, in the cochlea encoder's layer", Config{},
		func(c Config, info pipeline.StreamInfo) (pipeline.Encoder, error) { return New(c, info) })
}

// Encoder implements [pipeline.Encoder] and [pipeline.Stateful].
type Encoder struct {
	cells, bands int
	masked       []bool // by band
	last         int64  // latest time so far, µs
	begun        bool
	keys         []uint64
}

// New builds an encoder for a recording of a silicon cochlea.
func New(c Config, info pipeline.StreamInfo) (*Encoder, error) {
	if info.Modality != pipeline.EventStream {
		return nil, fmt.Errorf("the stream carries %s, not address events", info.Modality)
	}
	if info.Width < 2 || info.Width%2 != 0 || info.Height < 1 || info.Width*info.Height > 1<<20 {
		return nil, fmt.Errorf("a size of %dx%d is not that of a cochlea with two ears", info.Width, info.Height)
	}
	e := &Encoder{cells: 2 * info.Height, bands: info.Width / 2}
	e.masked = make([]bool, e.bands)
	for _, channel := range c.Mask {
		if channel < 0 || channel >= e.bands {
			return nil, fmt.Errorf("mask: channel %d of %d", channel, e.bands)
		}
		e.masked[e.bands-1-channel] = true
	}
	return e, nil
}

// Shape is the layer of the package comment.
func (e *Encoder) Shape() pipeline.Shape { return pipeline.Shape{e.cells, 2, e.bands} }

// idBits is room for ids in a sorting key.
const idBits = 22

// Encode appends the spikes of the window.
func (e *Encoder) Encode(b *pipeline.Batch, out *pipeline.Spikes) (filtered int, err error) {
	for i := range b.Events {
		ev := &b.Events[i]
		t := max(ev.T, b.Start)
		if e.begun {
			t = max(t, e.last)
		}
		if t >= b.End {
			return 0, fmt.Errorf("an event at %d µs in a window that ends at %d µs", ev.T, b.End)
		}
		e.last, e.begun = t, true
		cell, ear, band := int(ev.P)*e.cells/2+int(ev.Y), int(ev.X)%2, e.bands-1-int(ev.X)/2
		if cell >= e.cells || band < 0 {
			return 0, fmt.Errorf("an event at (%d, %d) outside of %dx%d", ev.X, ev.Y, 2*e.bands, e.cells/2)
		}
		if e.masked[band] {
			filtered++
			continue
		}
		e.keys = append(e.keys, uint64(t-b.Start)<<idBits|uint64((cell*2+ear)*e.bands+band))
	}
	slices.Sort(e.keys)
	for _, k := range e.keys {
		out.Append(b.Start+int64(k>>idBits), uint32(k&(1<<idBits-1)))
	}
	e.keys = e.keys[:0]
	return filtered, nil
}

// AppendState implements [pipeline.Stateful].
func (e *Encoder) AppendState(b []byte) ([]byte, error) { return state.Append(b, e.fields) }

// RestoreState implements [pipeline.Stateful].
func (e *Encoder) RestoreState(b []byte) error { return state.Restore(b, e.fields) }

func (e *Encoder) fields(c *state.Codec) {
	state.Integer(c, &e.last)
	c.Bool(&e.begun)
}

var (
	_ pipeline.Encoder  = (*Encoder)(nil)
	_ pipeline.Stateful = (*Encoder)(nil)
)
