package audio

import (
	"bytes"
	"encoding/binary"
)

// decoderDelay is how late a decoder of layer III gives its samples: 528 and one
// (LAME technical FAQ, "encoder and decoder delay").
const decoderDelay = 529

// An encoder may put a frame without sound in front, whose body says what was
// done to the sound (Xing VBR header and LAME's Mp3 Info Tag rev 1):
//
//	0 "Xing" | "Info"   4 flags u32: 1 frames, 2 bytes, 4 table, 8 quality
//	  frames u32, bytes u32, table [100], quality u32, as far as flagged
//	  encoder [9], 12 bytes, delay u12 and padding u12 in samples, ...
//
// mp3Frame is what is taken of it.
type mp3Frame struct {
	size   int64 // bytes of the frame
	delay  int   // samples that the encoder put in front of the sound
	length int64 // samples of sound, -1 where nobody says
}

// infoFrame reads such a frame at the place that b begins at, if it is one.
func infoFrame(b []byte) (f mp3Frame, ok bool) {
	size, samples, side := frameHeader(b)
	if size == 0 || len(b) < 4+side+8 {
		return f, false
	}
	tag := b[4+side:]
	if string(tag[:4]) != "Xing" && string(tag[:4]) != "Info" {
		return f, false
	}
	f = mp3Frame{size: int64(size), length: -1}
	flags, at := binary.BigEndian.Uint32(tag[4:]), 8
	var frames uint32
	for i, n := range []int{4, 4, 100, 4} {
		if flags>>i&1 == 0 {
			continue
		}
		if i == 0 && len(tag) >= at+4 {
			frames = binary.BigEndian.Uint32(tag[at:])
		}
		at += n
	}
	if len(tag) < at+24 || bytes.IndexByte(tag[at:at+4], 0) >= 0 {
		return f, true // without LAME's part
	}
	d := tag[at+21:]
	delay, padding := int(d[0])<<4|int(d[1]>>4), int(d[1]&15)<<8|int(d[2])
	f.delay = delay + decoderDelay
	if sound := int64(frames)*int64(samples) - int64(delay+padding); frames > 0 && sound > 0 {
		f.length = sound
	}
	return f, true
}

// kbits are the bit rates of layer III by their index, kbit/s.
var kbits = [2][15]int{
	{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}, // MPEG-1
	{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},     // MPEG-2 and 2.5
}

// modeMono is the channel mode of a frame that has one channel.
const modeMono = 3

// oneChannel reports whether b begins with the header of a frame of one channel.
func oneChannel(b []byte) bool {
	size, _, _ := frameHeader(b)
	return size > 0 && b[3]>>6 == modeMono
}

// frameHeader is the size of a frame of layer III, its samples and the bytes
// between its header and what follows the side information; 0 for none.
func frameHeader(b []byte) (size, samples, side int) {
	if len(b) < 4 || b[0] != 0xff || b[1]&0xe6 != 0xe2 {
		return 0, 0, 0
	}
	version, index, rates := b[1]>>3&3, int(b[2]>>4), []int{44100, 48000, 32000}
	at := int(b[2] >> 2 & 3)
	if version == 1 || index == 0 || index == 15 || at == 3 {
		return 0, 0, 0
	}
	mono, low := b[3]>>6 == modeMono, 1
	samples, side = 576, 17
	if mono {
		side = 9
	}
	if version == 3 {
		low, samples, side = 0, 1152, 32
		if mono {
			side = 17
		}
	}
	rate := rates[at] >> [4]int{2, 0, 1, 0}[version]
	return samples/8*kbits[low][index]*1000/rate + int(b[2]>>1&1), samples, side
}
