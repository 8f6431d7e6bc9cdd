package audio

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// WriteWAV writes a sound of interleaved samples as a WAV file of 16 bits.
// Samples beyond ±1 are clipped.
func WriteWAV(w io.Writer, rate, channels int, pcm []float32) error {
	frame := 2 * channels
	size := 2 * int64(len(pcm))
	if size > math.MaxUint32-36 {
		return fmt.Errorf("wav: %d bytes of sound are too long for the format", size)
	}
	u16, u32 := binary.LittleEndian.AppendUint16, binary.LittleEndian.AppendUint32
	b := u32([]byte("RIFF"), uint32(36+size))
	b = u32(append(b, "WAVEfmt "...), 16)
	b = u16(u16(b, tagPCM), uint16(channels))
	b = u32(u32(b, uint32(rate)), uint32(rate*frame))
	b = u16(u16(b, uint16(frame)), 16)
	b = u32(append(b, "data"...), uint32(size))
	for len(pcm) > 0 {
		n := min(len(pcm), inputBlock)
		for _, v := range pcm[:n] {
			b = u16(b, uint16(int16(max(-1<<15, min(math.Round(float64(v)*(1<<15)), 1<<15-1)))))
		}
		pcm = pcm[n:]
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("wav: %w", err)
		}
		b = b[:0]
	}
	if len(b) > 0 { // a file without sound
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("wav: %w", err)
		}
	}
	return nil
}
