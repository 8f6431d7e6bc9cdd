package network

// group is the group of a place.
func (b *clockedBlock) group(place int32) int32 {
	if b.Compete.Group == WholeLayer {
		return 0
	}
	return place / b.channels
}

// contest lets the best of each group fire. The contenders of a group stand
// side by side.
func (b *clockedBlock) contest() {
	for i := 0; i < len(b.contenders); {
		best, group := b.contenders[i], b.group(b.contenders[i].place)
		for i++; i < len(b.contenders) && b.group(b.contenders[i].place) == group; i++ {
			c := b.contenders[i]
			if c.excess > best.excess || c.excess == best.excess && b.id(c.place) < b.id(best.place) {
				best = c
			}
		}
		b.win(best.place, group)
	}
	b.contenders = b.contenders[:0]
}

// win fires one neuron and inhibits its group.
func (b *clockedBlock) win(place, group int32) {
	b.fire(place, 1)
	switch {
	case !b.Compete.Reset:
		b.v[place] = b.Clocked.Reset[place]
	case b.Compete.Group == WholeLayer:
		copy(b.v, b.Clocked.Reset)
	default:
		first, end := group*b.channels, (group+1)*b.channels
		copy(b.v[first:end], b.Clocked.Reset[first:end])
	}
}

// balance ends a step for the thresholds of a shard's places.
func (b *clockedBlock) balance(fired []int32) {
	if b.Homeostasis.ByChannel {
		b.sink(b.theta)
	} else {
		for _, s := range b.own {
			b.sink(b.theta[s.first : s.first+s.n])
		}
	}
	for _, place := range fired {
		b.theta[b.thetaOf(place)] += b.Homeostasis.Rise
	}
}

// sink lets thresholds decay by a step. What is below 2^-50 of a rise is 0.
func (b *clockedBlock) sink(theta []float64) {
	least := b.Homeostasis.Rise * 0x1p-50
	for i, v := range theta {
		if v *= b.fade; v < least {
			v = 0
		}
		theta[i] = v
	}
}
