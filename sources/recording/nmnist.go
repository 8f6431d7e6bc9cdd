package recording

import (
	"ganglion/pipeline"
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
var nmnistFormat = Format{
	Name:       "nmnist",
	Summary:    "N-MNIST and N-Caltech101 .bin, slayer .bs2",
	Extensions: []string{".bin", ".bs2"},
	sniff:      sniffNMNIST,
	open:       openNMNIST,
	create:     func(s *sink) (encoder, error) { return &nmnistEncoder{s: s}, nil },
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

// sniffNMNIST looks whether times ascend, all but a tenth of them. Text, in
// which they may do so by chance, has no bytes below 32.
func sniffNMNIST(p probe) claim {
	head := p.head
	if isText(head, true) {
		return claim{}
	}
	n, back, last := 0, 0, int64(0)
	for ; len(head) >= nmnistRecord; head = head[nmnistRecord:] {
		e := nmnistRead(head)
		if e.Y == nmnistMark {
			last -= nmnistOverflow
			continue
		}
		if n++; e.T < last {
			back++
		}
		last = e.T
	}
	const why = "records of five bytes with ascending times"
	switch {
	case n == 0 || back*10 > n:
		return claim{}
	case n < 16:
		return claim{possible, why}
	}
	return claim{likely, why}
}

func openNMNIST(s *stream) (decoder, error) {
	head, _, err := s.in.window(sniffLength)
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
			s.size(size[0], size[1])
			break
		}
	}
	s.size(256, 256)
	return &nmnistDecoder{s: s}, nil
}

type nmnistDecoder struct {
	s        *stream
	overflow int64 // what the overflow records add, µs
}

func (d *nmnistDecoder) decode(b *Block, src []byte, at int64, _ bool) (int, error) {
	n := len(b.Events)
	out := b.Events[n:cap(b.Events)]
	width, height := limit(d.s.info.Width), limit(d.s.info.Height)
	i, k := 0, 0
	for ; len(src)-i >= nmnistRecord && k < len(out); i += nmnistRecord {
		e := nmnistRead(src[i : i+nmnistRecord])
		if e.Y == nmnistMark {
			d.overflow += nmnistOverflow
			continue
		}
		e.T += d.overflow
		if uint32(e.X) >= width || uint32(e.Y) >= height {
			d.s.outside(uint32(e.X), uint32(e.Y), at+int64(i), e.T)
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
	s        *sink
	overflow int64
}

func (e *nmnistEncoder) events(dst []byte, events []pipeline.Event) []byte {
	for i := range events {
		ev := &events[i]
		if ev.X > 0xFF || ev.Y >= nmnistMark {
			e.s.lost.Add(addressRange, 0, ev.T, 1)
			continue
		}
		t := ev.T - e.overflow
		if ev.T < e.overflow || t < 0 || t > nmnistReach {
			e.s.lost.Add(timeRange, 0, ev.T, 1)
			continue
		}
		for ; t > nmnistTime; t -= nmnistOverflow {
			e.overflow += nmnistOverflow
			if dst = append(dst, 0, nmnistMark, 0, 0, 0); len(dst) > nmnistSpill {
				dst = e.s.spill(dst)
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

func (e *nmnistEncoder) side(dst []byte, s *Side) []byte {
	e.s.lose(s)
	return dst
}

func (e *nmnistEncoder) finish(dst []byte) []byte { return dst }

func (d *nmnistDecoder) snapshot() snapshot { return snapshot{d.overflow} }

func (d *nmnistDecoder) resume(s snapshot) { d.overflow = s[0] }

var _ resumable = (*nmnistDecoder)(nil)
