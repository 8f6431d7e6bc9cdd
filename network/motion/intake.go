package motion

import (
	"ganglion/internal/asm"
	"ganglion/network/motion/track"
	"ganglion/pipeline"
)

// intake hands the spikes of one window to the readout, up to a time.
type intake struct {
	*Readout
	a *pipeline.Activity

	input, active, spike, still int // next run of the input, pooled, coincidence and slow trains
	turn                        int // next sample of the gyroscope
	answerRun, answer           int // next run and spike of the direction train
}

// next is the time of the next input spike, or sample of a gyroscope that counts.
func (in *intake) next() (t int64, ok bool) {
	if in.input < len(in.a.Input.T) {
		t, ok = in.a.Input.T[in.input], true
	}
	if in.turn < len(in.a.Gyro) && in.camera.gyro.focal > 0 && (!ok || in.a.Gyro[in.turn].At < t) {
		return in.a.Gyro[in.turn].At, true
	}
	return t, ok
}

// take hands over all spikes before end.
func (in *intake) take(end int64) {
	for ; in.turn < len(in.a.Gyro) && in.a.Gyro[in.turn].At < end; in.turn++ {
		in.camera.gyro.take(&in.a.Gyro[in.turn], !in.camera.flows())
	}
	in.takeInput(end)
	in.takePooled(end)
	in.takeCoincidence(end)
	in.takeSlow(end)
}

// fetchAhead is how many events before its own the state of a pixel is fetched:
// events lie all over the sensor, whose pixels are not in the cache.
const fetchAhead = 16

// takeInput goes through the spikes without a loop for each run: how many a run has is
// what a processor cannot foresee.
func (in *intake) takeInput(end int64) {
	s, run := in.a.Input, in.input
	for in.input < len(s.T) && s.T[in.input] < end {
		in.input++
	}
	if run == in.input {
		return
	}
	last := int(s.Offsets[in.input])
	for k := int(s.Offsets[run]); k < last; k++ {
		for k >= int(s.Offsets[run+1]) {
			run++
		}
		if next := k + fetchAhead; next < len(s.IDs) {
			x, y, _ := in.pixel(s.IDs[next])
			asm.Prefetch(in.flicker.address(y*in.w+x), in.tracker.Address(x, y), 0, 0)
		}
		x, y, on := in.pixel(s.IDs[k])
		in.tracker.Event(x, y, on)
		in.watch.Event(x, y)
		in.flicker.see(y*in.w+x, s.T[run], on)
	}
}

func (in *intake) takePooled(end int64) {
	s := &in.a.Layers[in.layers.pooled].Spikes
	for ; in.active < len(s.T) && s.T[in.active] < end; in.active++ {
		for _, cell := range s.Run(in.active) {
			in.grid.activate(int32(cell), s.T[in.active]+in.cfg.Cluster.Active.Microseconds())
		}
	}
}

func (in *intake) takeCoincidence(end int64) {
	s := &in.a.Layers[in.layers.coincidence].Spikes
	for ; in.spike < len(s.T) && s.T[in.spike] < end; in.spike++ {
		t := s.T[in.spike]
		for _, id := range s.Run(in.spike) {
			x, y, on := in.pixel(id)
			in.fast.add(spike{Point: track.Point{T: t, X: float32(x), Y: float32(y), On: on}, slowness: in.slowness(t, id)})
		}
	}
}

// slowness fits the answers of the direction layer to a coincidence spike:
// they stand at its time under id*taps+tap.
func (in *intake) slowness(t int64, id uint32) [2]float32 {
	d, taps := &in.a.Layers[in.layers.direction].Spikes, uint32(len(tapOffsets))
	if in.answerRun == len(d.T) || d.T[in.answerRun] != t {
		return [2]float32{}
	}
	var fit slownessFit
	last := int(d.Offsets[in.answerRun+1])
	for ; in.answer < last && d.IDs[in.answer]/taps == id; in.answer++ {
		fit.answer(int(d.IDs[in.answer]%taps), d.Values[in.answer])
	}
	if in.answer == last {
		in.answerRun++
	}
	return fit.slowness()
}

func (in *intake) takeSlow(end int64) {
	if in.layers.slow < 0 {
		return
	}
	s := &in.a.Layers[in.layers.slow].Spikes
	w, h := in.w/slowStride, in.h/slowStride
	for ; in.still < len(s.T) && s.T[in.still] < end; in.still++ {
		t := s.T[in.still]
		for _, id := range s.Run(in.still) {
			i := int(id)
			on := i >= w*h
			if on {
				i -= w * h
			}
			in.slow.add(spike{Point: track.Point{T: t, X: float32(i%w*slowStride) + .5, Y: float32(i/w*slowStride) + .5, On: on}})
		}
	}
}
