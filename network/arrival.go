package network

import "ganglion/pipeline"

// arrival is a connection as one shard sees it.
type arrival struct {
	from     int  // index of the presynaptic train: 0 input, 1+i layer i
	next     bool // spikes arrive one step later
	wiring   wiring
	depress  *depression // nil without depression
	share    *share      // sorts out the spikes that reach the shard; nil: all do
	plastic  *plastic    // nil where nothing is learned
	resource *resource   // depression of a clocked layer
	lag      *lag        // synapses with delays
	plain    bool        // see plainInput
	fan      []uint32    // synapses of each presynaptic neuron whose weights are not 0; nil: all
}

// train is what arrives in a window, from a run on.
func (a *arrival) train(win *window) (s *pipeline.Spikes, run int) {
	s, run = win.trains[a.from], win.skip[a.from]
	if a.share != nil {
		return a.share.of(s, run), 0
	}
	return s, run
}

// crossed is how many effective operations a spike of neuron id, worth gain, is
// that crosses n synapses (NeuroBench, Yik et al. 2025: neither the weight nor
// the activation is 0).
func (a *arrival) crossed(id uint32, gain float32, n int) uint64 {
	switch {
	case gain == 0:
		return 0
	case a.fan != nil:
		return uint64(a.fan[id])
	}
	return uint64(n)
}

// effective counts the effective operations of spikes that cross width synapses
// each.
func (a *arrival) effective(ids []uint32, values []float32, width int) (ops uint64) {
	if a.fan == nil && len(values) == 0 {
		return uint64(width) * uint64(len(ids))
	}
	for k, id := range ids {
		gain := float32(1)
		if len(values) > 0 {
			gain = values[k]
		}
		ops += a.crossed(id, gain, width)
	}
	return ops
}

// share is the part of a presynaptic train that reaches one shard. Sorting it
// out first, without a branch that depends on where a spike lies, is several
// times cheaper than asking at every spike: in a busy scene such a branch is
// wrong half of the time, and a second shard would gain nothing.
type share struct {
	mine  []uint8 // by presynaptic row: 1 where some neuron of it reaches the shard
	rowOf divider
	train pipeline.Spikes
}

// newShare makes the share of a shard that takes the spikes of some presynaptic
// rows, counted over all channels. It is nil where the shard takes all of them:
// the train is the share.
func newShare(in pipeline.Shape, takes func(row int) bool) *share {
	c, h, width := extent(in)
	s := &share{mine: make([]uint8, c*h), rowOf: newDivider(width)}
	all := true
	for row := range s.mine {
		if takes(row) {
			s.mine[row] = 1
		} else {
			all = false
		}
	}
	if all {
		return nil
	}
	return s
}

// reaches reports which presynaptic rows reach a shard through a wiring.
func reaches(in pipeline.Shape, w wiring) func(row int) bool {
	_, _, width := extent(in)
	return func(row int) bool {
		for x := range width {
			if _, _, ok := w.near(uint32(row*width + x)); ok {
				return true
			}
		}
		return false
	}
}

// of sorts out the shard's part of a train from a run on. The result is valid
// until the next call.
func (s *share) of(in *pipeline.Spikes, from int) *pipeline.Spikes {
	out := &s.train
	out.Reset()
	if from >= len(in.T) {
		return out
	}
	n, graded := len(in.IDs), len(in.Values) > 0
	times, ids := grown(out.T, len(in.T)), grown(out.IDs, n)
	offsets := grown(out.Offsets, len(in.T)+1)
	values := out.Values
	if graded {
		values = grown(values, n)
	}
	// Every spike and every run is written where the next one of the shard
	// belongs, and the place advances only where it is one.
	runs, kept := 0, 0
	for r := from; r < len(in.T); r++ {
		first := kept
		for k := in.Offsets[r]; k < in.Offsets[r+1]; k++ {
			id := in.IDs[k]
			row, _ := s.rowOf.div(id)
			ids[kept] = id
			if graded {
				values[kept] = in.Values[k]
			}
			kept += int(s.mine[row])
		}
		times[runs], offsets[runs] = in.T[r], uint32(first)
		runs += min(kept-first, 1)
	}
	offsets[runs] = uint32(kept)
	out.T, out.Offsets, out.IDs = times[:runs], offsets[:runs+1], ids[:kept]
	if graded {
		out.Values = values[:kept]
	}
	return out
}

// grown is s with room for n values, all of them in its length.
func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}
