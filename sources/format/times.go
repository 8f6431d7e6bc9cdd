package format

import (
	"fmt"
	"math"
)

// Rates that a sensor's events have, in the mean over a sample of at least
// fewTimes, events/s.
const (
	SlowestRate = 30
	fastestRate = 100e6
	fewTimes    = 32
)

// farYears is how far from zero times may be: so far beyond 1970 there are no
// recordings yet.
const farYears = 130

// EventRate is the rate of n events from a first time to a last one, µs, per
// second; false when there are too few, or they are all at one time.
func EventRate(n int, first, last float64) (float64, bool) {
	if n < fewTimes || last <= first {
		return 0, false
	}
	return float64(n) / (last - first) * 1e6, true
}

// DoubtOfTimes reports what is odd about n times from a first one to a last one, µs,
// that were taken to be in a unit; "" when nothing is.
func DoubtOfTimes(n int, first, last float64, unit string) string {
	const year = 365.25 * 86400e6
	what := ""
	if years := math.Abs(last) / year; n > 0 && years > farYears {
		what = fmt.Sprintf("are up to %.3g years, which no clock shows", years)
	} else if r, ok := EventRate(n, first, last); ok && (r < SlowestRate || r > fastestRate) {
		what = fmt.Sprintf("give %.3g events/s, which is not a sensor's rate", r)
	} else {
		return ""
	}
	return fmt.Sprintf("times in %s %s: if the unit is another, name the columns, such as t[ns],x,y,p", unit, what)
}
