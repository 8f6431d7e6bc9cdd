package bptt

// axons carry the spikes of a layer's neurons, each neuron's for some whole
// steps of its own.
type axons struct {
	whole []int  // steps, by neuron
	due   []bool // [longest+1, neurons], a ring by step: whose spikes arrive
	now   int    // row of this step
}

func newAxons(neurons, longest int) *axons {
	return &axons{whole: make([]int, neurons), due: make([]bool, (longest+1)*neurons)}
}

// reset forgets the spikes on their way.
func (a *axons) reset() {
	clear(a.due)
	a.now = 0
}

// next goes a step on: it sends the spikes of the step and appends those that
// arrive in it, ascending.
func (a *axons) next(arrived, fired []uint32) []uint32 {
	n := len(a.whole)
	for _, id := range fired {
		at := a.now + a.whole[id]*n
		if at >= len(a.due) {
			at -= len(a.due)
		}
		a.due[at+int(id)] = true
	}
	row := a.due[a.now : a.now+n]
	for id, due := range row {
		if due {
			arrived = append(arrived, uint32(id))
		}
	}
	clear(row)
	if a.now += n; a.now == len(a.due) {
		a.now = 0
	}
	return arrived
}
