package small

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/evt"
)

// DAT: text lines as in a RAW header, a type byte, a size byte, and records of
// that size, little-endian (openeb dat_event_file_reader.cpp,
// event_ext_trigger.h).
//
//	type 0 or 0C  CD: u32 time in µs, then
//	              version 2: x in 13..0, y in 27..14, polarity in 31..28
//	              version 1: x in 8..0, y in 16..9, polarity in 17
//	type 0E       trigger: u32 time in µs, then edge in 3..0, channel in 31..26
//
// The fields Version, Width and Height count. Old files lack the size, or the
// whole header: it is then that of the smallest sensor that has the addresses
// of the records near the beginning. Time starts over after 2^32 µs (71.6 min); a
// field "T0 N" is added to every time (an extension shared with faery).
func DAT() format.Format {
	return format.Format{
		Name:       "dat",
		Summary:    "Prophesee DAT, version 1 and 2, events or triggers; version 2 events written",
		Extensions: []string{".dat"},
		Sniff:      sniffDAT,
		Open:       openDAT,
		Create:     func(s *format.Sink) (format.Encoder, error) { return &datEncoder{s: s}, nil },
	}
}

const (
	datOld     = 0x00
	datCD      = 0x0C
	datTrigger = 0x0E

	datRecord  = 8
	datAddress = 1<<14 - 1
)

// sniffDAT recognises a header of text lines with type and size of the records
// behind it, or plausible records without a header. A header that names a RAW
// encoding is not one of a DAT; one that was copied from a RAW file may hint at
// its camera, which says nothing.
func sniffDAT(p format.Probe) format.Claim {
	h, rest := evt.SniffHeader(p.Head)
	if len(h) == 0 {
		if format.IsText(p.Head, true) || p.Size%datRecord != 0 {
			return format.Claim{}
		}
		return format.Claim{Weight: datRecords(p.Head), Why: "records of eight bytes with ascending times"}
	}
	if evt.NamesEncoding(h) || !datKind(rest) {
		return format.Claim{}
	}
	if h.Get("Version") != "" || h.Get("Data") != "" || !evt.HintsAtEncoding(h) || datRecords(rest[2:]) >= format.Likely {
		return format.Claim{Weight: format.Certain, Why: "a header with type and size of records behind it"}
	}
	return format.Claim{Weight: format.Possible, Why: "what could be type and size of records behind the header"}
}

// datKind reports whether b begins with type and size of records.
func datKind(b []byte) bool {
	return len(b) >= 2 && b[1] == datRecord && (b[0] == datOld || b[0] == datCD || b[0] == datTrigger)
}

// datRecords is how plausible records of version 2 are.
func datRecords(b []byte) format.Weight {
	var records format.Records
	for ; len(b) >= datRecord; b = b[datRecord:] {
		v := binary.LittleEndian.Uint32(b[4:])
		if v>>28 > 1 {
			return format.No
		}
		records.Add(int64(binary.LittleEndian.Uint32(b)), uint16(v&datAddress), uint16(v>>14&datAddress))
	}
	return records.Weight(2048, 2048)
}

func openDAT(s *format.Stream) (format.Decoder, error) {
	h, err := evt.ReadHeader(s.In)
	if err != nil {
		return nil, err
	}
	src, _, err := s.In.Window(2)
	if err != nil {
		return nil, err
	}
	if len(src) < 2 {
		return nil, errors.New("ends before the type of the records")
	}
	s.Info.Header = h
	if len(h) == 0 && !datKind(src) {
		if err := datSize(s, 0, false); err != nil {
			return nil, err
		}
		return &datDecoder{s: s, width: format.Limit(s.Info.Width), height: format.Limit(s.Info.Height)}, nil
	}
	if !datKind(src) {
		return nil, fmt.Errorf("records of type %#02x and %d bytes cannot be read", src[0], src[1])
	}
	version := h.Get("Version")
	trigger, old := src[0] == datTrigger, version == "1" || version == "" && src[0] == datOld
	width, _ := strconv.Atoi(h.Get("Width"))
	height, _ := strconv.Atoi(h.Get("Height"))
	if width > 0 && height > 0 {
		s.Size(width, height)
	} else if !trigger {
		if err := datSize(s, 2, old); err != nil {
			return nil, err
		}
	}
	if trigger {
		s.Info.Notes = append(s.Info.Notes, "holds external triggers and no events; convert --side FILE writes them as text")
	}
	d := &datDecoder{
		s:       s,
		trigger: trigger,
		old:     old,
		width:   format.Limit(s.Info.Width),
		height:  format.Limit(s.Info.Height),
	}
	t0, _ := strconv.ParseInt(h.Get("T0"), 10, 64)
	d.time = newDATTime(t0)
	s.In.Advance(2)
	return d, nil
}

