package simulator

import (
	"math"

	"ganglion/internal/portable"
	"ganglion/pipeline"
)

// A camera in the hand sways and trembles about its three axes. Angles are in rad,
// by the right-hand rule about the axes right, down and away from the lens.

// FocalShare is the focal length of the simulated lens, as a share of the sensor's
// width, in pixels.
const FocalShare = 1

// sway is one of the oscillations of an axis: degrees and Hz.
type sway struct{ degrees, hz float64 }

// hand is how a camera in the hand turns: pitch, yaw and roll.
var hand = [3][]sway{
	{{1.6, 1.1}, {.25, 4.5}, {.06, 8}},
	{{2.4, .8}, {.25, 4}, {.06, 9}},
	{{1.5, .9}, {.2, 5}},
}

const (
	varySway   = .25 // of angle and rate, by the seed
	gyroPeriod = 1000
	gyroNoise  = .003 // rad/s, standard deviation
	gyroBias   = .03  // rad/s, standard deviation over the seeds
)

// lens is a camera that turns in place.
type lens struct {
	rnd   source
	turns bool // else it stands, or moves without turning
	focal float64
	cx    float64 // middle of the sensor, px
	cy    float64
	m     [9]float64 // world from camera, row by row
}

func newLens(c Config, s *scene, rnd source) lens {
	l := lens{rnd: rnd, turns: s.hand, focal: FocalShare * float64(c.Width), cx: float64(c.Width) / 2, cy: float64(c.Height) / 2}
	l.moveTo(0)
	return l
}

// angle is how far an axis is turned at a time, s.
func (l *lens) angle(axis int, now float64) float64 {
	sum := 0.
	for k, s := range hand[axis] {
		key := uint64(axis)<<8 | uint64(k)
		size := float64(s.degrees * math.Pi / 180 * (1 + float64(varySway*l.rnd.spread(forSway, key, 0))))
		phase := float64(s.hz*(1+float64(varySway*l.rnd.spread(forSway, key, 1)))*now) + l.rnd.uniform(forSway, key, 2)
		sum += float64(size * portable.Sin(2*math.Pi*math.Mod(phase, 1)))
	}
	return sum
}

// moveTo turns the camera to where it looks at a time, s.
func (l *lens) moveTo(now float64) {
	if l.turns {
		l.m = l.matrix(now)
	}
}

// matrix is yaw, then pitch, then roll.
func (l *lens) matrix(now float64) [9]float64 {
	pitch, yaw, roll := l.angle(0, now), l.angle(1, now), l.angle(2, now)
	sp, cp := portable.Sin(pitch), portable.Cos(pitch)
	sy, cy := portable.Sin(yaw), portable.Cos(yaw)
	sr, cr := portable.Sin(roll), portable.Cos(roll)
	y := [9]float64{cy, 0, sy, 0, 1, 0, -sy, 0, cy}
	x := [9]float64{1, 0, 0, 0, cp, -sp, 0, sp, cp}
	z := [9]float64{cr, -sr, 0, sr, cr, 0, 0, 0, 1}
	return product(product(y, x), z)
}

func product(a, b [9]float64) (c [9]float64) {
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				c[3*i+j] += float64(a[3*i+k] * b[3*k+j])
			}
		}
	}
	return c
}

// at is the place of the background, px from the middle of what the camera sees
// when it is not turned, that a pixel sees.
func (l *lens) at(x, y int) (u, v float64) {
	px, py, m := float64(x)+.5-l.cx, float64(y)+.5-l.cy, &l.m
	dx := float64(m[0]*px) + float64(m[1]*py) + float64(m[2]*l.focal)
	dy := float64(m[3]*px) + float64(m[4]*py) + float64(m[5]*l.focal)
	dz := float64(m[6]*px) + float64(m[7]*py) + float64(m[8]*l.focal)
	return l.focal * dx / dz, l.focal * dy / dz
}

// gyro appends what the camera's gyroscope tells within a window.
func (l *lens) gyro(w pipeline.Window, dst []pipeline.AngularRate) []pipeline.AngularRate {
	for t := (w.Start + gyroPeriod - 1) / gyroPeriod * gyroPeriod; t < w.End; t += gyroPeriod {
		var rate [3]float32
		turn := l.rate(float64(t) / 1e6)
		for axis := range rate {
			bias := float64(gyroBias * l.rnd.normal(forGyro, uint64(axis), 0))
			rate[axis] = float32(turn[axis] + bias + float64(gyroNoise*l.rnd.normal(forGyro, uint64(axis), 1+uint64(t))))
		}
		dst = append(dst, pipeline.AngularRate{T: t, At: t, X: rate[0], Y: rate[1], Z: rate[2]})
	}
	return dst
}

// rate is the angular rate about the camera's own axes: the antisymmetric part of
// the turn over a short time.
func (l *lens) rate(now float64) (r [3]float64) {
	if !l.turns {
		return r
	}
	const half = 1e-3 // s
	a, b := l.matrix(now-half), l.matrix(now+half)
	var back [9]float64
	for i := range back {
		back[i] = a[i%3*3+i/3]
	}
	d := product(back, b)
	for i, k := range [3][2]int{{7, 5}, {2, 6}, {3, 1}} {
		r[i] = round16((d[k[0]] - d[k[1]]) / 2 / (2 * half))
	}
	return r
}
