package packet

import (
	"fmt"
	"math"
)

// sampleForm is how samples are kept: so many bytes of whole numbers each, or
// the bits of floats.
type sampleForm byte

const (
	formEvents sampleForm = 0
	form16     sampleForm = 2
	form24     sampleForm = 3
	formFloat  sampleForm = 4
)

// scale is what a whole number of the form is divided by.
func (f sampleForm) scale() float32 {
	if f == form24 {
		return 1 << 23
	}
	return 1 << 15
}

// formOf is the shortest form that keeps every bit of the samples.
func formOf(pcm []float32) sampleForm {
	form := form16
	for _, v := range pcm {
		for !fits(v, form) {
			if form == form24 {
				return formFloat
			}
			form = form24
		}
	}
	return form
}

func fits(v float32, f sampleForm) bool {
	scaled := v * f.scale() // exact: a power of two
	if !(scaled >= -f.scale() && scaled <= f.scale()-1) {
		return false
	}
	return math.Float32bits(float32(int32(scaled))/f.scale()) == math.Float32bits(v)
}

// appendSamples appends the samples, lowest bytes of all first.
func appendSamples(b []byte, pcm []float32, f sampleForm, channels int) []byte {
	at, n := len(b), len(pcm)
	b = append(b, make([]byte, n*int(f))...)
	out := b[at:]
	for i, v := range pcm {
		var u uint32
		if f == formFloat {
			u = math.Float32bits(v)
		} else {
			u = fold(int32(v*f.scale())-line(pcm, i, channels, f), f)
		}
		for k := range int(f) {
			out[k*n+i] = byte(u >> (8 * k))
		}
	}
	return b
}

// line is where a line through the two samples before it in the same channel
// meets the sample; the sums wrap around.
func line(pcm []float32, i, channels int, f sampleForm) int32 {
	if i < 2*channels {
		return 0
	}
	return 2*int32(pcm[i-channels]*f.scale()) - int32(pcm[i-2*channels]*f.scale())
}

// fold keeps the low bits of a difference, its sign last, so that small ones of
// both signs have zeros in their high bytes.
func fold(d int32, f sampleForm) uint32 {
	shift := 32 - 8*uint(f)
	d = d << shift >> shift
	return uint32(d<<1^d>>31) & (math.MaxUint32 >> shift)
}

// unfold is the difference that fold kept, up to what wraps around.
func unfold(u uint32) int32 { return int32(u>>1) ^ -int32(u&1) }

// readSamples appends count samples to pcm.
func readSamples(pcm []float32, columns []byte, count int, f sampleForm, channels int) ([]float32, error) {
	if f != form16 && f != form24 && f != formFloat {
		return pcm, fmt.Errorf("packet: samples of the unknown form %d", f)
	}
	if len(columns) != count*int(f) || count%channels != 0 {
		return pcm, fmt.Errorf("packet: %d bytes for %d samples of %d bytes in %d channels", len(columns), count, f, channels)
	}
	if cap(pcm) < count {
		pcm = make([]float32, 0, count)
	}
	pcm = pcm[:count]
	shift := 32 - 8*uint(f)
	for i := range pcm {
		var u uint32
		for k := range int(f) {
			u |= uint32(columns[k*count+i]) << (8 * k)
		}
		if f == formFloat {
			pcm[i] = math.Float32frombits(u)
			continue
		}
		pcm[i] = float32((unfold(u)+line(pcm, i, channels, f))<<shift>>shift) / f.scale()
	}
	return pcm, nil
}
