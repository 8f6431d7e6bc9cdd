package portable

import "math"

// Atan2 is the angle of the vector (x, y) against the x axis, in (-π, π]; 0
// for the null vector.
func Atan2(y, x float64) float64 {
	a, b := math.Abs(y), math.Abs(x)
	var angle float64
	switch {
	case a == 0 && b == 0:
		return 0
	case a <= b:
		angle = atan(a / b)
	default:
		angle = math.Pi/2 - atan(b/a)
	}
	if x < 0 {
		angle = math.Pi - angle
	}
	return math.Copysign(angle, y)
}

// atan is the arc tangent of x in [0, 1]. Halving the angle twice,
//
//	atan x = 2 atan(x / (1 + sqrt(1+x²)))
//
// leaves a number below 0.2, for which the Taylor series is short.
func atan(x float64) float64 {
	for range 2 {
		x /= 1 + math.Sqrt(1+float64(x*x))
	}
	sum, square := 0.0, float64(x*x)
	for n := 23.0; n >= 1; n -= 2 {
		sum = 1/n - float64(square*sum)
	}
	return float64(4 * float64(x*sum))
}

// Cos is the cosine of an angle of at most 2π either way.
func Cos(angle float64) float64 {
	// A quarter of the angle is below π/2; from there the angle is doubled
	// twice, cos 2a = 2cos²a - 1, in terms of 1-cos a, which keeps small
	// angles accurate.
	a := float64(angle * .25)
	square := float64(a * a)
	rest := 0.0 // 1 - cos a
	for n := 22.0; n >= 2; n -= 2 {
		rest = float64(square / (n * (n - 1)) * (1 - rest))
	}
	for range 2 {
		rest = float64(2 * rest * (2 - rest))
	}
	return 1 - rest
}
