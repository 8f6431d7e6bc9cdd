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

// Cos is the cosine of an angle.
func Cos(angle float64) float64 {
	if math.Abs(angle) > 2*math.Pi {
		angle = math.Mod(angle, 2*math.Pi)
	}
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

// Sin is the sine of an angle. The polynomials are those of Cephes (Moshier
// 1989) for angles up to π/4.
func Sin(angle float64) float64 {
	const (
		// π/4 in three parts, so that a multiple of it is taken off exactly.
		high = 7.85398125648498535156e-1
		mid  = 3.77489470793079817668e-8
		low  = 2.69515142907905952645e-15
	)
	if angle == 0 || angle != angle {
		return angle
	}
	x := math.Abs(angle)
	if x > 2*math.Pi {
		x = math.Mod(x, 2*math.Pi)
	}
	octant := math.Floor(float64(x * (4 / math.Pi)))
	if math.Mod(octant, 2) == 1 {
		octant++
	}
	rest := ((x - float64(octant*high)) - float64(octant*mid)) - float64(octant*low)
	square := float64(rest * rest)
	var y float64
	if octant == 2 || octant == 6 {
		y = horner(square, -1.13585365213876817300e-11, 2.08757008419747316778e-9, -2.75573141792967388112e-7,
			2.48015872888517045348e-5, -1.38888888888730564116e-3, 4.16666666666665929218e-2)
		y = 1 - float64(.5*square) + float64(float64(square*square)*y)
	} else {
		y = horner(square, 1.58962301576546568060e-10, -2.50507477628578072866e-8, 2.75573136213857245213e-6,
			-1.98412698295895385996e-4, 8.33333333332211858878e-3, -1.66666666666666307295e-1)
		y = rest + float64(float64(rest*square)*y)
	}
	if (octant == 4 || octant == 6) != (angle < 0) {
		y = -y
	}
	return y
}

// horner is the polynomial of x with some coefficients, that of the highest
// power first.
func horner(x float64, coefficients ...float64) float64 {
	var sum float64
	for _, c := range coefficients {
		sum = float64(sum*x) + c
	}
	return sum
}

// Hypot is the length of the vector (x, y), for coordinates whose squares
// neither overflow nor vanish.
func Hypot(x, y float64) float64 { return math.Sqrt(float64(x*x) + float64(y*y)) }
