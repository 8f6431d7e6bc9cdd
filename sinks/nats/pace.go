package nats

import "time"

// pace decides how much is sent before a confirmation is awaited. A slow link
// takes long for what a fast one carries at once, and a detection that waits
// behind others must not pass its deadline for that: the amount doubles while
// confirmations come quickly and halves when they are slow. What is on its way
// is never sent again meanwhile.
type pace struct {
	room, most int64         // bytes
	deadline   time.Duration // of a detection
}

// firstRoom is what is sent first, and at least: some detections.
const firstRoom = 2 << 10

// slowest is the deadline that counts where there is none: three lost answers
// to the client's own pings end a connection.
const slowest = 2 * pingsEnd

const pingsEnd = 10 * time.Second

func newPace(most int64, deadline time.Duration) pace {
	if deadline == 0 || deadline > slowest {
		deadline = slowest
	}
	return pace{room: min(firstRoom, most), most: most, deadline: deadline}
}

// confirmed notes how long it took until all that was sent was confirmed.
func (p *pace) confirmed(took time.Duration) {
	switch {
	case took < p.deadline/16:
		p.room = min(2*p.room, p.most)
	case took > p.deadline/4:
		p.failed()
	}
}

// failed notes that it was not.
func (p *pace) failed() { p.room = max(p.room/2, min(firstRoom, p.most)) }
