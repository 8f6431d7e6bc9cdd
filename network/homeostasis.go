package network

import (
	"fmt"
	"time"
)

// Homeostasis keeps neurons from firing all the time (Diehl & Cook 2015): each
// spike raises the threshold by Rise from the next step on, and what was added
// decays with the time constant Tau. It belongs to a [Clocked] layer.
type Homeostasis struct {
	Rise float64
	Tau  time.Duration
	// ByChannel lets all neurons of a channel share one threshold, as the
	// neurons of a convolution share their weights.
	ByChannel bool
}

func (h Homeostasis) validate(r Rule) error {
	switch {
	case r < ToReset || r > SubtractNext:
		return fmt.Errorf("only neurons with a membrane have a homeostatic threshold")
	case !(h.Rise >= 0) || !finite(h.Rise) || h.Tau < time.Microsecond:
		return fmt.Errorf("homeostasis with a rise of %v and a time constant of %v", h.Rise, h.Tau)
	}
	return nil
}

// raised is what homeostasis has added to the threshold at a place.
func (l *clockedLayer) raised(place int32) float32 {
	return float32(l.theta[l.thetaOf(place)])
}

func (l *clockedLayer) thetaOf(place int32) int32 {
	if l.Homeostasis.ByChannel {
		return place % l.channels
	}
	return place
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
