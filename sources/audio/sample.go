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
	low    bool // 24 bits in the lower ones of 4 bytes
}

// rawForms are the encodings of raw sound.
var rawForms = map[string]sampleForm{
	"u8": {coding: codingUnsigned, size: 1}, "s8": {coding: codingSigned, size: 1},
	"s16le": {coding: codingSigned, size: 2}, "s16be": {coding: codingSigned, size: 2, big: true},
	"s24le": {coding: codingSigned, size: 3}, "s24be": {coding: codingSigned, size: 3, big: true},
	"s24_32le": {coding: codingSigned, size: 4, low: true}, "s24_32be": {coding: codingSigned, size: 4, big: true, low: true},
	"s32le": {coding: codingSigned, size: 4}, "s32be": {coding: codingSigned, size: 4, big: true},
	"f32le": {coding: codingFloat, size: 4}, "f32be": {coding: codingFloat, size: 4, big: true},
	"f64le": {coding: codingFloat, size: 8}, "f64be": {coding: codingFloat, size: 8, big: true},
	"alaw": {coding: codingALaw, size: 1}, "mulaw": {coding: codingMuLaw, size: 1},
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
	v <<= 64 - 8*len(b)
	if f.low {
		v <<= 8
	}
	return v
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
	if f == (sampleForm{coding: codingSigned, size: 2}) {
		for i := range dst {
			dst[i] = float32(int16(binary.LittleEndian.Uint16(src[2*i:]))) / (1 << 15)
		}
		return
	}
	for i := range dst {
		dst[i] = f.value(src[i*f.size : (i+1)*f.size])
	}
}

// tame makes a float sample sound: NaN and infinity become silence, what
// exceeds ±1 is clipped. It returns the kind of damage, or "".
func tame(x *float32) string {
	switch v := *x; {
	case v >= -1 && v <= 1:
		return ""
	case math.IsNaN(float64(v)) || math.IsInf(float64(v), 0):
		*x = 0
		return "not_a_number"
	default:
		*x = max(-1, min(v, 1))
		return "over_range"
	}
}

// clean reports whether all samples are sound as they are.
func clean(x []float32) bool {
	for _, v := range x {
		if !(v >= -1 && v <= 1) {
			return false
		}
	}
	return true
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
