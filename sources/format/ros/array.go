package ros

import (
	"encoding/binary"
	"errors"
	"fmt"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// place is where the parts of an event stand behind the place at which the
// event begins.
type place struct {
	x, y, p, t int
	size       int // to the end of the event
}

// layout is how the events of an array lie. In CDR it depends on the position
// of an event in the message, because fields are aligned there: one place for
// each remainder of the position. ROS 1 packs them, and needs but one.
type layout struct {
	places [8]place
	mask   int
	clock  clock
}

// clock is what the time of an event is.
type clock uint8

const (
	secondsAndNanoseconds clock = iota
	wide                        // uint64: ns since 1970, or µs
)

// laterThanNS is the smallest uint64 that is taken for ns: 2001 in ns, or the
// year 33,658 in µs.
const laterThanNS = 1e18

// layoutOf finds x, y, polarity and time among the fields of an event. Old
// definitions have "uint64 time" where today's have "time ts".
func layoutOf(n *node, align int) (l layout, err error) {
	if align > 0 {
		l.mask = 7
	}
	for start := 0; start <= l.mask; start++ {
		found := place{x: -1, y: -1, p: -1, t: -1}
		c := cursor{pos: start, align: align}
		if err := l.measure(n.sub, n.path, &c, start, &found); err != nil {
			return l, err
		}
		if found.x < 0 || found.y < 0 || found.p < 0 || found.t < 0 {
			return l, errors.New("an event of the definition has no x, y, polarity and time")
		}
		found.size = c.pos - start
		l.places[start] = found
	}
	return l, nil
}

func (l *layout) measure(nodes []node, path string, c *cursor, start int, found *place) error {
	for i := range nodes {
		n := &nodes[i]
		if n.array < 0 || n.prim == text || n.prim == notPrimitive && n.array != 0 {
			return fmt.Errorf("%s has no fixed size", n.path)
		}
		if n.prim == notPrimitive {
			if err := l.measure(n.sub, n.path, c, start, found); err != nil {
				return err
			}
			continue
		}
		c.pad(n.prim.align())
		at := c.pos - start
		c.pos += n.prim.size() * max(n.array, 1)
		switch name := n.path[len(path)+1:]; {
		case name == "x" && n.prim.size() == 2:
			found.x = at
		case name == "y" && n.prim.size() == 2:
			found.y = at
		case (name == "polarity" || name == "p" || name == "pol") && n.prim.size() == 1:
			found.p = at
		case n.prim == stamp, name == "sec" && n.prim.size() == 4:
			found.t, l.clock = at, secondsAndNanoseconds
		case n.prim == uint64s || n.prim == int64s:
			found.t, l.clock = at, wide
		}
	}
	return nil
}

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
		if a.mask == 0 && a.places[0] == standard && a.clock == secondsAndNanoseconds {
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
	ev := pipeline.Event{T: a.clock.us(e[p.t : p.t+8]), X: binary.LittleEndian.Uint16(e[p.x:]), Y: binary.LittleEndian.Uint16(e[p.y:])}
	if e[p.p] != 0 {
		ev.P = pipeline.On
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

// us is the time of an event in µs.
func (c clock) us(b []byte) int64 {
	u := binary.LittleEndian.Uint64(b)
	if c == secondsAndNanoseconds {
		return int64(u&0xffffffff)*1_000_000 + int64(u>>32/1000)
	}
	if u >= laterThanNS {
		return int64(u / 1000)
	}
	return int64(u)
}
