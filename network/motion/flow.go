package motion

import "math"

// spike is a coincidence spike as the readout keeps it.
type spike struct {
	t    int64 // µs
	x, y float32
	on   bool
	// gx, gy is the slowness fitted to the spike's times of travel, s/px: it
	// points where the edge moves, and its inverse length is the edge's speed
	// along its normal. Both are 0 when too few taps answered.
	gx, gy float32
	track  int32 // index of the track that claims it this period, or -1
}

// tapFit is the least-squares fit of a slowness to times of travel: an edge
// that passed the point at offset d a time dt ago satisfies dt = -d·g.
// Recent answers count more: gain exp(-dt/40 ms).
type tapFit struct {
	n                  int
	xx, xy, yy, xt, yt float64
}

const tapGain = 40e-3 // s

// add takes one answer: dt in µs over the tap.
func (f *tapFit) add(tap int, dt float32) {
	s := float64(dt) * 1e-6
	w := math.Exp(-s / tapGain)
	dx, dy := -float64(Taps[tap].DX), -float64(Taps[tap].DY)
	f.n++
	f.xx += w * dx * dx
	f.xy += w * dx * dy
	f.yy += w * dy * dy
	f.xt += w * dx * s
	f.yt += w * dy * s
}

// slowness solves the fit. A small ridge settles directions that no tap saw:
// the slowness is 0 along them.
func (f *tapFit) slowness() (gx, gy float32) {
	if f.n < 2 {
		return 0, 0
	}
	ridge := .02 * (f.xx + f.yy)
	xx, yy := f.xx+ridge, f.yy+ridge
	det := xx*yy - f.xy*f.xy
	if det <= 0 {
		return 0, 0
	}
	return float32((f.xt*yy - f.yt*f.xy) / det), float32((f.yt*xx - f.xt*f.xy) / det)
}

// velocityFit is the least-squares fit of one velocity to normal flows
// (aperture problem: each spike tells only the speed along its normal n):
// the sum of n n^T, times v, is the sum of n v_n.
type velocityFit struct {
	n                  int
	xx, xy, yy, xv, yv float64
}

func (f *velocityFit) add(nx, ny, speed float64) {
	f.n++
	f.xx += nx * nx
	f.xy += nx * ny
	f.yy += ny * ny
	f.xv += nx * speed
	f.yv += ny * speed
}

// velocity solves the fit with the relative ridge .05 that holds the velocity
// along a straight edge, which nothing measures, at 0.
func (f *velocityFit) velocity() (vx, vy float64, ok bool) {
	ridge := .05 * (f.xx + f.yy) / 2
	xx, yy := f.xx+ridge, f.yy+ridge
	det := xx*yy - f.xy*f.xy
	if f.n < minFlow || det <= 0 {
		return 0, 0, false
	}
	return (f.xv*yy - f.yv*f.xy) / det, (f.yv*xx - f.xv*f.xy) / det, true
}

// minFlow is how many normal flows a velocity needs.
const minFlow = 6
