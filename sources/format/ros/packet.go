package ros

import (
	"encoding/binary"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/evt"
)

// Encodings of an EventPacket (event_camera_codecs). Those of Prophesee are the
// words of a RAW file without its header, whose time and state last from one
// message to the next; the others begin again in each.
//
//	mono         u64: 31..0 ns since time_base, 47..32 x, 62..48 y, 63 polarity
//	trigger      u64: 31..0 ns since time_base, 62..48 channel, 63 edge
//	libcaer      u32 x in 31..17, y in 16..2, polarity in 1; i32 µs since time_base,
//	             to which 2^31 is added where it falls within a message
//	libcaer_cmp  u16 words, see compressed.go
var rawFormats = map[string]func() format.Format{"evt2": evt.EVT2, "evt21": evt.EVT21, "evt3": evt.EVT3}

// words decodes the events of one packet.
type words interface {
	// begin takes a packet: its bytes, where they stand in the recording, and its time, ns.
	begin(src []byte, at int64, base uint64)
	// decode appends what is left, until the block is full; false when nothing is.
	decode(b *format.Block) bool
}

// newWords returns the decoder of an encoding, or nil.
func newWords(s *format.Stream, encoding string) words {
	switch encoding {
	case "mono":
		return &fixed{s: s, one: mono}
	case "trigger":
		return &fixed{s: s, one: trigger}
	case "libcaer":
		return &fixed{s: s, one: libcaer}
	case "libcaer_cmp":
		return &compressed{s: s}
	}
	if f, ok := rawFormats[encoding]; ok {
		return newRaw(s, f())
	}
	return nil
}

// raw decodes the words of a RAW file.
type raw struct {
	dec  format.Decoder
	rest []byte // of the packet before: the beginning of a record
	src  []byte
	at   int64
}

// newRaw opens a decoder of words without a header but for t0, the offset of
// all times, where the program wrote the recording.
func newRaw(s *format.Stream, f format.Format) words {
	info, in := s.Info, s.In
	s.In = format.InputOf([]byte("% t0 " + info.Header.Get("t0") + "\n% end\n"))
	dec, err := f.Open(s)
	info.Width, info.Height = s.Info.Width, s.Info.Height
	s.Info, s.In = info, in
	if err != nil {
		return nil // only a header could have made one
	}
	return &raw{dec: dec}
}

func (r *raw) begin(src []byte, at int64, _ uint64) {
	r.src, r.at = src, at
	if len(r.rest) > 0 {
		r.at -= int64(len(r.rest))
		r.rest = append(r.rest, src...)
		r.src = r.rest
	}
}

func (r *raw) decode(b *format.Block) bool {
	used, err := r.dec.Decode(b, r.src, r.at, false)
	r.src, r.at = r.src[used:], r.at+int64(used)
	if err == nil && (used > 0 || b.Full()) && len(r.src) > 0 {
		return true
	}
	r.rest = append(r.rest[:0], r.src...) // the next packet continues it
	return false
}

// fixed decodes words of eight bytes, each of which is an event.
type fixed struct {
	s     *format.Stream
	one   func(w uint64, base uint64, before *int64) (format.Side, pipeline.Event)
	src   []byte
	at    int64
	base  uint64
	state int64
}

func (f *fixed) begin(src []byte, at int64, base uint64) {
	f.src, f.at, f.base, f.state = src, at, base, 0
	if n := len(src) % 8; n > 0 {
		f.s.Damage.Add(format.Truncated, at+int64(len(src)-n), int64(base/1000), 1)
	}
}

func (f *fixed) decode(b *format.Block) bool {
	limitX, limitY := format.Limit(f.s.Info.Width), format.Limit(f.s.Info.Height)
	for len(f.src) >= 8 && !b.Full() {
		side, ev := f.one(binary.LittleEndian.Uint64(f.src), f.base, &f.state)
		if side.Kind != 0 {
			b.Add(side)
		} else {
			if uint32(ev.X) >= limitX || uint32(ev.Y) >= limitY {
				f.s.Outside(uint32(ev.X), uint32(ev.Y), f.at, ev.T)
			}
			b.Events = append(b.Events, ev)
		}
		f.src, f.at = f.src[8:], f.at+8
	}
	return len(f.src) >= 8
}

func mono(w, base uint64, _ *int64) (format.Side, pipeline.Event) {
	return format.Side{}, pipeline.Event{
		T: int64((base + w&0xffffffff) / 1000), X: uint16(w >> 32), Y: uint16(w>>48) & 0x7fff, P: uint8(w >> 63),
	}
}

func trigger(w, base uint64, _ *int64) (format.Side, pipeline.Event) {
	return format.Side{
		Kind: format.Trigger, T: int64((base + w&0xffffffff) / 1000), Code: uint32(w>>48) & 0x7fff, Value: w >> 63,
	}, pipeline.Event{}
}

// libcaer keeps in before the last time of the packet, with the falls before
// it in the bits from 31 on.
func libcaer(w, base uint64, before *int64) (format.Side, pipeline.Event) {
	t := int64(w >> 32 & 0x7fffffff)
	if t < *before&0x7fffffff {
		*before += 1 << 31
	}
	*before = *before&^0x7fffffff | t
	return format.Side{}, pipeline.Event{
		T: int64(base/1000) + *before, X: uint16(w >> 17 & 0x7fff), Y: uint16(w >> 2 & 0x7fff), P: uint8(w >> 1 & 1),
	}
}
