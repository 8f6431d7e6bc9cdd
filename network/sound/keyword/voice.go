package keyword

// voice remembers which steps held voice, as many as the longest word and a
// pause have.
type voice struct {
	spikes  int // that make a step voiced
	pause   int // steps
	longest int // steps
	ring    []uint8
	at      int // of the next step
	voiced  int // of the last longest steps
	gate    int // least of them; 0: always open
}

func newVoice(c Voice, pause, longest int) voice {
	return voice{
		spikes: c.Spikes, pause: pause, longest: longest, ring: make([]uint8, longest+pause),
		gate: int(float64(c.Gate*float64(longest)) + .5),
	}
}

// add takes the number of input spikes of the next step.
func (v *voice) add(spikes int) {
	v.voiced -= int(v.ago(v.longest - 1))
	v.ring[v.at] = 0
	if spikes >= v.spikes {
		v.ring[v.at] = 1
		v.voiced++
	}
	v.at = (v.at + 1) % len(v.ring)
}

// ago is 1 if the step k steps before the last held voice.
func (v *voice) ago(k int) uint8 {
	return v.ring[(v.at-1-k+2*len(v.ring))%len(v.ring)]
}

// open reports whether the gate is open.
func (v *voice) open() bool { return v.voiced >= v.gate }

// span is where the last word was heard: from first to last, in steps before
// the last one. Without voice both are 0.
func (v *voice) span() (first, last int) {
	for last < v.longest && v.ago(last) == 0 {
		last++
	}
	if last == v.longest {
		return 0, 0
	}
	first = last
	for k, silent := last+1, 0; k < v.longest && silent < v.pause; k++ {
		if v.ago(k) == 1 {
			first, silent = k, 0
		} else {
			silent++
		}
	}
	return first, last
}
