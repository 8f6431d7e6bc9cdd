package ros

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"ganglion/internal/floor"
	"ganglion/pipeline"
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
	places     [8]place
	mask       int
	clock      clock
	usual      bool // x and y of uint16, a polarity of one byte that is not 0 for on, a time of 8 bytes
	x, y, p, t primitive
}

// clock is what the time of an event is.
type clock uint8

const (
	secondsAndNanoseconds clock = iota
	wide                        // an integer of 64 bits: ns since 1970, or µs
	nanoseconds
	microseconds
	milliseconds
	seconds
)

// laterThanNS is the smallest integer that is taken for ns where nothing names
// the unit: 2001 in ns, or the year 33,658 in µs.
const laterThanNS = 1e18

// leaf is a number of an event.
type leaf struct {
	name string // the last part of its path, in small letters
	path string
	prim primitive
	at   int // behind the event's beginning
}

// The names of the parts of an event: today's and those of older and other
// definitions. A name of a time may end with its unit.
var (
	columnNames   = []string{"x", "u", "col", "column", "x_pos", "pos_x", "pixel_x", "x_pixel"}
	rowNames      = []string{"y", "v", "row", "y_pos", "pos_y", "pixel_y", "y_pixel"}
	polarityNames = []string{"polarity", "p", "pol", "on", "is_on"}
	timeNames     = []string{"ts", "t", "time", "timestamp", "time_stamp", "stamp"}
	timeUnits     = map[string]clock{
		"_ns": nanoseconds, "_nsec": nanoseconds, "_us": microseconds, "_usec": microseconds, "_ms": milliseconds, "_msec": milliseconds,
		"_s": seconds, "_sec": seconds,
	}
)

// layoutOf finds x, y, polarity and time among the fields of an event, by name
// and type, where there is one of each and no doubt about its unit. Old definitions
// have "uint64 time" where today's have "time ts".
func layoutOf(n *node, align int) (l layout, err error) {
	if align > 0 {
		l.mask = 7
	}
	var parts [4]int
	for start := 0; start <= l.mask; start++ {
		c := cursor{pos: start, align: align}
		leaves, err := measure(nil, n.sub, &c, start)
		if err != nil {
			return l, err
		}
		if start == 0 {
			if parts, err = l.choose(leaves); err != nil {
				return l, fmt.Errorf("%s: %w", n.path, err)
			}
		}
		at := func(part int) int { return leaves[parts[part]].at }
		l.places[start] = place{x: at(0), y: at(1), p: at(2), t: at(3), size: c.pos - start}
	}
	return l, nil
}

// measure lists the numbers of an event that begins at start.
func measure(leaves []leaf, nodes []node, c *cursor, start int) (_ []leaf, err error) {
	for i := range nodes {
		n := &nodes[i]
		if n.array < 0 || n.prim == text || n.prim == notPrimitive && n.array != 0 {
			return nil, fmt.Errorf("%s has no fixed size", n.path)
		}
		if n.prim == notPrimitive {
			if leaves, err = measure(leaves, n.sub, c, start); err != nil {
				return nil, err
			}
			continue
		}
		c.pad(n.prim.align())
		if n.array == 0 {
			name := n.path[strings.LastIndexByte(n.path, '.')+1:]
			leaves = append(leaves, leaf{strings.ToLower(name), n.path, n.prim, c.pos - start})
		}
		c.pos += n.prim.size() * max(n.array, 1)
	}
	return leaves, nil
}

// choose finds which numbers are column, row, polarity and time.
func (l *layout) choose(leaves []leaf) (parts [4]int, err error) {
	for i, names := range [][]string{columnNames, rowNames, polarityNames} {
		found := slices.Collect(indexes(leaves, func(f leaf) bool { return slices.Contains(names, f.name) }))
		if i == 2 && len(found) == 0 {
			found = slices.Collect(indexes(leaves, func(f leaf) bool { return f.prim == bool8 }))
		}
		if parts[i], err = one(leaves, found, [...]string{"column x", "row y", "polarity"}[i]); err != nil {
			return parts, err
		}
		if f := leaves[parts[i]]; f.prim >= float32s {
			return parts, fmt.Errorf("%s is not an integer", f.path)
		}
	}
	times := slices.Collect(indexes(leaves, func(f leaf) bool { return f.isTime() }))
	if len(times) == 0 {
		times = slices.Collect(indexes(leaves, func(f leaf) bool { return f.prim == uint64s || f.prim == int64s }))
		times = slices.DeleteFunc(times, func(i int) bool { return slices.Contains(parts[:3], i) })
	}
	if parts[3], err = one(leaves, times, "time"); err != nil {
		return parts, err
	}
	if l.clock, err = clockOf(leaves, parts[3]); err != nil {
		return parts, err
	}
	l.x, l.y, l.p, l.t = leaves[parts[0]].prim, leaves[parts[1]].prim, leaves[parts[2]].prim, leaves[parts[3]].prim
	l.usual = l.x == uint16s && l.y == uint16s && (l.p == bool8 || l.p == uint8s) && l.clock <= wide
	return parts, nil
}

