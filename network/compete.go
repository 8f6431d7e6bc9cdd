package network

import "fmt"

// Competition is lateral inhibition at its strongest, winner takes all: of the
// neurons of a group that would fire in a step, only the one furthest above its
// threshold does, of equals the one with the smallest id. It belongs to a
// [Clocked] layer that fires by ToReset.
type Competition struct {
	Group Group
	// Reset inhibits the others of the group: a spike resets all of them. Else
	// they keep their membranes and may win a later step.
	Reset bool
}

// Group is who competes.
type Group int

// The groups.
const (
	WholeLayer Group = iota // all neurons of the layer
	Channels                // the channels of each position
)

func (c Competition) validate(n Clocked) error {
	if n.Rule != ToReset || n.Late {
		return fmt.Errorf("only neurons that fire by reset, in the same step, compete")
	}
	if c.Group != WholeLayer && c.Group != Channels {
		return fmt.Errorf("no group %d", c.Group)
	}
	return nil
}

// contender is a neuron that is above its threshold.
type contender struct {
	place  int32
	excess float32
}

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
