package recording

import (
	"errors"
	"io"
	"math"
	"testing"

	"ganglion/internal/shareddata"
	"ganglion/sources/format"
)

// still is an image of a camera, smoothed.
type still struct {
	t      int64 // middle of the exposure, µs
	w, h   int
	levels []float64
}

func stillOf(f *format.Frame) still {
	s := still{t: (f.ExposureStart + f.ExposureEnd) / 2, w: f.Width, h: f.Height, levels: make([]float64, f.Width*f.Height)}
	for y := 2; y < f.Height-2; y++ {
		for x := 2; x < f.Width-2; x++ {
			for k := range 25 {
				s.levels[y*f.Width+x] += float64(f.Pixels[(y+k/5-2)*f.Width+x+k%5-2]) / 25
			}
		}
	}
	return s
}

func (s *still) at(x, y float64) float64 {
	i, j := int(x), int(y)
	a, b, row := x-float64(i), y-float64(j), s.levels[j*s.w+i:]
	return (1-b)*((1-a)*row[0]+a*row[1]) + b*((1-a)*row[s.w]+a*row[s.w+1])
}

// shift finds how one image follows from another by Gauss and Newton's method (Lucas
// and Kanade 1981): to the right, down, and turned from right to down, px and rad.
func shift(from, to *still) (p [3]float64) {
	for range 30 {
		var m [3][4]float64
		for y := 30; y < from.h-30; y++ {
			for x := 30; x < from.w-30; x++ {
				cx, cy := float64(x)-float64(from.w)/2, float64(y)-float64(from.h)/2
				u, v := float64(x)+p[0]-p[2]*cy, float64(y)+p[1]+p[2]*cx
				gx, gy := (to.at(u+1, v)-to.at(u-1, v))/2, (to.at(u, v+1)-to.at(u, v-1))/2
				d := from.levels[y*from.w+x] - to.at(u, v)
				weight := 1 / (1 + d*d/25)
				row := [4]float64{gx, gy, gy*cx - gx*cy, d}
				for i := range m {
					for j := range row {
						m[i][j] += weight * row[i] * row[j]
					}
				}
			}
		}
		for i := range m {
			for j := range m {
				if f := m[j][i] / m[i][i]; j != i {
					for k := range m[j] {
						m[j][k] -= f * m[i][k]
					}
				}
			}
		}
		for i := range p {
			p[i] += m[i][3] / m[i][i]
		}
	}
	return p
}

// TestTheGyroscopeAgreesWithTheFramesOfItsCamera holds axes, signs and scale of AEDAT 4
// against the three frames that a DAVIS346 in a hand took meanwhile. The bias of the
// gyroscope is not known, so the changes from one pair of frames to the next are held
// against each other.
func TestTheGyroscopeAgreesWithTheFramesOfItsCamera(t *testing.T) {
	t.Parallel()
	r, err := Open(shareddata.Path(t, "events/aedat4/davis346.aedat4"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var stills []still
	var g Gyro
	for b := format.NewBlock(sourceBlock); ; {
		if err := r.Read(b); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		g.Take(Rates(nil, b, r.Info.Gyro))
		for i := range b.Side {
			if f := b.Side[i].Frame; f != nil {
				stills = append(stills, stillOf(f))
			}
		}
	}
	var rates, flows [2][3]float64 // about right, down and away; to the right, down and turned, a second
	for k := range rates {
		a, b := &stills[k], &stills[k+1]
		for i, v := range shift(a, b) {
			flows[k][i] = v / (float64(b.t-a.t) / 1e6)
		}
		n := 0.
		for _, s := range g.pending {
			if s.T >= a.t && s.T < b.t {
				n++
				for i, v := range [3]float32{s.X, s.Y, s.Z} {
					rates[k][i] += (float64(v) - rates[k][i]) / n
				}
			}
		}
	}
	t.Logf("flows %.2f, rates %.4f rad/s", flows, rates)
	var rate, flow [3]float64
	for i := range rate {
		rate[i], flow[i] = rates[1][i]-rates[0][i], flows[1][i]-flows[0][i]
	}
	// A lens before 346 px sees some 30 to 90 degrees.
	for what, focal := range map[string]float64{"tilt": flow[1] / rate[0], "pan": -flow[0] / rate[1]} {
		if focal < 170 || focal > 650 {
			t.Errorf("%s: the lens has a focal length of %.0f px", what, focal)
		}
	}
	if roll := -flow[2] / rate[2]; math.Abs(roll-1) > .5 {
		t.Errorf("the picture turns by %.2f times the roll", roll)
	}
}
