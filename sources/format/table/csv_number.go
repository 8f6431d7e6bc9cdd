package table

import "math"

// csvMost is how far the digits of a number count.
const csvMost = 1e18

var powersOfTen = func() (p [20]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// csvNumber reads a decimal number at src[n:], such as -1.2430e+03, takes it
// times 10^digits and rounds it to a whole number; exact reports whether
// nothing was rounded off.
func csvNumber(src []byte, n, digits int, point byte) (v int64, end int, exact, ok bool) {
	negative := n < len(src) && src[n] == '-'
	if negative || n < len(src) && src[n] == '+' {
		n++
	}
	mantissa, power, any := uint64(0), digits, false
	exact = true
	for fraction := false; n < len(src); n++ {
		d := src[n] - '0'
		switch {
		case d <= 9 && mantissa < csvMost:
			mantissa = mantissa*10 + uint64(d)
			if fraction {
				power--
			}
		case d <= 9:
			exact = exact && d == 0
			if !fraction {
				power++
			}
		case src[n] == point && !fraction:
			fraction = true
			continue
		default:
			d = 10
		}
		if d > 9 {
			break
		}
		any = true
	}
	if any && n < len(src) && src[n]|0x20 == 'e' {
		var exponent int
		if exponent, n, ok = csvExponent(src, n+1); !ok {
			return 0, n, false, false
		}
		power += exponent
	}
	mantissa, rounded, fits := scaled(mantissa, power)
	v = int64(mantissa)
	if negative {
		v = -v
	}
	return v, n, exact && !rounded, any && fits && mantissa <= math.MaxInt64
}

// csvExponent reads the number behind an e.
func csvExponent(src []byte, n int) (v, end int, ok bool) {
	negative := n < len(src) && src[n] == '-'
	if negative || n < len(src) && src[n] == '+' {
		n++
	}
	for ; n < len(src) && src[n]-'0' <= 9 && v < 1000; n++ {
		v, ok = v*10+int(src[n]-'0'), true
	}
	if negative {
		v = -v
	}
	return v, n, ok
}

// scaled is m times 10^power, rounded; false when it does not fit.
func scaled(m uint64, power int) (v uint64, rounded, ok bool) {
	for ; power > 0 && m > 0; power-- {
		if m > math.MaxInt64/10 {
			return 0, false, false
		}
		m *= 10
	}
	if power >= 0 {
		return m, false, true
	}
	if -power >= len(powersOfTen) {
		return 0, m > 0, true
	}
	p := powersOfTen[-power]
	rest := m % p
	if m /= p; rest >= p-rest {
		m++
	}
	return m, rest > 0, true
}
