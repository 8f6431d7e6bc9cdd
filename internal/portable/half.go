package portable

import "math"

// Half is an IEEE 754 binary16 (5 bits of exponent, 10 of mantissa) as a
// float32, which holds every one of them.
func Half(b uint16) float32 {
	sign, exponent, mantissa := uint32(b)>>15<<31, uint32(b)>>10&31, uint32(b)&1023
	switch exponent {
	case 0: // zero, and what is below the normal numbers: multiples of 2^-24
		small := float32(mantissa) * (1.0 / (1 << 24))
		return math.Float32frombits(sign | math.Float32bits(small))
	case 31: // infinity, and what is not a number
		return math.Float32frombits(sign | 255<<23 | mantissa<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | mantissa<<13)
}
