package network

import (
	"slices"

	"ganglion/internal/asm"
	"ganglion/pipeline"
)

// clockedBlock is one shard's part of a clocked layer.
type clockedBlock struct {
	*clockedLayer
	inputs []arrival
	own    []segment // the shard's places, ascending
	pos    [maxInputs]int
	reach  []segment
	woken  []int32  // blocks that got input in this step
	fired  []uint32 // ids that fired in this step
	graded []value  // values that leave in this step
	groups []uint8  // scratch of the vector kernel
	counts counts

	contenders []contender // competing neurons above their threshold in this step
	places     []int32     // scratch: where neurons fired in this step
	learns     bool        // something of this shard changes with its spikes
}

// step runs all steps of the window in turn.
func (b *clockedBlock) step(w *window, out *pipeline.Spikes) counts {
	b.counts = counts{}
	if w.fresh {
		for i := range b.inputs {
			b.pos[i] = w.skip[b.inputs[i].from]
		}
	}
	for tick := w.from; tick < w.to; tick += w.clock.step {
		b.tick(w, tick, out)
	}
	return b.counts
}

// tick runs one step: inputs, drives, update, spikes.
func (b *clockedBlock) tick(w *window, tick int64, out *pipeline.Spikes) {
	count := (tick-w.clock.begin)/w.clock.step + 1
	any := false
	for i := range b.inputs {
		any = b.receive(i, w, tick, count) || any
	}
	b.advance(w, tick, count, any)
	if b.Compete != nil {
		b.contest()
	}
	b.flush(tick, out)
	if b.learns {
		b.learn(w.frozen)
	}
	b.fired = b.fired[:0]
}

// advance updates the neurons that the step concerns.
func (b *clockedBlock) advance(w *window, tick, count int64, any bool) {
	if b.waits {
		b.updateWoken()
		return
	}
	if b.Drive != nil {
		b.add(b.Drive)
		any = true
	}
	if b.LateDrive != nil && !w.clock.first(tick) {
		b.add(b.LateDrive)
		any = true
	}
	if b.ring != nil {
		b.delay(count)
		any = true
	}
	if b.v == nil && b.late == nil && !any {
		return // without state, silence stays silent
	}
	for _, s := range b.own {
		b.update(s)
	}
}

// learn ends a step for what changes with spikes: plastic connections and
// homeostatic thresholds.
func (b *clockedBlock) learn(frozen bool) {
	b.places = b.places[:0]
	for _, id := range b.fired {
		b.places = append(b.places, b.place(id))
	}
	for i := range b.inputs {
		if p := b.inputs[i].plastic; p != nil {
			p.learn(b.places, frozen)
		}
	}
	if b.theta != nil && !frozen {
		b.balance(b.places)
	}
}

// updateWoken updates the blocks that got input.
func (b *clockedBlock) updateWoken() {
	size := b.block()
	for _, k := range b.woken {
		first := k * size
		b.update(segment{first: first, n: min(size, int32(len(b.x))-first)})
	}
	b.woken = b.woken[:0]
}

// receive adds the spikes of one input in one step, which is step number count.
func (b *clockedBlock) receive(i int, w *window, tick, count int64) (any bool) {
	a := &b.inputs[i]
	train := w.trains[a.from]
	pos := b.pos[i]
	if a.next || w.looped[a.from] { // a train of one step alone
		pos = 0
		if a.next {
			train = w.previous[a.from]
		}
	}
	weights := a.wiring.weights()
	for ; pos < len(train.T) && (a.next || train.T[pos] < tick+w.clock.step); pos++ {
		if a.plastic != nil {
			a.plastic.arrived = append(a.plastic.arrived, train.Run(pos)...)
		}
		any = true
		lo, hi := train.Offsets[pos], train.Offsets[pos+1]
		values := train.Values
		if len(values) > 0 {
			values = values[lo:hi]
		}
		if b.receiveRun(a, train.IDs[lo:hi], values) {
			continue
		}
		for k := lo; k < hi; k++ {
			gain := float32(1)
			if len(train.Values) > 0 {
				gain = train.Values[k]
			}
			if a.resource != nil {
				gain *= a.resource.take(train.IDs[k], count)
			}
			b.reach = a.wiring.reach(train.IDs[k], b.reach[:0])
			reached := 0
			for _, s := range b.reach {
				reached += int(s.n)
				if a.lag != nil {
					a.lag.send(s, weights, gain, count)
					continue
				}
				if b.waits {
					b.wake(s, count)
				}
				asm.AddScaled(b.x[s.first:s.first+s.n], weights[s.w:s.w+s.n], gain)
			}
			b.counts.synOps += a.crossed(train.IDs[k], gain, reached)
		}
	}
	b.pos[i] = pos
	if a.lag != nil {
		a.lag.deliver(b.x, b.own, count)
		any = true
	}
	return any
}

// wake brings the blocks of a segment up to date for step number count.
func (b *clockedBlock) wake(s segment, count int64) {
	size := b.block()
	from, _ := b.blockOf.div(uint32(s.first))
	to, _ := b.blockOf.div(uint32(s.first + s.n - 1))
	for k := int32(from); k <= int32(to); k++ {
		slept := count - b.awake[k]
		if slept == 0 {
			continue
		}
		b.awake[k] = count
		b.woken = append(b.woken, k)
		if b.v == nil {
			continue
		}
		first, end := k*size, min((k+1)*size, int32(len(b.v)))
		asm.Decay(b.v[first:end], b.Decay[b.parameterOf(first):], int(slept-1))
	}
}

// add adds a drive by place.
func (b *clockedBlock) add(drive []float32) {
	for _, s := range b.own {
		asm.AddScaled(b.x[s.first:s.first+s.n], drive[s.first:s.first+s.n], 1)
	}
}

// delay puts the inputs of the step into the ring and takes out what is due.
func (b *clockedBlock) delay(count int64) {
	size := int64(len(b.x))
	slots := int64(len(b.ring)) / size
	now := count % slots
	for _, s := range b.own {
		for n := s.first; n < s.first+s.n; n++ {
			b.ring[(now+int64(b.delays[n]))%slots*size+int64(n)] += b.x[n]
			due := &b.ring[now*size+int64(n)]
			b.x[n], *due = *due, 0
		}
	}
}

// fire notes z spikes of the neuron at a place, or those of the step before
// when the layer is late.
func (b *clockedBlock) fire(place int32, z uint32) {
	if b.late != nil {
		z, b.late[place] = b.late[place], z
	}
	for range z {
		b.fired = append(b.fired, b.id(place))
	}
}

// flush sends the step's spikes in order of id.
func (b *clockedBlock) flush(tick int64, out *pipeline.Spikes) {
	if len(b.fired) > 0 {
		if (b.channels > 1 || b.waits || b.Compete != nil) && !slices.IsSorted(b.fired) {
			slices.Sort(b.fired)
		}
		appendIDs(out, tick, b.fired)
	}
	if len(b.graded) == 0 {
		return
	}
	byID := func(a, b value) int { return int(a.id) - int(b.id) }
	if !slices.IsSortedFunc(b.graded, byID) {
		slices.SortFunc(b.graded, byID)
	}
	for _, g := range b.graded {
		out.AppendGraded(tick, g.id, g.v)
	}
	b.graded = b.graded[:0]
}
