package audio

import (
	"encoding/binary"
	"math"
)

// coding is how a number stands in its bytes.
type coding uint8

const (
	codingUnsigned coding = iota // offset binary, as in WAV up to 8 bits
	codingSigned                 // two's complement, left-justified in its bytes
	codingFloat
	codingALaw
	codingMuLaw
)

// sampleForm is the form of one sample.
type sampleForm struct {
	coding coding
	size   int // bytes
	big    bool
}

// rawForms are the encodings of raw sound.
var rawForms = map[string]sampleForm{
	"u8": {codingUnsigned, 1, false}, "s8": {codingSigned, 1, false},
	"s16le": {codingSigned, 2, false}, "s16be": {codingSigned, 2, true},
	"s24le": {codingSigned, 3, false}, "s24be": {codingSigned, 3, true},
	"s32le": {codingSigned, 4, false}, "s32be": {codingSigned, 4, true},
	"f32le": {codingFloat, 4, false}, "f32be": {codingFloat, 4, true},
	"f64le": {codingFloat, 8, false}, "f64be": {codingFloat, 8, true},
	"alaw": {codingALaw, 1, false}, "mulaw": {codingMuLaw, 1, false},
}

// word assembles the bytes of one sample at the top of 64 bits.
func (f sampleForm) word(b []byte) uint64 {
	var v uint64
	if f.big {
		for _, x := range b {
			v = v<<8 | uint64(x)
		}
	} else {
		for i := len(b) - 1; i >= 0; i-- {
			v = v<<8 | uint64(b[i])
		}
	}
	return v << (64 - 8*len(b))
}

// value is the sample in b, as [convert] defines it.
func (f sampleForm) value(b []byte) float32 {
	switch f.coding {
	case codingFloat:
		if f.size == 8 {
			return float32(math.Float64frombits(f.word(b)))
		}
		return math.Float32frombits(uint32(f.word(b) >> 32))
	case codingALaw:
		return aLaw[b[0]]
	case codingMuLaw:
		return muLaw[b[0]]
	case codingUnsigned:
		return float32(float64(int64(f.word(b)^1<<63)) / (1 << 63))
	}
	return float32(float64(int64(f.word(b))) / (1 << 63))
}

// convert turns src into len(src)/size samples in dst. The common form has a
// loop of its own, three times as fast.
func (f sampleForm) convert(dst []float32, src []byte) {
	if f == (sampleForm{codingSigned, 2, false}) {
		for i := range dst {
			dst[i] = float32(int16(binary.LittleEndian.Uint16(src[2*i:]))) / (1 << 15)
		}
		return
	}
	for i := range dst {
		dst[i] = f.value(src[i*f.size : (i+1)*f.size])
	}
}

// tame makes float samples sound: NaN and infinity become silence, what
// exceeds ±1 is clipped. It returns how many of each there were.
func tame(x []float32) (notNumbers, clipped uint64) {
	for i, v := range x {
		switch {
		case v >= -1 && v <= 1:
		case v-v != 0: // NaN, infinity
			x[i] = 0
			notNumbers++
		default:
			x[i] = max(-1, min(v, 1))
			clipped++
		}
	}
	return notNumbers, clipped
}

var aLaw, muLaw = aLawTable(), muLawTable()

// muLawTable expands mu-law to 14 bits in 16 (ITU-T G.711, table 2).
func muLawTable() (t [256]float32) {
	for i := range t {
		c := ^uint8(i)
		v := (int(c&0x0f)<<3+0x84)<<(c>>4&7) - 0x84
		if c&0x80 != 0 {
			v = -v
		}
		t[i] = float32(v) / (1 << 15)
	}
	return t
}

// aLawTable expands A-law to 13 bits in 16 (ITU-T G.711, table 1).
func aLawTable() (t [256]float32) {
	for i := range t {
		c := uint8(i) ^ 0x55
		v := int(c&0x0f)<<4 + 8
		if segment := c >> 4 & 7; segment > 0 {
			v = (v + 0x100) << (segment - 1)
		}
		if c&0x80 == 0 {
			v = -v
		}
		t[i] = float32(v) / (1 << 15)
	}
	return t
}
