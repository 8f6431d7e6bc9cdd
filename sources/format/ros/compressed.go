package ros

import (
	"encoding/binary"
	"math/bits"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// compressed decodes libcaer_cmp: u16 words, the code in 15..12. Time, column
// and row last until a word changes them, and begin at 0 in each packet.
//
//	TIME_HIGH    0 bits 23..12 of µs since time_base
//	TIME_LOW     1 bits 11..0
//	ADDR_X       2 column in 10..0: no event
//	ADDR_Y       3 row in 10..0, polarity in 11: an event in the last column
//	VECT_BASE_Y  4 row in 10..0, polarity in 11: no event
//	VECT_8       5 bit i is an event in row base+i of the last column; then the base moves by 8
type compressed struct {
	s    *format.Stream
	src  []byte
	at   int64
	base int64 // µs

	high, low int64
	x         uint16
	y         uint32 // base of vectors
	pol       uint8
}

func (c *compressed) begin(src []byte, at int64, base uint64) {
	*c = compressed{s: c.s, src: src, at: at, base: int64(base / 1000)}
	if len(src)%2 != 0 {
		c.s.Damage.Add(format.Truncated, at+int64(len(src)-1), c.base, 1)
	}
}

func (c *compressed) decode(b *format.Block) bool {
	for len(c.src) >= 2 && !b.Full() {
		c.word(b, binary.LittleEndian.Uint16(c.src))
		c.src, c.at = c.src[2:], c.at+2
	}
	return len(c.src) >= 2
}

func (c *compressed) word(b *format.Block, w uint16) {
	switch w >> 12 {
	case 0:
		c.high = int64(w&0xfff) << 12
	case 1:
		c.low = int64(w & 0xfff)
	case 2:
		c.x = w & 0x7ff
	case 3:
		c.event(b, uint32(w&0x7ff), uint8(w>>11&1))
	case 4:
		c.y, c.pol = uint32(w&0x7ff), uint8(w>>11&1)
	case 5:
		for mask := uint8(w); mask != 0; mask &= mask - 1 {
			c.event(b, c.y+uint32(bits.TrailingZeros8(mask)), c.pol)
		}
		c.y += 8
	default:
		c.s.Damage.Add("unknown_word", c.at, c.time(), 1)
	}
}

func (c *compressed) time() int64 { return c.base + c.high + c.low }

// event appends an event on the sensor. The encoder fills the rows of a vector
// up beyond it, so what lies outside is not an event.
func (c *compressed) event(b *format.Block, y uint32, p uint8) {
	if uint32(c.x) >= format.Limit(c.s.Info.Width) || y >= format.Limit(c.s.Info.Height) {
		return
	}
	b.Events = append(b.Events, pipeline.Event{T: c.time(), X: c.x, Y: uint16(y), P: p})
}
