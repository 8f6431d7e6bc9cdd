package score

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Interval is a figure with its 95 % confidence interval.
type Interval struct {
	Value Figure `json:"value"`
	Low   Figure `json:"low"`
	High  Figure `json:"high"`
}

// z95 is the two-sided 95 % quantile of the normal distribution.
const z95 = 1.959963984540054

// Share is k of n with the score interval of Wilson (1927).
func Share(k, n int) Interval {
	if n == 0 {
		return Interval{Undefined(), Undefined(), Undefined()}
	}
	p, m := float64(k)/float64(n), float64(n)
	const square = z95 * z95
	scale := 1 / (1 + square/m)
	middle := float64(scale * (p + square/(2*m)))
	half := float64(scale * z95 * math.Sqrt(float64(p*(1-p))/m+square/(4*m*m)))
	return Interval{Figure(p), Figure(max(0, middle-half)), Figure(min(1, middle+half))}
}

// Rate is k events in a length of time, per unit of it, with the exact interval
// of a Poisson count (Garwood 1936).
func Rate(k int, length float64) Interval {
	if !(length > 0) {
		return Interval{Undefined(), Undefined(), Undefined()}
	}
	low := 0.
	if k > 0 {
		low = mathext.GammaIncRegInv(float64(k), .025) // half a quantile of the chi-squared distribution with 2k degrees of freedom
	}
	high := mathext.GammaIncRegInv(float64(k)+1, .975)
	return Interval{Figure(float64(k) / length), Figure(low / length), Figure(high / length)}
}
