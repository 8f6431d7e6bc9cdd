package runner

import (
	"context"
	"sort"

	"ganglion/internal/floor"
	"ganglion/pipeline"
)

// fitter cuts the windows of a source where a clock-driven network wants them:
// at multiples of its step. What lies behind the last multiple in a window
// waits for the next one, or for the end of the stream. It is used by one
// goroutine.
type fitter struct {
	source pipeline.Source // of read
	info   pipeline.StreamInfo
	step   int64 // µs; up to 1 nothing is cut

	in   pipeline.Batch // as the source cut it
	have bool           // in is to be handed on
	rest pipeline.Batch // what waits
	held bool           // rest has a window
	end  int64          // of the last batch, µs
	run  bool           // there was one
	err  error          // of the source, told once rest is out
}

func newFitter(s pipeline.Source, info pipeline.StreamInfo, n pipeline.Network) *fitter {
	f := &fitter{source: s, info: info}
	if c, ok := n.(pipeline.Stepped); ok {
		f.step = c.WindowStep()
	}
	return f
}

// read fills the batch like [pipeline.Source.Read].
func (f *fitter) read(ctx context.Context, b *pipeline.Batch) error {
	if f.step <= 1 {
		return f.source.Read(ctx, b)
	}
	for !f.next(b) {
		if f.err != nil {
			if f.held {
				f.release(b)
				return nil
			}
			return f.err
		}
		f.in.Reset()
		f.err = f.source.Read(ctx, &f.in)
		f.have = f.err == nil
	}
	return nil
}

// next fills the batch with what is ready, or reports that in has nothing more.
func (f *fitter) next(b *pipeline.Batch) bool {
	if f.have && f.held && floor.To(f.in.Start, f.step) >= floor.Up(f.rest.End, f.step) {
		f.release(b)
		return true
	}
	return f.have && f.cut(b)
}

// release hands on what waits, up to the end of its step.
func (f *fitter) release(b *pipeline.Batch) {
	b.Window = pipeline.Window{Start: f.rest.Start, End: floor.Up(f.rest.End, f.step)}
	b.FrameIndex = f.rest.FrameIndex
	b.Events, f.rest.Events = f.rest.Events, b.Events[:0]
	b.Gyro, f.rest.Gyro = f.rest.Gyro, b.Gyro[:0]
	b.PCM, f.rest.PCM = f.rest.PCM, b.PCM[:0]
	f.held, f.end, f.run = false, b.End, true
}

// cut fills the batch up to the last multiple of the step in the window, and
// reports whether there is one.
func (f *fitter) cut(b *pipeline.Batch) bool {
	f.have = false
	start, frame := floor.To(f.in.Start, f.step), f.in.FrameIndex
	if f.run {
		start = max(start, f.end)
	}
	if f.held {
		start = f.rest.Start
		if len(f.rest.PCM) > 0 {
			frame = f.rest.FrameIndex
		}
	}
	end := floor.To(f.in.End, f.step)
	events, samples := 0, 0 // of the window that are in the batch
	if end > start {
		b.Window, b.FrameIndex = pipeline.Window{Start: start, End: end}, frame
		events, samples = f.fill(b)
		f.held, f.end, f.run = false, end, true
	}
	if end == f.in.End {
		return true
	}
	f.rest.Window = pipeline.Window{Start: max(start, end), End: f.in.End}
	if len(f.rest.PCM) == 0 {
		f.rest.FrameIndex = f.in.FrameIndex
	}
	f.rest.Events = append(f.rest.Events, f.in.Events[events:]...)
	f.rest.Gyro = append(f.rest.Gyro, f.in.Gyro...)
	f.rest.PCM = append(f.rest.PCM, f.in.PCM[samples:]...)
	f.held = true
	return end > start
}

// fill moves what waits and what lies before the batch's end to the batch, and
// returns how much of the window's slices that is.
func (f *fitter) fill(b *pipeline.Batch) (n, m int) {
	n = len(f.in.Events)
	if b.End < f.in.End {
		n = sort.Search(n, func(i int) bool { return f.in.Events[i].T >= b.End })
	}
	if !f.held && n == len(f.in.Events) {
		b.Events, f.in.Events, n = f.in.Events, b.Events[:0], 0
	} else {
		b.Events = append(append(b.Events, f.rest.Events...), f.in.Events[:n]...)
	}
	f.rest.Events = f.rest.Events[:0]
	f.turns(b)
	m = len(f.in.PCM)
	if b.End < f.in.End && m > 0 {
		frames := max(0, f.info.FrameAt(b.End)-f.in.FrameIndex)
		m = min(m, int(frames)*f.info.Channels)
	}
	b.PCM = append(append(b.PCM, f.rest.PCM...), f.in.PCM[:m]...)
	f.in.FrameIndex += int64(m / max(1, f.info.Channels))
	f.rest.PCM = f.rest.PCM[:0]
	return n, m
}

// turns moves the gyroscope's samples before the batch's end to the batch.
func (f *fitter) turns(b *pipeline.Batch) {
	b.Gyro = append(b.Gyro, f.rest.Gyro...)
	f.rest.Gyro = f.rest.Gyro[:0]
	n := sort.Search(len(f.in.Gyro), func(i int) bool { return f.in.Gyro[i].At >= b.End })
	b.Gyro = append(b.Gyro, f.in.Gyro[:n]...)
	f.in.Gyro = f.in.Gyro[:copy(f.in.Gyro, f.in.Gyro[n:])]
}
