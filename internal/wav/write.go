package wav

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// Encoding is the form of a sample.
type Encoding int

// The encodings.
const (
	// Int16 is an integer of 16 bits: 2^15 times the sample, rounded; samples
	// beyond ±1 are clipped.
	Int16 Encoding = iota
	// Float32 is the sample as it is.
	Float32
)

// Smallest is the shorter encoding that holds every sample exactly: Int16 for
// sound that had 16 bits or fewer and was not changed, else Float32.
func Smallest(pcm []float32) Encoding {
	for _, v := range pcm {
		if s := v * (1 << 15); s != float32(math.RoundToEven(float64(s))) || s < -1<<15 || s > 1<<15-1 {
			return Float32
		}
	}
	return Int16
}

// Format is what the header says.
type Format struct {
	Rate, Channels int
	Encoding       Encoding
}

// block is how many samples are encoded at a time.
const block = 16 << 10

// Write writes a sound of interleaved samples.
func Write(w io.Writer, f Format, pcm []float32) error {
	b, err := f.header(len(pcm))
	if err != nil {
		return err
	}
	for {
		n := min(len(pcm), block)
		b = f.Encoding.append(b, pcm[:n])
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("wav: %w", err)
		}
		if pcm = pcm[n:]; len(pcm) == 0 {
			return nil
		}
		b = b[:0]
	}
}

// header is what stands before so many samples.
func (f Format) header(samples int) ([]byte, error) {
	width, tag, about := 2, uint16(1), uint32(16)
	rest := uint32(4 + 8 + 16 + 8)
	if f.Encoding == Float32 {
		width, tag, about = 4, 3, 18
		rest += 2 + 12
	}
	size := int64(width) * int64(samples)
	if size > math.MaxUint32-int64(rest) {
		return nil, fmt.Errorf("wav: %d bytes of sound are too long for the format", size)
	}
	u16, u32 := binary.LittleEndian.AppendUint16, binary.LittleEndian.AppendUint32
	frame := width * f.Channels
	b := u32([]byte("RIFF"), rest+uint32(size))
	b = u32(append(b, "WAVEfmt "...), about)
	b = u16(u16(b, tag), uint16(f.Channels))
	b = u32(u32(b, uint32(f.Rate)), uint32(f.Rate*frame))
	b = u16(u16(b, uint16(frame)), uint16(8*width))
	if f.Encoding == Float32 {
		b = u16(b, 0)
		b = u32(u32(append(b, "fact"...), 4), uint32(samples/f.Channels))
	}
	return u32(append(b, "data"...), uint32(size)), nil
}

// append appends samples.
func (e Encoding) append(b []byte, pcm []float32) []byte {
	for _, v := range pcm {
		if e == Float32 {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
			continue
		}
		s := max(-1<<15, min(math.Round(float64(v)*(1<<15)), 1<<15-1))
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(s)))
	}
	return b
}
