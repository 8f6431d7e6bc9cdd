package small

import (
	"strings"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// slayer's .bs1 (slayerPytorch, spikeFileIO.py): spikes of a layer of neurons
// in one dimension, records of five bytes, big-endian, without a header.
//
//	byte 0-1 neuron, which becomes the column; the row is 0
//	byte 2   polarity in bit 7, time bits 22..16 in bits 6..0
//	byte 3-4 time bits 15..0, µs
//
// The records look like those of N-MNIST: only the file's name, or the format
// by name, tells which they are.
func BS1() format.Format {
	return format.Format{
		Name:       "bs1",
		Summary:    "slayer .bs1, spikes in one dimension",
		Extensions: []string{".bs1"},
		Sniff:      sniffBS1,
		Open: func(s *format.Stream) (format.Decoder, error) {
			s.Size(1<<16, 1)
			return &bs1Decoder{s: s}, nil
		},
		Create: func(s *format.Sink) (format.Encoder, error) { return &bs1Encoder{s: s}, nil },
	}
}

func sniffBS1(p format.Probe) format.Claim {
	if !strings.HasSuffix(strings.ToLower(p.Name), ".bs1") {
		return format.Claim{}
	}
	return fiveBytes(p, func(e *pipeline.Event) bool {
		e.X, e.Y = e.X<<8|e.Y, 0
		return false
	}, 1<<16, 1)
}

type bs1Decoder struct{ s *format.Stream }

func (d *bs1Decoder) Decode(b *format.Block, src []byte, at int64, _ bool) (int, error) {
	n := len(b.Events)
	out := b.Events[n:cap(b.Events)]
	out = out[:min(len(out), len(src)/nmnistRecord)]
	width := format.Limit(d.s.Info.Width)
	for i := range out {
		r := src[i*nmnistRecord : i*nmnistRecord+nmnistRecord]
		e := nmnistRead(r)
		e.X, e.Y = e.X<<8|e.Y, 0
		if uint32(e.X) >= width {
			d.s.Outside(uint32(e.X), 0, at+int64(i*nmnistRecord), e.T)
		}
		out[i] = e
	}
	b.Events = b.Events[:n+len(out)]
	return len(out) * nmnistRecord, nil
}

type bs1Encoder struct{ s *format.Sink }

func (e *bs1Encoder) Events(dst []byte, events []pipeline.Event) []byte {
	for i := range events {
		ev := &events[i]
		switch {
		case ev.Y != 0:
			e.s.Lost.Add(format.AddressRange, 0, ev.T, 1)
		case ev.T < 0 || ev.T > nmnistTime:
			e.s.Lost.Add(format.TimeRange, 0, ev.T, 1)
		default:
			p := min(ev.P, 1) << 7
			dst = append(dst, byte(ev.X>>8), byte(ev.X), p|byte(ev.T>>16), byte(ev.T>>8), byte(ev.T))
		}
	}
	return dst
}

func (e *bs1Encoder) Side(dst []byte, s *format.Side) []byte {
	e.s.Lose(s)
	return dst
}

func (e *bs1Encoder) Finish(dst []byte) []byte { return dst }
