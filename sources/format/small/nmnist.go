package small

import (
	"strings"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// N-MNIST .bin (also N-Caltech101 and slayer's .bs2): records of five bytes,
// big-endian, without a header (gorchard/event-Python, tonic io.py).
//
//	byte 0   column
//	byte 1   row; 240 marks an overflow: 2^13 µs are added to all later times
//	byte 2   polarity in bit 7, time bits 22..16 in bits 6..0
//	byte 3-4 time bits 15..0, µs
//
// The format does not state the sensor's size. It is taken from the largest
// address near the beginning, as the smallest of the sensors that such files
// come from.
func NMNIST() format.Format {
	return format.Format{
		Name:       "nmnist",
		Summary:    "N-MNIST and N-Caltech101 .bin, slayer .bs2",
		Extensions: []string{".bin", ".bs2"},
		Sniff:      sniffNMNIST,
		Open:       openNMNIST,
		Create:     func(s *format.Sink) (format.Encoder, error) { return &nmnistEncoder{s: s}, nil },
	}
}

const (
	nmnistRecord   = 5
	nmnistMark     = 240 // row of an overflow record
	nmnistOverflow = 1 << 13
	nmnistTime     = 1<<23 - 1
)

// nmnistSizes are N-MNIST, N-Caltech101 and the ATIS as far as a byte reaches.
var nmnistSizes = [...][2]int{{34, 34}, {240, 180}, {256, 240}}

// nmnistRead takes one record apart.
func nmnistRead(r []byte) pipeline.Event {
	_ = r[4]
	return pipeline.Event{
		T: int64(r[2]&0x7F)<<16 | int64(r[3])<<8 | int64(r[4]),
		X: uint16(r[0]),
		Y: uint16(r[1]),
		P: r[2] >> 7,
	}
}

// sniffNMNIST looks whether the records are plausible. Text, in which they may
// be by chance, has no bytes below 32; the records of a .bs1 are the same, and
// only the name tells.
func sniffNMNIST(p format.Probe) format.Claim {
	if strings.HasSuffix(strings.ToLower(p.Name), ".bs1") {
		return format.Claim{}
	}
	return fiveBytes(p, func(e *pipeline.Event) bool { return e.Y == nmnistMark }, 256, nmnistMark)
}

// fiveBytes is the claim of a recording of records of five bytes on a sensor of
// a size.
func fiveBytes(p format.Probe, mark func(e *pipeline.Event) bool, width, height int) format.Claim {
	if format.IsText(p.Head, true) {
		return format.Claim{}
	}
	var records format.Records
	over := int64(0)
	for head := p.Head; len(head) >= nmnistRecord; head = head[nmnistRecord:] {
		e := nmnistRead(head)
		if mark(&e) {
			over += nmnistOverflow
			continue
		}
		records.Add(e.T+over, e.X, e.Y)
	}
	c := format.Claim{Weight: records.Weight(width, height), Why: "records of five bytes with ascending times"}
	if c.Weight == format.Likely && p.Size%nmnistRecord != 0 {
		c.Weight = format.Possible // cut off, or something else
	}
	return c
}

func openNMNIST(s *format.Stream) (format.Decoder, error) {
	head, _, err := s.In.Window(format.ProbeLength)
	if err != nil {
		return nil, err
	}
	var x, y uint16
	for ; len(head) >= nmnistRecord; head = head[nmnistRecord:] {
		if e := nmnistRead(head); e.Y != nmnistMark {
			x, y = max(x, e.X), max(y, e.Y)
		}
	}
	for _, size := range nmnistSizes {
		if int(x) < size[0] && int(y) < size[1] {
			s.Size(size[0], size[1])
			break
		}
	}
	s.Size(256, 256)
	return &nmnistDecoder{s: s}, nil
}

type nmnistDecoder struct {
	s        *format.Stream
	overflow int64 // what the overflow records add, µs
}

func (d *nmnistDecoder) Decode(b *format.Block, src []byte, at int64, _ bool) (int, error) {
	n := len(b.Events)
	out := b.Events[n:cap(b.Events)]
	width, height := format.Limit(d.s.Info.Width), format.Limit(d.s.Info.Height)
	i, k := 0, 0
	for ; len(src)-i >= nmnistRecord && k < len(out); i += nmnistRecord {
		e := nmnistRead(src[i : i+nmnistRecord])
		if e.Y == nmnistMark {
			d.overflow += nmnistOverflow
			continue
		}
		e.T += d.overflow
		if uint32(e.X) >= width || uint32(e.Y) >= height {
			d.s.Outside(uint32(e.X), uint32(e.Y), at+int64(i), e.T)
		}
		out[k] = e
		k++
	}
	b.Events = b.Events[:n+k]
	return i, nil
}

// nmnistReach bounds one gap, and so the overflow records it costs, µs: 75 h.
const nmnistReach = 1 << 38

// nmnistSpill is how many bytes of overflow records collect before they are
// written out.
const nmnistSpill = 1 << 20

type nmnistEncoder struct {
	s        *format.Sink
	overflow int64
}

func (e *nmnistEncoder) Events(dst []byte, events []pipeline.Event) []byte {
	for i := range events {
		ev := &events[i]
		if ev.X > 0xFF || ev.Y >= nmnistMark {
			e.s.Lost.Add(format.AddressRange, 0, ev.T, 1)
			continue
		}
		t := ev.T - e.overflow
		if ev.T < e.overflow || t < 0 || t > nmnistReach {
			e.s.Lost.Add(format.TimeRange, 0, ev.T, 1)
			continue
		}
		for ; t > nmnistTime; t -= nmnistOverflow {
			e.overflow += nmnistOverflow
			if dst = append(dst, 0, nmnistMark, 0, 0, 0); len(dst) > nmnistSpill {
				dst = e.s.Spill(dst)
			}
		}
		p := byte(0)
		if ev.P != pipeline.Off {
			p = 0x80
		}
		dst = append(dst, byte(ev.X), byte(ev.Y), p|byte(t>>16), byte(t>>8), byte(t))
	}
	return dst
}

func (e *nmnistEncoder) Side(dst []byte, s *format.Side) []byte {
	e.s.Lose(s)
	return dst
}

func (e *nmnistEncoder) Finish(dst []byte) []byte { return dst }

func (d *nmnistDecoder) Snapshot() format.Snapshot { return format.Snapshot{d.overflow} }

func (d *nmnistDecoder) Resume(s format.Snapshot) { d.overflow = s[0] }

var _ format.Resumable = (*nmnistDecoder)(nil)
