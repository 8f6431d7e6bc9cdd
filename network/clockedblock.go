package network

// clockedBlock is one shard's part of a clocked layer.
type clockedBlock struct {
	*clockedLayer
	inputs []arrival
	own    []segment // the shard's places, ascending
	pos    [maxInputs]int
	reach  []segment
	woken  []int32  // blocks that got input in this step
	slept  []int64  // silent steps that each of them makes up for
	fired  []uint32 // ids that fired in this step
	graded []value  // values that leave in this step
	groups []uint8  // scratch of the vector kernel
	counts counts

	contenders []contender // competing neurons above their threshold in this step
	places     []int32     // scratch: where neurons fired in this step
	learns     bool        // something of this shard changes with its spikes
}

// contender is a neuron that is above its threshold.
type contender struct {
	place  int32
	excess float32
}

// value is a graded spike.
type value struct {
	id uint32
	v  float32
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

func (b *clockedBlock) above(v, threshold float32) bool {
	return v > threshold || b.Inclusive && v == threshold
}

// maxSpikes bounds the spikes of one neuron in one step.
const maxSpikes = 1 << 16

// decide applies the layer's rule and returns the membrane and the number of
// spikes.
func (b *clockedBlock) decide(n int32, before, v float32) (float32, uint32) {
	threshold := b.Threshold[n]
	if b.theta != nil {
		threshold += b.raised(n)
	}
	if b.adapted != nil && b.Adapt.OnThreshold {
		threshold += b.adapted[n]
	}
	switch b.Rule {
	case ToReset:
		if b.above(v, threshold) {
			if b.Compete != nil {
				b.contenders = append(b.contenders, contender{n, v - threshold})
				return v, 0
			}
			return b.Reset[n], 1
		}
	case Subtract:
		if b.above(v, threshold) {
			return v - threshold, 1
		}
	case SubtractMany:
		if b.above(v, threshold) {
			z := uint32(min(v/threshold, maxSpikes))
			return v - float32(float32(z)*threshold), z
		}
	case SubtractDelayed:
		if b.above(before, threshold) {
			return v - threshold, 1
		}
	case SubtractNext:
		if b.above(before, threshold) {
			v -= threshold
		}
		if b.above(v, threshold) {
			return v, 1
		}
	case SubtractTwice:
		test := v
		if b.above(before, threshold) {
			test -= threshold
		}
		if b.above(test, threshold) {
			return v - threshold, 1
		}
	}
	return v, 0
}
