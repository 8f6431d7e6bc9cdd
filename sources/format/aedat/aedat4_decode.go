package aedat

import (
	"encoding/binary"
	"slices"

	"ganglion/internal/compression"
	"ganglion/internal/flatbuf"
	"ganglion/pipeline"
	"ganglion/sources/format"
)

type aedat4Decoder struct {
	s       *format.Stream
	codec   compression.Codec
	streams []int32 // numbers that the header names
	end     int64   // stream offset of the file table, or -1
	camera  int32   // number of the stream whose events are delivered, or -1
	lost    bool    // no packet where one should be
	t       int64   // latest time, for damage, µs

	packet aedat4Open
	flat   flatbuf.Buffer
	buf    []byte // content of a compressed packet
	unpack compression.Decoder

	imu    []format.IMU // of the current block
	frames []format.Frame
}

// aedat4Open is the packet that is being delivered. It stays at the front of
// the input until its last element is.
type aedat4Open struct {
	length  int    // of the packet, bytes; 0 when there is none
	kind    string // type of the content
	pos     int    // of the first element in the FlatBuffer
	n, next int    // elements
	lent    bool   // side data points into buf, which the next packet takes
}

func (d *aedat4Decoder) Decode(b *format.Block, src []byte, at int64, last bool) (int, error) {
	d.imu, d.frames = d.imu[:0], d.frames[:0]
	i := 0
	for !b.Full() {
		if d.packet.length == 0 {
			n := d.find(src[i:], at+int64(i), last)
			i += n
			if n == 0 && d.packet.length == 0 {
				break
			}
			continue
		}
		if d.deliver(b, src[i:], at+int64(i)) {
			i += d.packet.length
			lent := d.packet.lent
			d.packet = aedat4Open{}
			if lent {
				break
			}
		}
	}
	return i, nil
}

// find opens the packet at the front of src, or returns how many bytes to
// skip. Neither means that the packet is longer than src.
func (d *aedat4Decoder) find(src []byte, at int64, last bool) int {
	if d.end >= 0 && at >= d.end {
		if !d.plausible(src, at) {
			return len(src) // the file table
		}
		d.s.Damage.Add("bad_file_table", at, d.t, 1)
		d.end = -1
	}
	if len(src) < aedat4Head+aedat4Least {
		return 0
	}
	if !d.plausible(src, at) {
		return d.skip(src, at)
	}
	length := aedat4Head + int(binary.LittleEndian.Uint32(src[4:]))
	if len(src) < length {
		if last {
			return d.beyond(src, at)
		}
		return 0
	}
	d.lost = false
	if d.open(src[:length]) {
		d.leaveOut(src[:length])
		return 0
	}
	d.s.Damage.Add("bad_packet", at, d.t, 1)
	next := src[length:]
	if len(next) < aedat4Head+aedat4Least || d.plausible(next, at+int64(length)) || at+int64(length) == d.end {
		return length
	}
	return d.skip(src, at)
}

// skip passes over bytes until something could be a packet.
func (d *aedat4Decoder) skip(src []byte, at int64) int {
	if !d.lost {
		d.lost = true
		d.s.Damage.Add("bad_packet_header", at, d.t, 1)
	}
	n := 1
	for n+aedat4Head+aedat4Least <= len(src) && at+int64(n) != d.end && !d.plausible(src[n:], at+int64(n)) {
		n++
	}
	return n
}

// beyond deals with a packet that is longer than all that follows: it is cut
// off, unless there is another one within it.
func (d *aedat4Decoder) beyond(src []byte, at int64) int {
	for n := 1; n+aedat4Head+aedat4Least <= len(src); n++ {
		if d.plausible(src[n:], at+int64(n)) {
			return d.skip(src, at)
		}
	}
	return 0
}

// plausible reports whether src can be the beginning of a packet.
func (d *aedat4Decoder) plausible(src []byte, at int64) bool {
	if len(src) < aedat4Head+aedat4Least {
		return false
	}
	id, size := int32(binary.LittleEndian.Uint32(src)), binary.LittleEndian.Uint32(src[4:])
	if size < aedat4Least || size > aedat4Packet || d.end >= 0 && at < d.end && at+aedat4Head+int64(size) > d.end {
		return false
	}
	if len(d.streams) > 0 && !slices.Contains(d.streams, id) {
		return false
	}
	first := binary.LittleEndian.Uint32(src[aedat4Head:])
	switch d.codec {
	case compression.LZ4:
		return first == compression.LZ4Magic
	case compression.Zstd:
		return first == compression.ZstdMagic
	}
	return first == size-4
}

