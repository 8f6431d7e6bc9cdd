package motion

import "ganglion/pipeline"

// reader hands the spikes of one window to the readout, up to a time.
type reader struct {
	r *Readout
	a *pipeline.Activity

	input, pooled, coincidence int // next run of each train
	answerRun, answer          int // next run and spike of the direction train
}

// take hands over all spikes before end.
func (in *reader) take(end int64) {
	in.takeInput(end)
	in.takePooled(end)
	in.takeCoincidence(end)
}

func (in *reader) takeInput(end int64) {
	s, r := in.a.Input, in.r
	plane := uint32(r.w * r.h)
	for ; in.input < len(s.T) && s.T[in.input] < end; in.input++ {
		for _, id := range s.Run(in.input) {
			on := id >= plane
			if on {
				id -= plane
			}
			r.events.add(int(id)%r.w, int(id)/r.w, on)
		}
	}
}

func (in *reader) takePooled(end int64) {
	s, r := &in.a.Layers[in.r.pooled].Spikes, in.r
	for ; in.pooled < len(s.T) && s.T[in.pooled] < end; in.pooled++ {
		for _, cell := range s.Run(in.pooled) {
			r.grid.until[cell] = s.T[in.pooled] + r.active
		}
	}
}

// takeCoincidence walks the coincidence train and, beside it, the direction
// train: the answers to a spike stand at its time, under id*taps+tap.
func (in *reader) takeCoincidence(end int64) {
	r := in.r
	s, d := &in.a.Layers[r.coincidence].Spikes, &in.a.Layers[r.direction].Spikes
	plane := uint32(r.w * r.h)
	taps := uint32(len(Taps))
	for ; in.coincidence < len(s.T) && s.T[in.coincidence] < end; in.coincidence++ {
		t := s.T[in.coincidence]
		for _, id := range s.Run(in.coincidence) {
			var fit tapFit
			if in.answerRun < len(d.T) && d.T[in.answerRun] == t {
				last := int(d.Offsets[in.answerRun+1])
				for ; in.answer < last && d.IDs[in.answer]/taps == id; in.answer++ {
					fit.add(int(d.IDs[in.answer]%taps), d.Values[in.answer])
				}
				if in.answer == last {
					in.answerRun++
				}
			}
			gx, gy := fit.slowness()
			on := id >= plane
			if on {
				id -= plane
			}
			if r.flicker.blinks(id, t, on) {
				continue
			}
			r.spikes = append(r.spikes, spike{
				t: t, x: float32(id % uint32(r.w)), y: float32(id / uint32(r.w)), on: on, gx: gx, gy: gy, track: -1,
			})
		}
	}
}
