package score

import (
	"math"
	"slices"
	"time"

	"ganglion/internal/portable"
	"ganglion/pipeline"
)

// Motion scores the detections of a recording that begins at time 0 and ends
// with its last truth or box. Neither slice needs to be sorted.
func Motion(truth []pipeline.Truth, det []pipeline.Detection) Result {
	end := int64(0)
	for i := range truth {
		end = max(end, truth[i].T)
	}
	for i := range det {
		if isBox(&det[i]) {
			end = max(end, det[i].T)
		}
	}
	return MotionWithin(time.Duration(end)*time.Microsecond, truth, det)
}

// MotionWithin scores the detections of a recording of a known length, which
// matters for the rate of false boxes where truth and boxes end early.
func MotionWithin(length time.Duration, truth []pipeline.Truth, det []pipeline.Detection) Result {
	ins := instants(truth, det)
	m := matcher{previous: map[int]uint64{}, seen: map[int]int64{}, found: map[int]int64{}}
	for i := range ins {
		m.match(&ins[i])
	}
	r := m.result(length)
	r.AP50 = averagePrecision(ins)
	r.IDF1 = identityF1(ins)
	return r
}

// matcher pairs boxes with objects, instant after instant, and counts.
type matcher struct {
	right, missed, wrong, switches int

	previous map[int]uint64 // object id to the track id of its last pair
	seen     map[int]int64  // object id to the first instant at which it counts
	found    map[int]int64  // object id to its first pair

	centroid, direction, speed []float64 // one error for each pair that has it
	wrongWay                   int
}

// Weights of a pair, so far apart that the sum decides in this order: number
// of pairs, continued pairs, overlap. They allow a thousand pairs at an instant.
const (
	weightPair      = 1e6
	weightContinued = 1e3
)

func (m *matcher) match(in *instant) {
	weights := make([][]float64, len(in.objects))
	for i := range in.objects {
		g := &in.objects[i]
		if _, ok := m.seen[g.ID]; !ok {
			m.seen[g.ID] = in.t
		}
		weights[i] = m.weigh(g, in.boxes)
	}
	taken := make([]bool, len(in.boxes))
	for i, j := range assign(weights, len(in.boxes)) {
		if j < 0 {
			m.missed++
			continue
		}
		taken[j] = true
		m.pair(&in.objects[i], &in.boxes[j])
	}
	for j := range in.boxes {
		if !taken[j] && !in.ignores(&in.boxes[j]) {
			m.wrong++
		}
	}
}

func (m *matcher) weigh(g *pipeline.Truth, boxes []pipeline.Detection) []float64 {
	w := make([]float64, len(boxes))
	last, known := m.previous[g.ID]
	for j := range boxes {
		overlap := iou(g, &boxes[j])
		if overlap < minIoU {
			continue
		}
		w[j] = weightPair + overlap
		if known && last == boxes[j].TrackID {
			w[j] += weightContinued
		}
	}
	return w
}

// pair counts a right box.
func (m *matcher) pair(g *pipeline.Truth, d *pipeline.Detection) {
	m.right++
	if last, ok := m.previous[g.ID]; ok && last != d.TrackID {
		m.switches++
	}
	m.previous[g.ID] = d.TrackID
	if _, ok := m.found[g.ID]; !ok {
		m.found[g.ID] = g.T
	}
	if dx, dy := float64(d.CX)-float64((g.X0+g.X1)/2), float64(d.CY)-float64((g.Y0+g.Y1)/2); !math.IsNaN(dx + dy) {
		m.centroid = append(m.centroid, portable.Hypot(dx, dy))
	}
	m.velocity(g, d)
}

// minSpeed is the speed below which an object has no direction, px/s.
const minSpeed = 5

func (m *matcher) velocity(g *pipeline.Truth, d *pipeline.Detection) {
	speed := portable.Hypot(g.VX, g.VY)
	if speed < minSpeed {
		return
	}
	if v := float64(d.SpeedPxS); !math.IsNaN(v) {
		m.speed = append(m.speed, math.Abs(v-speed)/speed)
	}
	if deg := float64(d.DirectionDeg); !math.IsNaN(deg) {
		off := math.Abs(math.Remainder(deg-portable.Atan2(g.VY, g.VX)*180/math.Pi, 360))
		m.direction = append(m.direction, off)
		if off > 90 {
			m.wrongWay++
		}
	}
}

func (m *matcher) result(length time.Duration) Result {
	objects, boxes := m.right+m.missed, m.right+m.wrong
	r := Result{
		Precision:  ratio(m.right, boxes),
		Recall:     ratio(m.right, objects),
		F1:         ratio(2*m.right, objects+boxes),
		MOTA:       ratio(objects-m.missed-m.wrong-m.switches, objects),
		IDSwitches: Figure(m.switches),

		FalseBoxesPerS: perSecond(m.wrong, length),

		FirstBoxMS: median(m.delays()),
		CentroidPx: median(m.centroid),

		DirectionErrDegMedian: median(m.direction),
		DirectionWrongWay:     ratio(m.wrongWay, len(m.direction)),
		SpeedErrMedian:        median(m.speed),
	}
	if boxes == 0 && objects > 0 {
		r.Precision = 0
	}
	return r
}

// perSecond is n divided by the length of the recording, 0 for n = 0.
func perSecond(n int, length time.Duration) Figure {
	if n > 0 && length <= 0 {
		return Undefined()
	}
	return Figure(float64(n) / max(length.Seconds(), 1e-6))
}

// delays returns how long each found object took to be found, ms, from the
// begin of the period in which it first counts.
func (m *matcher) delays() []float64 {
	var ms []float64
	for id, t := range m.found {
		ms = append(ms, float64(t-m.seen[id]+periodUS)/1e3)
	}
	return ms
}

// median sorts v and returns the middle, the mean of both where there are two.
func median(v []float64) Figure {
	n := len(v)
	if n == 0 {
		return Undefined()
	}
	slices.Sort(v)
	return Figure((v[(n-1)/2] + v[n/2]) / 2)
}
