package network

import "ganglion/pipeline"

// maxInputs bounds the connections into one layer.
const maxInputs = 8

// walker goes through several spike trains at once, time by time.
type walker struct {
	clock  clock
	n      int
	trains [maxInputs]*pipeline.Spikes
	pos    [maxInputs]int // next run of each train
	t      int32          // current time
	ids    []uint32       // current run
	values []float32      // its graded values, or nil
}

func (w *walker) start(inputs []arrival, win *window) {
	w.clock, w.n = win.clock, len(inputs)
	for i := range inputs {
		w.trains[i], w.pos[i] = inputs[i].train(win)
	}
}

// next moves to the earliest time that is left.
func (w *walker) next() bool {
	found := false
	for i := range w.n {
		if p := w.pos[i]; p < len(w.trains[i].T) {
			if t := w.clock.rel(w.trains[i].T[p]); !found || t < w.t {
				w.t, found = t, true
			}
		}
	}
	return found
}

// run takes the next run of train i at the current time, if there is one.
func (w *walker) run(i int) bool {
	s, p := w.trains[i], w.pos[i]
	if p >= len(s.T) || w.clock.rel(s.T[p]) != w.t {
		return false
	}
	w.ids, w.values = s.Run(p), nil
	if len(s.Values) > 0 {
		w.values = s.Values[s.Offsets[p]:s.Offsets[p+1]]
	}
	w.pos[i]++
	return true
}

// lookahead is how many spikes before its turn a spike's state is fetched.
const lookahead = 8

// ahead is what lies lookahead spikes behind the current run of train i.
func (w *walker) ahead(i int) []uint32 {
	s := w.trains[i]
	from := int(s.Offsets[w.pos[i]-1]) + lookahead
	if from >= len(s.IDs) {
		return nil
	}
	return s.IDs[from:]
}
