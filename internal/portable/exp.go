package portable

import "math"

const (
	ln2High = 6.93147180369123816490e-01 // the upper bits of ln 2, so that k*ln2High is exact
	ln2Low  = 1.90821492927058770002e-10 // the rest
)

// Exp is e^x.
func Exp(x float64) float64 {
	switch {
	case x != x || math.IsInf(x, 1):
		return x
	case x > 709.782712893384:
		return math.Inf(1)
	case x < -745.1332191019412:
		return 0
	case x == 0:
		return 1
	}
	// x = k ln 2 + r with |r| <= ln(2)/2, and r = high - low.
	k := math.Floor(float64(x*math.Log2E) + .5)
	high := x - float64(k*ln2High)
	low := float64(k * ln2Low)
	y := expSmall(high, low)
	if n := int64(k); n > -1022 && n < 1023 {
		return y * math.Float64frombits(uint64(n+1023)<<52) // 2^n
	}
	return math.Ldexp(y, int(k))
}

// expSmall is e^(high-low) for |high-low| <= ln(2)/2, by a rational function
// (Remez) of the square.
func expSmall(high, low float64) float64 {
	const (
		p1 = 1.66666666666666657415e-01
		p2 = -2.77777777770155933842e-03
		p3 = 6.61375632143793436117e-05
		p4 = -1.65339022054652515390e-06
		p5 = 4.13813679705723846039e-08
	)
	r := high - low
	t := float64(r * r)
	even := p4 + float64(t*p5)
	even = p3 + float64(t*even)
	even = p2 + float64(t*even)
	even = p1 + float64(t*even)
	c := r - float64(t*even)
	return 1 - ((low - float64(r*c)/(2-c)) - high)
}

// Expm1 is e^x - 1, as exact for small x as for others, in the manner of
// [Log1p] (Kahan).
func Expm1(x float64) float64 {
	u := Exp(x)
	switch {
	case u == 1:
		return x
	case u-1 == -1 || math.IsInf(u, 1):
		return u - 1
	}
	return float64((u - 1) * (x / Log(u)))
}

// Pow is x^y of a finite x that is not negative: the whole part of y by
// squaring, the rest by exponential and logarithm.
func Pow(x, y float64) float64 {
	switch {
	case y == 0 || x == 1:
		return 1
	case x != x || y != y || x < 0:
		return math.NaN()
	case x == 0 && y < 0:
		return math.Inf(1)
	case x == 0:
		return 0
	case math.Abs(y) >= 1<<20:
		return Exp(float64(y * Log(x)))
	}
	whole, part := math.Modf(math.Abs(y))
	if part > .5 {
		whole, part = whole+1, part-1
	}
	power := 1.0
	if part != 0 {
		power = Exp(float64(part * Log(x)))
	}
	// Mantissas and exponents are multiplied apart, so that no square overflows.
	mantissa, exponent := math.Frexp(x)
	scale := 0
	for n := int64(whole); n != 0; n >>= 1 {
		if n&1 == 1 {
			power *= mantissa
			scale += exponent
		}
		mantissa = float64(mantissa * mantissa)
		exponent *= 2
		if mantissa < .5 {
			mantissa = float64(2 * mantissa)
			exponent--
		}
	}
	if y < 0 {
		power, scale = 1/power, -scale
	}
	return math.Ldexp(power, scale)
}
