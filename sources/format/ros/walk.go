package ros

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// role is what a field is for.
type role uint8

const (
	nothing role = iota
	height
	width
	timeBase
	encoding
	bigEndian
	bytesOfEvents // uint8[] events
	arrayOfEvents // structures with x, y, polarity and a time, which the reader finds
	headerSec
	headerNsec
	headerStamp
	gyroX
	gyroY
	gyroZ
	accelX
	accelY
	accelZ
)

var roles = map[string]role{
	"height": height, "width": width, "time_base": timeBase, "encoding": encoding, "is_bigendian": bigEndian,
	"header.stamp": headerStamp, "header.stamp.sec": headerSec, "header.stamp.nanosec": headerNsec,
	"angular_velocity.x": gyroX, "angular_velocity.y": gyroY, "angular_velocity.z": gyroZ,
	"linear_acceleration.x": accelX, "linear_acceleration.y": accelY, "linear_acceleration.z": accelZ,
}

// roleOf finds what a field is for by its place in the message.
func roleOf(n *node) role {
	switch {
	case n.path == "events" && n.array != 0 && n.prim == uint8s:
		return bytesOfEvents
	case n.array != 0 || n.prim == notPrimitive:
		return nothing
	}
	return roles[n.path]
}

// values is what a walk found in a message.
type values struct {
	height, width int
	timeBase      uint64 // ns
	encoding      []byte
	bigEndian     bool
	stamp         int64 // of the header, µs
	gyro, accel   [3]float64

	events []byte // of an EventPacket
	// An array of structures: n of them from position at on.
	array *node
	at, n int
}

// cursor walks over the bytes of a message.
type cursor struct {
	b     []byte
	pos   int
	align int // the widest alignment of CDR; 0 for ROS 1
}

var errShort = errors.New("the message ends within a field")

// newCursor looks at the four bytes in front of a CDR message, which say how
// the rest is laid out: 0 to 3 are XCDR1, 6 to 11 are XCDR2 (OMG DDS-XTypes 1.3, 7.6.3.1.2).
func newCursor(data []byte, cdr bool) (cursor, error) {
	if !cdr {
		return cursor{b: data}, nil
	}
	if len(data) < 4 {
		return cursor{}, errShort
	}
	switch kind := binary.BigEndian.Uint16(data); kind {
	case 1:
		return cursor{b: data[4:], align: 8}, nil
	case 7:
		return cursor{b: data[4:], align: 4}, nil
	default:
		return cursor{}, fmt.Errorf("representation %#04x of CDR: want little-endian and plain (1 or 7)", kind)
	}
}

// pad moves to where a primitive may stand.
func (c *cursor) pad(align int) {
	if a := min(align, c.align); a > 1 {
		c.pos = (c.pos + a - 1) &^ (a - 1)
	}
}

// take returns n bytes, or nil.
func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.b)-c.pos || c.pos > len(c.b) {
		return nil
	}
	c.pos += n
	return c.b[c.pos-n : c.pos]
}

func (c *cursor) count() (int, bool) {
	c.pad(4)
	b := c.take(4)
	if b == nil {
		return 0, false
	}
	return int(binary.LittleEndian.Uint32(b)), true
}

// walk reads the fields of a message into v, up to an array of events.
func (v *values) walk(nodes []node, c *cursor) error {
	for i := range nodes {
		if err := v.field(&nodes[i], c); err != nil || v.array != nil {
			return err
		}
	}
	return nil
}

func (v *values) field(n *node, c *cursor) error {
	count := max(n.array, 1)
	if n.array < 0 {
		var ok bool
		if count, ok = c.count(); !ok {
			return errShort
		}
	}
	if n.role == arrayOfEvents {
		v.array, v.at, v.n = n, c.pos, count
		return nil
	}
	if n.array != 0 && n.prim.size() > 0 && n.prim != notPrimitive {
		if count > 0 {
			c.pad(n.prim.align())
		}
		b := c.take(count * n.prim.size())
		if b == nil && count > 0 {
			return errShort
		}
		if n.role == bytesOfEvents {
			v.events = b
		}
		return nil
	}
	for range count {
		if c.pos > len(c.b) {
			return errShort
		}
		before := c.pos
		if err := v.one(n, c); err != nil {
			return err
		}
		if c.pos == before {
			return nil // an element without bytes: so are the others
		}
	}
	return nil
}

// one reads a field that is not in an array, or an element of one.
func (v *values) one(n *node, c *cursor) error {
	switch n.prim {
	case notPrimitive:
		return v.walk(n.sub, c)
	case text:
		size, ok := c.count()
		if !ok {
			return errShort
		}
		b := c.take(size)
		if b == nil && size > 0 {
			return errShort
		}
		if n.role == encoding {
			if c.align > 0 && size > 0 && b[size-1] == 0 {
				b = b[:size-1]
			}
			v.encoding = b
		}
		return nil
	}
	c.pad(n.prim.align())
	b := c.take(n.prim.size())
	if b == nil {
		return errShort
	}
	if n.role != nothing {
		v.set(n, b)
	}
	return nil
}

// set keeps a value that has a role.
func (v *values) set(n *node, b []byte) {
	switch n.role {
	case headerStamp:
		v.stamp = stampUS(b)
		return
	case gyroX, gyroY, gyroZ:
		v.gyro[n.role-gyroX] = float(n.prim, b)
		return
	case accelX, accelY, accelZ:
		v.accel[n.role-accelX] = float(n.prim, b)
		return
	}
	var u uint64
	for i := len(b) - 1; i >= 0; i-- {
		u = u<<8 | uint64(b[i])
	}
	switch n.role {
	case height:
		v.height = pixels(u)
	case width:
		v.width = pixels(u)
	case timeBase:
		v.timeBase = u
	case bigEndian:
		v.bigEndian = u != 0
	case headerSec:
		v.stamp += int64(int32(u)) * 1_000_000
	case headerNsec:
		v.stamp += int64(u / 1000)
	}
}

// pixels is a size that an address can reach, or 0.
func pixels(u uint64) int {
	if u > 1<<16 {
		return 0
	}
	return int(u)
}

// stampUS is a time of ROS 1 in µs.
func stampUS(b []byte) int64 {
	return int64(binary.LittleEndian.Uint32(b))*1_000_000 + int64(binary.LittleEndian.Uint32(b[4:])/1000)
}

func float(p primitive, b []byte) float64 {
	if p == float32s {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	if p == float64s {
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	return 0
}