// open unpacks and checks a packet; false when it is damaged.
func (d *aedat4Decoder) open(packet []byte) bool {
	content := packet[aedat4Head:]
	if d.codec != compression.None {
		var err error
		d.buf, err = d.unpack.Append(d.buf[:0], content, d.codec, 4*len(content)+aedat4Slack)
		if content = d.buf; err != nil {
			return false
		}
	}
	if len(content) < aedat4Least || int64(binary.LittleEndian.Uint32(content)) != int64(len(content)-4) {
		return false
	}
	d.flat.Reset(content[4:])
	root := d.flat.Root()
	p := aedat4Open{length: len(packet), n: 1}
	switch id := d.flat.Identifier(); string(id[:]) {
	case aedat4Events:
		p.kind = aedat4Events
		p.pos, p.n = root.Vector(0, aedat4Record)
	case aedat4IMU:
		p.kind = aedat4IMU
		p.pos, p.n = root.Vector(0, 4)
	case aedat4Triggers:
		p.kind = aedat4Triggers
		p.pos, p.n = root.Vector(0, 4)
	case aedat4Frames:
		p.kind = aedat4Frames
		p.lent = d.codec != compression.None
	default:
		p.lent = d.codec != compression.None
	}
	if d.flat.Bad() {
		return false
	}
	d.packet = p
	return true
}

// leaveOut takes the events of another camera out of the open packet.
func (d *aedat4Decoder) leaveOut(packet []byte) {
	if p := &d.packet; p.kind == aedat4Events && p.n > 0 && d.otherCamera(int32(binary.LittleEndian.Uint32(packet)), p.n) {
		p.n = 0
	}
}

// deliver appends elements of the open packet, which is at the front of src,
// and reports whether that is all of it.
func (d *aedat4Decoder) deliver(b *format.Block, src []byte, at int64) bool {
	p := &d.packet
	content := d.buf
	if d.codec == compression.None {
		content = src[aedat4Head:p.length]
	}
	if p.kind == aedat4Events {
		d.events(b, content[4+p.pos+aedat4Record*p.next:], at)
		return p.next == p.n
	}
	d.flat.Reset(content[4:])
	for ; p.next < p.n && !b.Full(); p.next++ {
		if d.side(b); d.flat.Bad() {
			b.Side = b.Side[:len(b.Side)-1]
			d.s.Damage.Add("bad_packet", at, d.t, 1)
			return true
		}
	}
	return p.next == p.n
}

// events decodes the records at the front of src, as many as there is room for.
func (d *aedat4Decoder) events(b *format.Block, src []byte, at int64) {
	n := len(b.Events)
	out := b.Events[n:cap(b.Events)]
	out = out[:min(len(out), d.packet.n-d.packet.next)]
	src = src[:len(out)*aedat4Record]
	width, height := format.Limit(d.s.Info.Width), format.Limit(d.s.Info.Height)
	for k := 0; k < len(out); k++ {
		k += aedat4Run(out[k:], src[k*aedat4Record:], width, height)
		if k < len(out) {
			e := aedat4Event(src[k*aedat4Record:])
			d.s.Outside(uint32(e.X), uint32(e.Y), at, e.T)
			out[k] = e
		}
	}
	b.Events = b.Events[:n+len(out)]
	d.packet.next += len(out)
	if len(out) > 0 {
		d.t = out[len(out)-1].T
	}
}

// aedat4Run decodes records up to the first that is not plain, outside the
// sensor or with an odd polarity, and returns their number. It calls nothing,
// so that all it needs stays in registers, and writes a whole event at once:
// 470 million events/s of processor time against 385 by its fields.
func aedat4Run(out []pipeline.Event, src []byte, width, height uint32) (k int) {
	out = out[:min(len(out), len(src)/aedat4Record)]
	for k = range out {
		r := src[aedat4Record*k : aedat4Record*k+aedat4Record]
		w := binary.LittleEndian.Uint64(r[8:])
		x, y := uint32(uint16(w)), uint32(uint16(w>>16))
		if x >= width || y >= height || w>>32&0xFF > 1 {
			return k
		}
		out[k] = pipeline.Event{T: int64(binary.LittleEndian.Uint64(r)), X: uint16(x), Y: uint16(y), P: uint8(w >> 32)}
	}
	return len(out)
}

func aedat4Event(r []byte) pipeline.Event {
	w := binary.LittleEndian.Uint64(r[8:])
	return pipeline.Event{T: int64(binary.LittleEndian.Uint64(r)), X: uint16(w), Y: uint16(w >> 16), P: min(uint8(w>>32), 1)}
}