// datLook is how much of a recording without a size is looked at, bytes.
const datLook = 1 << 20

// datSize takes the sensor's size from the addresses of the records, which
// begin a few bytes from here.
func datSize(s *format.Stream, begin int, old bool) error {
	look := datLook
	if s.Live {
		look = begin + datRecord
	}
	src, _, err := s.In.Window(look)
	if err != nil {
		return err
	}
	right, bottom := -1, -1
	for src = src[min(begin, len(src)):]; len(src) >= datRecord; src = src[datRecord:] {
		x, y, _ := datFields(binary.LittleEndian.Uint32(src[4:]), old)
		right, bottom = max(right, int(x)), max(bottom, int(y))
	}
	if right >= 0 {
		s.Size(format.SmallestSensor(right, bottom))
	}
	return nil
}

// datFields takes the second word of an event apart.
func datFields(v uint32, old bool) (x, y, p uint32) {
	if old {
		return v & 0x1FF, v >> 9 & 0xFF, v >> 17 & 1
	}
	return v & datAddress, v >> 14 & datAddress, min(v>>28, 1)
}

type datDecoder struct {
	s       *format.Stream
	time    datTime
	trigger bool // the records are triggers
	old     bool // version 1

	width, height uint32 // first address outside
}

func (d *datDecoder) Decode(b *format.Block, src []byte, at int64, _ bool) (int, error) {
	i := 0
	for i+datRecord <= len(src) && !b.Full() {
		if !d.trigger && !d.old {
			n := len(b.Events)
			k := datRun(b.Events[n:cap(b.Events)], src[i:], &d.time, d.width, d.height)
			b.Events = b.Events[:n+k]
			i += datRecord * k
		}
		if i+datRecord > len(src) || b.Full() {
			break
		}
		d.record(b, src[i:i+datRecord], at+int64(i))
		i += datRecord
	}
	return i, nil
}

// datRun decodes the version 2 events at the front of src as far as out has
// room and returns their number. It stops before an event that is earlier than
// the one before it or outside the sensor. It calls nothing, so that all it
// needs stays in registers.
func datRun(out []pipeline.Event, src []byte, time *datTime, width, height uint32) (k int) {
	t, low := time.t, time.low()
	for i := 0; i+datRecord <= len(src) && k < len(out); i += datRecord {
		u := binary.LittleEndian.Uint64(src[i : i+datRecord])
		v, step := uint32(u>>32), uint32(u)-low
		x, y := v&datAddress, v>>14&datAddress
		if step > datWrap || x >= width || y >= height {
			break
		}
		low = uint32(u)
		t += int64(step)
		e := &out[k]
		e.T, e.X, e.Y, e.P = t, uint16(x), uint16(y), uint8(min(v>>28, 1))
		k++
	}
	time.t = t
	return k
}

// record decodes any record.
func (d *datDecoder) record(b *format.Block, src []byte, at int64) {
	t := d.time.set(binary.LittleEndian.Uint32(src))
	v := binary.LittleEndian.Uint32(src[4:])
	if d.trigger {
		b.Add(format.Side{Kind: format.Trigger, T: t, Code: v >> 26, Value: uint64(v & 0xF)})
		return
	}
	x, y, p := datFields(v, d.old)
	if x >= d.width || y >= d.height {
		d.s.Outside(x, y, at, t)
	}
	b.Events = append(b.Events, pipeline.Event{T: t, X: uint16(x), Y: uint16(y), P: uint8(p)})
}

const (
	// datWrap is the longest step forward over the wrap at 2^32 µs, 9 minutes: a
	// time that is less than the one before it by less than the rest of the range
	// was set back, as by stamps that were left over.
	datWrap = 1 << 29
	// datSlack is how far from the ends of its range (µs) a time may rise from
	// and to for it to be a late one from before the wrap.
	datSlack = 10000
)

// datTime rebuilds 64-bit time from 32 bits.
type datTime struct {
	t0 int64 // what is added to every time, µs
	t  int64 // the last time, µs
}

func newDATTime(t0 int64) datTime { return datTime{t0: t0, t: t0} }

// low is the last time as it stands in the file.
func (c *datTime) low() uint32 { return uint32(c.t - c.t0) }

// set takes a time. A step back by nearly the whole range is a wrap; any other is
// kept as it stands.
func (c *datTime) set(low uint32) int64 {
	last := c.low()
	step := int64(low - last)
	late := c.t-c.t0 >= 1<<32 && last < datSlack && low > 1<<32-datSlack
	if low < last && step > datWrap || late {
		step -= 1 << 32
	}
	c.t += step
	return c.t
}

func (d *datDecoder) Snapshot() format.Snapshot { return format.Snapshot{d.time.t} }

func (d *datDecoder) Resume(s format.Snapshot) { d.time.t = s[0] }

var _ format.Resumable = (*datDecoder)(nil)
