package analog

import (
	"fmt"

	"ganglion/encoders/code"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// Encoder puts a code over the channels of a stream.
type Encoder struct {
	code   code.Code
	rate   int
	period int64 // samples
	last   bool  // the last sample stands for the period, not the mean
	low    float64
	scale  float64

	next    int64 // number of the next sample
	whole   bool  // all samples of the current period have been seen
	sum     []float64
	values  []float32
	pending code.Pending
	watch   func(t int64, values []float32)
}

const (
	// maxRate keeps samples more than a microsecond apart.
	maxRate = 400_000
	// maxFrame is far from where times overflow.
	maxFrame = 1 << 50
)

// newEncoder builds an encoder for a sampled stream.
func newEncoder(c Config, info pipeline.StreamInfo) (*Encoder, error) {
	if info.Modality != pipeline.AudioStream {
		return nil, fmt.Errorf("the stream carries %s, not samples", info.Modality)
	}
	if info.SampleRate < 1 || info.SampleRate > maxRate || info.Channels < 1 {
		return nil, fmt.Errorf("%d channels at %d Hz", info.Channels, info.SampleRate)
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	e := &Encoder{
		rate: info.SampleRate, last: c.Take == "last", low: c.Low, scale: 1 / (c.High - c.Low),
		sum: make([]float64, info.Channels), values: make([]float32, info.Channels), whole: true,
	}
	var err error
	if e.period, err = c.samples(info.SampleRate); err != nil {
		return nil, err
	}
	e.code, err = code.New(c.Code, info.Channels, micros(e.period, e.rate))
	return e, err
}

// Shape is the layer of the package comment.
func (e *Encoder) Shape() pipeline.Shape {
	return pipeline.Shape{e.code.Channels(), len(e.values)}
}

// Watch has each called with the values of every frame before they are encoded,
// in [0, 1] unless they lie outside of low..high. They are valid during the call.
func (e *Encoder) Watch(each func(t int64, values []float32)) { e.watch = each }

// Period is the time from frame to frame, µs.
func (e *Encoder) Period() int64 { return micros(e.period, e.rate) }

// Encode appends the spikes of the window.
func (e *Encoder) Encode(b *pipeline.Batch, out *pipeline.Spikes) (int, error) {
	n := len(e.values)
	if len(b.PCM)%n != 0 {
		return 0, fmt.Errorf("%d samples are not whole frames of %d channels", len(b.PCM), n)
	}
	if len(b.PCM) > 0 && b.FrameIndex != e.next {
		e.leap(b.FrameIndex)
	}
	for at := 0; at < len(b.PCM); at += n {
		e.take(b.PCM[at : at+n])
	}
	e.pending.Deliver(b.End, out)
	return 0, nil
}

// leap resumes at another sample than the next.
func (e *Encoder) leap(to int64) {
	e.next = to
	e.whole = to%e.period == 0
	clear(e.sum)
}

// take takes one sample of each channel, and ends the period where it is due.
func (e *Encoder) take(x []float32) {
	for i, v := range x {
		if e.last {
			e.sum[i] = float64(v)
		} else {
			e.sum[i] += float64(v)
		}
	}
	e.next++
	if e.next%e.period != 0 {
		return
	}
	if e.whole {
		e.frame()
	}
	e.whole = true
	clear(e.sum)
}

// frame encodes the values of a period.
func (e *Encoder) frame() {
	count := float64(e.period)
	if e.last {
		count = 1
	}
	for i, s := range e.sum {
		e.values[i] = float32((s/count - e.low) * e.scale)
	}
	t := micros(e.next-1, e.rate)
	if e.watch != nil {
		e.watch(t, e.values)
	}
	e.code.Append(t, e.values, &e.pending.Train)
}

// micros is the time of sample n, µs, rounded down.
func micros(n int64, rate int) int64 {
	r := int64(rate)
	return n/r*1_000_000 + n%r*1_000_000/r
}

// AppendState implements [pipeline.Stateful].
func (e *Encoder) AppendState(b []byte) ([]byte, error) { return state.Append(b, e.fields) }

// RestoreState implements [pipeline.Stateful].
func (e *Encoder) RestoreState(b []byte) error { return state.Restore(b, e.fields) }

func (e *Encoder) fields(c *state.Codec) {
	state.Integer(c, &e.next)
	c.Bool(&e.whole)
	state.Array(c, e.sum)
	e.pending.Fields(c, e.Shape().Size())
	c.Demand(e.next >= 0 && e.next <= maxFrame, "the samples seen are past counting")
	c.Nested("code", e.code)
}

var (
	_ pipeline.Encoder  = (*Encoder)(nil)
	_ pipeline.Stateful = (*Encoder)(nil)
)