// isTime reports whether a number is named or typed as a time.
func (f *leaf) isTime() bool {
	name := f.name
	for unit := range timeUnits {
		if rest, ok := strings.CutSuffix(f.name, unit); ok {
			name = rest
		}
	}
	return f.prim == stamp || f.name == "sec" && f.prim.size() == 4 || slices.Contains(timeNames, name)
}

// clockOf is the unit of a time.
func clockOf(leaves []leaf, i int) (clock, error) {
	f := &leaves[i]
	if f.prim == stamp {
		return secondsAndNanoseconds, nil
	}
	if f.name == "sec" && f.prim.size() == 4 && i+1 < len(leaves) {
		if next := &leaves[i+1]; strings.HasSuffix(next.name, "nanosec") || strings.HasSuffix(next.name, "nsec") {
			return secondsAndNanoseconds, nil
		}
	}
	for unit, c := range timeUnits {
		if strings.HasSuffix(f.name, unit) {
			return c, nil
		}
	}
	switch f.prim {
	case uint64s, int64s:
		return wide, nil
	case float64s:
		return seconds, nil
	}
	return 0, fmt.Errorf("%s does not name its unit: ns, µs or ms", f.path)
}

// indexes are those of the numbers that are wanted.
func indexes(leaves []leaf, want func(leaf) bool) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i, f := range leaves {
			if want(f) && !yield(i) {
				return
			}
		}
	}
}

// one is the only number that may be a part of an event.
func one(leaves []leaf, found []int, what string) (int, error) {
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		all := ""
		for _, f := range leaves {
			all += " " + f.name
		}
		return 0, fmt.Errorf("its elements have no %s among%s", what, all)
	}
	return 0, fmt.Errorf("%s or %s may be the %s", leaves[found[0]].path, leaves[found[1]].path, what)
}

// other reads an event that is not the usual one; false for one that cannot be.
func (l *layout) other(ev *pipeline.Event, p *place, e []byte) bool {
	x, y := integer(l.x, e[p.x:]), integer(l.y, e[p.y:])
	t, ok := l.clock.any(l.t, e[p.t:])
	if uint64(x|y) > math.MaxUint16 || !ok {
		return false
	}
	*ev = pipeline.Event{T: t, X: uint16(x), Y: uint16(y)}
	if integer(l.p, e[p.p:]) > 0 {
		ev.P = pipeline.On
	}
	return true
}

// integer reads one of a type.
func integer(p primitive, b []byte) int64 {
	switch p {
	case bool8, uint8s:
		return int64(b[0])
	case int8s:
		return int64(int8(b[0]))
	case int16s:
		return int64(int16(binary.LittleEndian.Uint16(b)))
	case uint16s:
		return int64(binary.LittleEndian.Uint16(b))
	case int32s:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	case uint32s:
		return int64(binary.LittleEndian.Uint32(b))
	}
	return int64(binary.LittleEndian.Uint64(b))
}

// us is a time of 8 bytes whose unit is not named, in µs.
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

// any is a time of any type, in µs; false for one that is none.
func (c clock) any(p primitive, b []byte) (int64, bool) {
	if c <= wide && p != float64s {
		return c.us(b[:8]), true
	}
	if p == float32s || p == float64s {
		v := math.Floor(float(p, b)*[...]float64{nanoseconds: 1e-3, microseconds: 1, milliseconds: 1e3, seconds: 1e6}[c] + 0.5)
		return int64(v), v > -(1<<62) && v < 1<<62
	}
	v := integer(p, b)
	switch c {
	case nanoseconds:
		return floor.Div(v, 1000), true
	case milliseconds:
		return v * 1000, v < math.MaxInt64/1000 && v > math.MinInt64/1000
	case seconds:
		return v * 1_000_000, v < math.MaxInt64/1_000_000 && v > math.MinInt64/1_000_000
	}
	return v, true
}
