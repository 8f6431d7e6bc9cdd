package cochlea

import (
	"fmt"

	"ganglion/encoders/code"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// front turns the samples of a stream into spikes.
type front interface {
	shape() pipeline.Shape
	// hear takes frames of interleaved samples, the first being number first,
	// and appends spikes in canonical order. Spikes of later calls are later
	// than all before.
	hear(first int64, pcm []float32, out *pipeline.Spikes)
	// restart forgets the sound so far: the next frame does not follow it.
	restart()
	// fields carries the state before audio frame next.
	fields(c *state.Codec, next int64)
}

// Encoder is the cochlea.
type Encoder struct {
	front    front
	channels int
	pending  code.Pending
	next     int64 // number of the next audio frame
	begun    bool
}

// New builds an encoder for a stream of sound.
func New(c Config, info pipeline.StreamInfo) (*Encoder, error) {
	if info.Modality != pipeline.AudioStream {
		return nil, fmt.Errorf("the stream carries %s, not audio", info.Modality)
	}
	if info.SampleRate < 1 || info.SampleRate > maxRate || info.Channels < 1 {
		return nil, fmt.Errorf("%d channels at %d Hz", info.Channels, info.SampleRate)
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	e := &Encoder{channels: info.Channels}
	var err error
	if c.Front == "gammatone" {
		e.front, err = newGammatone(c.Gammatone, info)
	} else {
		e.front, err = newMelFront(c, info)
	}
	return e, err
}

// maxRate keeps samples more than a microsecond apart, so that spikes of two
// samples never share a time.
const maxRate = 400_000

// maxFrame is 4,000 years of sound at 8 kHz, far from where times overflow.
const maxFrame = 1 << 50

// Shape is the layer of the package comment.
func (e *Encoder) Shape() pipeline.Shape { return e.front.shape() }

// Encode appends the spikes of the window.
func (e *Encoder) Encode(b *pipeline.Batch, out *pipeline.Spikes) (int, error) {
	if len(b.PCM)%e.channels != 0 {
		return 0, fmt.Errorf("%d samples are not whole frames of %d channels", len(b.PCM), e.channels)
	}
	if len(b.PCM) > 0 {
		if e.begun && b.FrameIndex != e.next {
			e.front.restart()
		}
		e.front.hear(b.FrameIndex, b.PCM, &e.pending.Train)
		e.begun, e.next = true, b.FrameIndex+int64(len(b.PCM)/e.channels)
	}
	e.pending.Deliver(b.End, out)
	return 0, nil
}

// AppendState appends the state of the front end, the code, and the spikes
// that wait for their window.
func (e *Encoder) AppendState(b []byte) ([]byte, error) { return state.Append(b, e.fields) }

// RestoreState restores what AppendState wrote.
func (e *Encoder) RestoreState(b []byte) error { return state.Restore(b, e.fields) }

func (e *Encoder) fields(c *state.Codec) {
	state.Integer(c, &e.next)
	c.Bool(&e.begun)
	e.pending.Fields(c, e.Shape().Size())
	c.Demand(e.next >= 0 && e.next <= maxFrame, "the frames heard are past counting")
	e.front.fields(c, e.next)
}

// layerShape is the shape of a layer of channels x ears x bands.
func layerShape(channels, ears, bands int) pipeline.Shape {
	if ears == 1 {
		return pipeline.Shape{channels, bands}
	}
	return pipeline.Shape{channels, ears, bands}
}

// micros is the time of audio frame n, µs, rounded down.
func micros(n int64, rate int) int64 {
	r := int64(rate)
	return n/r*1_000_000 + n%r*1_000_000/r
}

var (
	_ pipeline.Encoder  = (*Encoder)(nil)
	_ pipeline.Stateful = (*Encoder)(nil)
)
