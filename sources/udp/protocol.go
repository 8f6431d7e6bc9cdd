package udp

import (
	"encoding/binary"

	"ganglion/pipeline"
	"ganglion/sources/format/aedat"
)

// decoder takes datagrams apart. It keeps the state that is carried between them.
type decoder struct {
	height int // px
	damage pipeline.DamageReport
	at     int64 // bytes received before the datagram, for damage
	spif   uint32
	wraps  int64 // what the wraps of such a time add, µs
	timed  bool  // a time of 32 bits has come

	chip     aedat.Addresses // of jAER's datagrams
	sequence bool            // they have a number
	number   uint32          // of the next one
	counted  bool            // one has come
}

// Bits of a SPIF word.
const (
	spifUntimed = 1 << 31
	spifOn      = 1 << 15
	spifMask    = 1<<15 - 1
)

// spifEvents appends the events of a SPIF datagram that arrived at a time, µs.
func (d *decoder) spifEvents(dst []pipeline.Event, b []byte, arrived int64) []pipeline.Event {
	for len(b) >= 4 {
		w := binary.LittleEndian.Uint32(b)
		e := pipeline.Event{T: arrived, X: uint16(w >> 16 & spifMask), Y: uint16(w & spifMask), P: uint8(w >> 15 & 1)}
		if w&spifUntimed != 0 {
			b = b[4:]
		} else if len(b) >= 8 {
			e.T = d.lowTime(binary.LittleEndian.Uint32(b[4:]))
			b = b[8:]
		} else {
			break
		}
		dst = append(dst, e)
	}
	if len(b) > 0 {
		d.damage.Add("truncated", d.at, arrived, 1)
	}
	return dst
}

// Sizes of records, bytes.
const (
	jaerRecord  = 8
	jaerHead    = 4
	faeryRecord = 13
)

// jaerEvents appends the events of a jAER datagram, and counts datagrams that are
// missing before it.
func (d *decoder) jaerEvents(dst []pipeline.Event, b []byte, arrived int64) []pipeline.Event {
	if d.sequence {
		if len(b) < jaerHead {
			d.damage.Add("truncated", d.at, arrived, 1)
			return dst
		}
		number := binary.BigEndian.Uint32(b)
		if step := int32(number - d.number); d.counted && step > 0 {
			d.damage.Add("lost_datagrams", d.at, arrived, uint64(step))
		}
		d.number, d.counted = number+1, true
		b = b[jaerHead:]
	}
	for ; len(b) >= jaerRecord; b = b[jaerRecord:] {
		t := d.lowTime(binary.BigEndian.Uint32(b[4:]))
		if e, ok := d.chip.Event(binary.BigEndian.Uint32(b), t); ok {
			dst = append(dst, e)
		}
	}
	if len(b) > 0 {
		d.damage.Add("truncated", d.at, arrived, 1)
	}
	return dst
}

// faeryEvents appends the events of a faery datagram.
func (d *decoder) faeryEvents(short bool, dst []pipeline.Event, b []byte, arrived int64) []pipeline.Event {
	le := binary.LittleEndian
	size := faeryRecord
	if short {
		size = jaerRecord
	}
	for ; len(b) >= size; b = b[size:] {
		if short {
			y := le.Uint16(b[6:])
			dst = append(dst, pipeline.Event{T: d.lowTime(le.Uint32(b)), X: le.Uint16(b[4:]), Y: y >> 1, P: uint8(y & 1)})
		} else {
			dst = append(dst, pipeline.Event{T: int64(le.Uint64(b) & (1<<63 - 1)), X: le.Uint16(b[8:]), Y: le.Uint16(b[10:]), P: min(b[12], 1)})
		}
	}
	if len(b) > 0 {
		d.damage.Add("truncated", d.at, arrived, 1)
	}
	return dst
}

// lowTime counts a time of 32 bits on over its wraps, which happen every 71.6
// minutes.
func (d *decoder) lowTime(t uint32) int64 {
	switch step := int64(t) - int64(d.spif); {
	case !d.timed:
		d.timed = true
	case step < -1<<31:
		d.wraps += 1 << 32
	case step > 1<<31 && d.wraps > 0:
		d.wraps -= 1 << 32 // an event from before the wrap came late
	}
	d.spif = t
	return d.wraps + int64(t)
}

// spifCount is how many events a SPIF datagram holds.
func spifCount(b []byte) (n int) {
	for len(b) >= 4 {
		size := 8
		if binary.LittleEndian.Uint32(b)&spifUntimed != 0 {
			size = 4
		}
		if len(b) < size {
			break
		}
		b = b[size:]
		n++
	}
	return n
}

// Bytes of an Event Stream that only move the time, see package recording.
const (
	esGap     = 0xFF
	esGapTime = 127 // µs
	esReset   = 0xFE
	esHead    = 8
	esRecord  = 5
)

// esEvents appends the events of an Event Stream datagram.
func (d *decoder) esEvents(dst []pipeline.Event, b []byte, arrived int64) []pipeline.Event {
	if len(b) < esHead {
		d.damage.Add("truncated", d.at, arrived, 1)
		return dst
	}
	t := int64(binary.LittleEndian.Uint64(b))
	for b = b[esHead:]; len(b) > 0; {
		switch {
		case b[0] == esGap:
			t += esGapTime
			b = b[1:]
		case b[0] == esReset:
			b = b[1:]
		case len(b) < esRecord:
			d.damage.Add("truncated", d.at, t, 1)
			return dst
		default:
			t += int64(b[0] >> 1)
			x, y := binary.LittleEndian.Uint16(b[1:]), binary.LittleEndian.Uint16(b[3:])
			dst = append(dst, pipeline.Event{T: t, X: x, Y: uint16(d.height - 1 - int(y)), P: b[0] & 1})
			b = b[esRecord:]
		}
	}
	return dst
}

// esCount is how many events an Event Stream datagram holds.
func esCount(b []byte) (n int) {
	for i := esHead; i < len(b); i++ {
		if b[i] < esReset && i+esRecord <= len(b) {
			n++
			i += esRecord - 1
		}
	}
	return n
}

// events appends the events of a datagram.
func (d *decoder) events(protocol string, dst []pipeline.Event, b []byte, arrived int64) []pipeline.Event {
	switch protocol {
	case SPIF:
		return d.spifEvents(dst, b, arrived)
	case JAER:
		return d.jaerEvents(dst, b, arrived)
	case Faery, Faery32:
		return d.faeryEvents(protocol == Faery32, dst, b, arrived)
	}
	return d.esEvents(dst, b, arrived)
}

// count is how many events a datagram holds.
func count(protocol string, b []byte) int {
	switch protocol {
	case SPIF:
		return spifCount(b)
	case JAER, Faery32:
		return len(b) / jaerRecord
	case Faery:
		return len(b) / faeryRecord
	}
	return esCount(b)
}
