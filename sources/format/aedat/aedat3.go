package aedat

import (
	"encoding/binary"
	"strings"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// AEDAT 3.1 (cAER; inivation's format description, jaer Jaer3BufferParser.java):
// behind the header packets of records of one type; all numbers little-endian.
//
//	packet, 28 bytes: type i16, source i16, size of a record i32, place of its
//	time i32, time overflow i32, capacity i32, number i32, valid i32
//
// The packet takes capacity records, of which the first number ones are used.
// The full time is overflow<<31 | time, µs. Bit 0 of a record says that it is
// valid; an invalid one was taken out by a filter and is passed over.
//
//	0 special   8  valid 1, type 7, data 24; time
//	1 polarity  8  valid 1, ON 1, y 15, x 15; time
//	2 frame    36  valid 1, channels 3, ...; four times; width, height, x, y i32;
//	               then pixels u16
//	3 IMU6     36  valid; time; acceleration x, y, z in g, rotation in deg/s,
//	               temperature in °C, all f32
//	4 IMU9     48  the same, then magnetic field in µT
//
// Edges at the inputs are triggers; other special events are side data with
// their type as code and their data as payload. Records of other types (ADC
// samples, ear events, spikes, ...) are side data too: the code is the packet's
// type in bits 15..8, the payload the record.
func AEDAT3() format.Format {
	return format.Format{
		Name:       "aedat3",
		Summary:    "cAER AEDAT 3.1",
		Extensions: []string{".aedat", ".aedat3"},
		Sniff:      sniffAEDAT("3"),
		Open:       openAEDAT3,
	}
}

const (
	aedat3Header   = 28
	aedat3Record   = 8       // a polarity or special record
	aedat3Frame    = 36      // a frame record without its pixels
	aedat3MaxBytes = 1 << 26 // of a packet that is believed
)

// Types of AEDAT 3 packets.
const (
	aedat3Special = iota
	aedat3Polarity
	aedat3Frames
	aedat3IMU6
	aedat3IMU9
	aedat3ADC
	aedat3Ear
	aedat3Config
	aedat3Types = 13 // of which the last are points in 1 to 4 dimensions and spikes
)

// aedat3Sizes are the sizes of the records whose size is fixed, bytes.
var aedat3Sizes = [aedat3Types]int{
	aedat3Special: 8, aedat3Polarity: 8, aedat3IMU6: 36, aedat3IMU9: 48, aedat3ADC: 8, aedat3Ear: 8, aedat3Config: 10,
}

// aedat3Reset is the special event of a clock that is set to zero.
const aedat3Reset = 1

// aedat3Edges are the special events that are edges at the inputs.
var aedat3Edges = map[uint32]format.Side{
	2: {Code: 0, Value: 1}, 3: {Code: 0, Value: 0},
	6: {Code: 1, Value: 1}, 7: {Code: 1, Value: 0},
	9: {Code: 2, Value: 1}, 10: {Code: 2, Value: 0},
}

func openAEDAT3(s *format.Stream) (format.Decoder, error) {
	h, err := readAEDATHeader(s.In, aedat3End)
	if err != nil {
		return nil, err
	}
	for i := range h {
		key, value, ok := strings.Cut(h[i].Value, ": ")
		if h[i].Key == aedatText && ok && isAEDATKey(key) {
			h[i] = format.Field{Key: key, Value: value}
		}
	}
	s.Info.Header, s.Info.Gyro = h, caerGyro
	for _, f := range h {
		if chip, ok := aedatChipNamed(f.Value); ok && strings.HasPrefix(f.Key, "Source") {
			s.Size(chip.width, chip.height)
		}
	}
	return &aedat3Decoder{s: s}, nil
}

// aedat3Packet is what a packet header says.
type aedat3Packet struct {
	kind     int
	size     int // of a record, bytes
	timeAt   int // place of the time in a record
	overflow int64
	left     int // records to come
	spare    int // bytes behind them
}

// aedat3PacketOf reads the header at the front of src; false when it cannot be
// one.
func aedat3PacketOf(src []byte) (p aedat3Packet, ok bool) {
	i32 := func(at int) int { return int(int32(binary.LittleEndian.Uint32(src[at:]))) }
	p = aedat3Packet{kind: int(binary.LittleEndian.Uint16(src)), size: i32(4), timeAt: i32(8), left: i32(20)}
	overflow, capacity, valid := i32(12), i32(16), i32(24)
	if p.kind >= aedat3Types || p.size <= 0 || overflow < 0 || valid < 0 || valid > p.left || p.left > capacity ||
		capacity > aedat3MaxBytes/p.size || p.timeAt < 0 || p.timeAt > p.size-4 {
		return p, false
	}
	switch fixed := aedat3Sizes[p.kind]; {
	case fixed != 0 && p.size != fixed, p.kind == aedat3Frames && p.size < aedat3Frame:
		return p, false
	}
	p.overflow = int64(overflow) << 31
	p.spare = (capacity - p.left) * p.size
	return p, true
}

type aedat3Decoder struct {
	s      *format.Stream
	packet aedat3Packet
	lost   bool           // no packet header where one should be
	imu    []format.IMU   // of the current block
	frames []format.Frame // likewise
}

func (d *aedat3Decoder) Decode(b *format.Block, src []byte, at int64, last bool) (int, error) {
	d.imu, d.frames = d.imu[:0], d.frames[:0]
	i := 0
	for !b.Full() {
		n := 0
		switch p := &d.packet; {
		case p.left > 0 && p.kind == aedat3Polarity:
			n = d.polarity(b, src[i:], at+int64(i))
		case p.left > 0:
			n = d.record(b, src[i:], at+int64(i))
		default:
			n = d.header(src[i:], at+int64(i), last)
		}
		if n == 0 {
			break
		}
		i += n
	}
	return i, nil
}

// header reads a packet header at the front of src, or skips what is none, and
// returns the bytes used. Of the spare bytes behind the last packet's records
// it makes sure that they are none, for it is a damaged capacity that would
// take most with it.
func (d *aedat3Decoder) header(src []byte, at int64, last bool) int {
	if len(src) < aedat3Header {
		n := 0
		if last {
			n = min(d.packet.spare, len(src))
		}
		return n
	}
	p, ok := aedat3PacketOf(src)
	switch {
	case ok:
		d.packet, d.lost = p, false
		return aedat3Header
	case d.packet.spare > 0:
		n := min(d.packet.spare, len(src))
		d.packet.spare -= n
		return n
	case !d.lost:
		d.lost = true
		d.s.Damage.Add("bad_packet_header", at, 0, 1)
	}
	return 1
}

// polarity decodes the records at the front of src and returns their length.
func (d *aedat3Decoder) polarity(b *format.Block, src []byte, at int64) int {
	n := len(b.Events)
	out := b.Events[n:cap(b.Events)]
	width, height := format.Limit(d.s.Info.Width), format.Limit(d.s.Info.Height)
	records := min(d.packet.left, len(src)/aedat3Record, len(out))
	src = src[:records*aedat3Record]
	k := 0
	for i := 0; i+aedat3Record <= len(src); i += aedat3Record {
		w, t := binary.LittleEndian.Uint32(src[i:]), int32(binary.LittleEndian.Uint32(src[i+4:]))
		if w&1 == 0 || t < 0 {
			d.invalid(w, at+int64(i))
			continue
		}
		e := pipeline.Event{T: d.packet.overflow | int64(t), X: uint16(w >> 17), Y: uint16(w >> 2 & 0x7FFF), P: uint8(w >> 1 & 1)}
		if uint32(e.X) >= width || uint32(e.Y) >= height {
			d.s.Outside(uint32(e.X), uint32(e.Y), at+int64(i), e.T)
		}
		out[k] = e
		k++
	}
	b.Events = b.Events[:n+k]
	d.packet.left -= records
	return len(src)
}

// invalid counts a record that is only passed over because of its time.
func (d *aedat3Decoder) invalid(word uint32, at int64) {
	if word&1 != 0 {
		d.s.Damage.Add("negative_time", at, d.packet.overflow, 1)
	}
}

// record decodes a record that is not a polarity event and returns its length, 0
// when src ends within it.
func (d *aedat3Decoder) record(b *format.Block, src []byte, at int64) int {
	p := &d.packet
	if len(src) < p.size {
		return 0
	}
	p.left--
	r := src[:p.size:p.size]
	word, t := binary.LittleEndian.Uint32(r), int32(binary.LittleEndian.Uint32(r[p.timeAt:]))
	if word&1 == 0 || t < 0 {
		d.invalid(word, at)
		return p.size
	}
	side := format.Side{Kind: format.Special, T: p.overflow | int64(t), Code: uint32(p.kind) << 8, Data: r}
	switch p.kind {
	case aedat3Special:
		kind := word >> 1 & 0x7F
		edge, ok := aedat3Edges[kind]
		if ok {
			side = format.Side{Kind: format.Trigger, T: side.T, Code: edge.Code, Value: edge.Value}
		} else {
			side = format.Side{Kind: format.Special, T: side.T, Code: kind, Value: uint64(word >> 8), Bits: 24, Reset: kind == aedat3Reset}
		}
	case aedat3IMU6, aedat3IMU9:
		d.imu = append(d.imu, aedat3IMU(r[8:]))
		side = format.Side{Kind: format.IMUSample, T: side.T, IMU: &d.imu[len(d.imu)-1]}
	case aedat3Frames:
		f, ok := aedat3FrameOf(r, p.overflow)
		if !ok {
			d.s.Damage.Add("bad_frame", at, side.T, 1)
			return p.size
		}
		d.frames = append(d.frames, f)
		side = format.Side{Kind: format.FrameImage, T: side.T, Frame: &d.frames[len(d.frames)-1]}
	}
	b.Add(side)
	return p.size
}
