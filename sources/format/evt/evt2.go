package evt

import (
	"encoding/binary"

	"ganglion/internal/asm"
	"ganglion/pipeline"
	"ganglion/sources/format"
)

// EVT2: little-endian 32-bit words behind a RAW header; bits 31..28 are the
// type (openeb evt2_event_types.h, evt2_decoder.h).
//
//	        31..28 27..22   21..11  10..0
//	CD         0,1 t low    x       y          0 OFF, 1 ON
//	HIGH         8 t bits 33..6 in 27..0
//	TRIGGER      A t low    id in 12..8, edge in 0
//	IMU          D t low    value in 16..1     six words: D, then five F
//	OTHER        E t low    subtype in 15..0   payload in F words behind it
//	CONTINUED    F payload in 27..0
func EVT2() format.Format {
	return format.Format{
		Name:       "evt2",
		Summary:    "Prophesee RAW, EVT 2.0",
		Extensions: []string{".raw"},
		Sniff:      sniffRaw("EVT2"),
		Open: func(s *format.Stream) (format.Decoder, error) {
			k, err := openRaw(s)
			return &evt2Decoder{
				s:      s,
				time:   newHighTime(k.t0, evtWrap-1<<lowBits-evt2WrapSlack),
				width:  format.Limit(s.Info.Width),
				height: format.Limit(s.Info.Height),
			}, err
		},
		Create: func(s *format.Sink) (format.Encoder, error) { return &evt2Encoder{s: s}, nil },
	}
}

// Types of EVT2 words.
const (
	evt2Off       = 0x0
	evt2On        = 0x1
	evt2High      = 0x8
	evt2Trigger   = 0xA
	evt2IMU       = 0xD
	evt2Other     = 0xE
	evt2Continued = 0xF
)

// evt2Class masks the subtype of an OTHER word and, above it, its class bit.
const evt2Class = 1<<17 - 1

// imuWords is the length of an IMU sample, in words.
const imuWords = 6

type evt2Decoder struct {
	s    *format.Stream
	time highTime
	imu  []format.IMU // of the current block
	keep bool         // imu is of all blocks since the last resume

	width, height uint32 // first address outside
}

func (d *evt2Decoder) Decode(b *format.Block, src []byte, at int64, last bool) (int, error) {
	if !d.keep {
		d.imu = d.imu[:0]
	}
	i := 0
	for i+4 <= len(src) && !b.Full() {
		if d.time.known {
			n := len(b.Events)
			k := evt2Run(b.Events[n:cap(b.Events)], src[i:], d.time.base, d.width, d.height)
			b.Events = b.Events[:n+k]
			i += 4 * k
		}
		if i+4 > len(src) || b.Full() {
			break
		}
		n := d.word(b, src[i:], at+int64(i), last)
		if n == 0 {
			break
		}
		i += n
	}
	return i, nil
}

// evt2Run decodes the CD words at the front of src as far as out has room and
// returns their number. It stops at any other word, and before an event outside
// the sensor. It calls nothing, so that all it needs stays in registers.
func evt2Run(out []pipeline.Event, src []byte, base int64, width, height uint32) (k int) {
	out = out[:min(len(out), len(src)/4)]
	for k = asm.DecodeEVT2(out, src, base, width, height); k < len(out); k++ {
		w := binary.LittleEndian.Uint32(src[4*k : 4*k+4])
		x, y := w>>11&evtAddress, w&evtAddress
		if w>>29 != 0 || x >= width || y >= height {
			return k
		}
		out[k] = pipeline.Event{T: base + int64(w>>22&lowMask), X: uint16(x), Y: uint16(y), P: uint8(w >> 28)}
	}
	return len(out)
}

// word decodes the word or group of words at the front of src and returns its
// length in bytes; 0 when src ends within the group.
func (d *evt2Decoder) word(b *format.Block, src []byte, at int64, last bool) int {
	w := binary.LittleEndian.Uint32(src)
	if !d.time.known && w>>28 != evt2High {
		d.s.Damage.Add("before_time_high", at, 0, 1)
		return 4
	}
	t := d.time.at(w)
	switch w >> 28 {
	case evt2Off, evt2On:
		x, y := w>>11&evtAddress, w&evtAddress
		d.s.Outside(x, y, at, t)
		b.Events = append(b.Events, pipeline.Event{T: t, X: uint16(x), Y: uint16(y), P: uint8(w >> 28)})
	case evt2High:
		if d.time.set(w) < 0 {
			d.s.Damage.Add("non_monotonic_time_high", at, d.time.base, 1)
		}
	case evt2Trigger:
		b.Add(evtTrigger(w, t))
	case evt2IMU:
		return d.sample(b, src, at, last)
	case evt2Other:
		return evtSpecial(b, src, t, evt2Continued, last)
	case evt2Continued:
		d.s.Damage.Add("stray_continued", at, d.time.base, 1)
	default:
		d.s.Damage.Add("unknown_word", at, d.time.base, 1)
	}
	return 4
}

// evtGroup counts how many of the words at the front of src, up to most, have
// the type kind, or says that src ends too early to tell.
func evtGroup(src []byte, kind byte, most int, last bool) (n int, ok bool) {
	for ; n < most; n++ {
		if len(src) < 4*n+4 {
			return n, last
		}
		if src[4*n+3]>>4 != kind {
			break
		}
	}
	return n, true
}

func (d *evt2Decoder) sample(b *format.Block, src []byte, at int64, last bool) int {
	n, ok := evtGroup(src[4:], evt2Continued, imuWords-1, last)
	switch {
	case !ok:
		return 0
	case n < imuWords-1:
		d.s.Damage.Add("partial_imu", at, d.time.base, 1)
		return 4 + 4*n
	}
	var v [imuWords]float32
	for i := range v {
		v[i] = float32(int16(binary.LittleEndian.Uint32(src[4*i:]) >> 1))
	}
	d.imu = append(d.imu, format.IMU{Accel: [3]float32(v[:3]), Gyro: [3]float32(v[3:]), Counts: true})
	b.Add(format.Side{Kind: format.IMUSample, T: d.time.at(binary.LittleEndian.Uint32(src)), IMU: &d.imu[len(d.imu)-1]})
	return 4 * imuWords
}

// evtTrigger is the trigger of a word of EVT2, EVT4 or the upper half of one
// of EVT2.1.
func evtTrigger(w uint32, t int64) format.Side {
	return format.Side{Kind: format.Trigger, T: t, Code: w >> 8 & 0x1F, Value: uint64(w & 1)}
}

// evtSpecial decodes an OTHER word at the front of src and the up to two words
// of type continued behind it, and returns their length in bytes; 0 when src
// ends within them.
func evtSpecial(b *format.Block, src []byte, t int64, continued byte, last bool) int {
	n, ok := evtGroup(src[4:], continued, 2, last)
	if !ok {
		return 0
	}
	s := format.Side{Kind: format.Special, T: t, Code: binary.LittleEndian.Uint32(src) & evt2Class}
	for i := 1; i <= n; i++ {
		s.Value |= uint64(binary.LittleEndian.Uint32(src[4*i:])&highMask) << s.Bits
		s.Bits += 28
	}
	b.Add(s)
	return 4 + 4*n
}
