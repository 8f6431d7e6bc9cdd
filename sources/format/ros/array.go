package ros

import (
	"encoding/binary"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// array is an array of events that is being read.
type array struct {
	layout
	b    []byte
	pos  int
	n    int   // events left
	base int64 // offset of b in the recording
}

// decode appends events until the block is full or the array is read. It
// returns false when there is nothing more.
func (a *array) decode(s *format.Stream, b *format.Block) bool {
	limitX, limitY := format.Limit(s.Info.Width), format.Limit(s.Info.Height)
	for a.n > 0 && b.Room() > 0 {
		k := 0
		if a.usual && a.mask == 0 && a.places[0] == standard && a.clock == secondsAndNanoseconds {
			k = a.run(b, limitX, limitY)
		}
		if k == 0 && !a.one(s, b, limitX, limitY) {
			s.Damage.Add(format.Truncated, a.base+int64(a.pos), lastTime(b.Events), uint64(a.n))
			a.n = 0
		}
	}
	return a.n > 0
}

// one appends the next event; false when the message ends before it does.
func (a *array) one(s *format.Stream, b *format.Block, limitX, limitY uint32) bool {
	p := &a.places[a.pos&a.mask]
	if p.size > len(a.b)-a.pos {
		return false
	}
	e := a.b[a.pos : a.pos+p.size]
	var ev pipeline.Event
	if a.usual {
		ev = pipeline.Event{T: a.clock.us(e[p.t : p.t+8]), X: binary.LittleEndian.Uint16(e[p.x:]), Y: binary.LittleEndian.Uint16(e[p.y:])}
		if e[p.p] != 0 {
			ev.P = pipeline.On
		}
	} else if !a.other(&ev, p, e) {
		s.Damage.Add("impossible_value", a.base+int64(a.pos), lastTime(b.Events), 1)
		a.pos += p.size
		a.n--
		return true
	}
	if uint32(ev.X) >= limitX || uint32(ev.Y) >= limitY {
		s.Outside(uint32(ev.X), uint32(ev.Y), a.base+int64(a.pos), ev.T)
	}
	b.Events = append(b.Events, ev)
	a.pos += p.size
	a.n--
	return true
}

// standard is where the parts of dvs_msgs/Event stand in ROS 1.
var standard = place{x: 0, y: 2, t: 4, p: 12, size: 13}

// run appends events that lie as standard says, up to the first that is not on
// the sensor or not whole, and returns how many: the short way of one.
func (a *array) run(b *format.Block, limitX, limitY uint32) (k int) {
	at := len(b.Events)
	out := b.Events[at:min(cap(b.Events), at+a.n)]
	src := a.b[a.pos:]
	for ; k < len(out) && len(src) >= 13; k++ {
		w, ns := binary.LittleEndian.Uint64(src[:8]), binary.LittleEndian.Uint32(src[8:12])
		x, y := uint32(w)&0xffff, uint32(w)>>16
		if x >= limitX || y >= limitY {
			break
		}
		p := uint8(0)
		if src[12] != 0 {
			p = 1
		}
		out[k] = pipeline.Event{T: int64(w>>32)*1_000_000 + int64(ns/1000), X: uint16(x), Y: uint16(y), P: p}
		src = src[13:]
	}
	b.Events = b.Events[:at+k]
	a.pos += 13 * k
	a.n -= k
	return k
}

func lastTime(events []pipeline.Event) int64 {
	if len(events) == 0 {
		return 0
	}
	return events[len(events)-1].T
}
