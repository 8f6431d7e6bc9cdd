package motion

import (
	"math"
	"time"

	"ganglion/network/motion/track"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// CameraConfig is what is known of the camera itself.
type CameraConfig struct {
	Moving bool          `key:"moving" doc:"Whether the camera may move: what flows as the whole picture does is left out, and the flow of the picture is a record."`
	Focal  float64       `key:"focal" unit:"px" doc:"The lens's focal length in pixels of the sensor; with it, a recording's gyroscope tells how the camera turns; 0 leaves the gyroscope out." min:"0" max:"100000"`
	Axes   string        `key:"axes" doc:"Which of the gyroscope's axes point to the right, down and away from the lens, as in -y x z, where it is not mounted as usual."`
	Update time.Duration `key:"update" live:"true" doc:"Shortest time between two records of the camera's motion." min:"0s" max:"1h"`
}

// camera estimates how the picture flows while the camera moves, and tells what
// does not flow with it. The flow is fitted by iterated weights; each block of
// the picture has the same say, so that one object does not outvote the rest.
type camera struct {
	on       bool // the camera may move
	w, h     int  // px
	gyro     gyro
	turns    bool       // it turns, by the gyroscope
	fitted   globalFlow // how the picture flows in the period, beside what the gyroscope tells
	flow     globalFlow // the same of late: without a gyroscope of the period alone
	better   float64    // leaky: how many more flows agree with it than without it
	share    float64    // of the recent periods in which most of the picture flowed as one
	with     int        // spikes of the period that flow with the picture
	known    int        // spikes of the period that have a flow
	told     int64      // time of the last record, µs
	blocks   [cameraBlocks * cameraBlocks]block
	late     [cameraBlocks * cameraBlocks]late
	rows     int // of cells
	columns  int
	foreign  []float32 // by cell: leaky count of spikes that do not flow with the picture
	familiar []float32 // by cell: of those that do
	stirred  bool      // one of these counts is not 0
	wide     bool      // many blocks showed flows in the period
}

const (
	cameraPasses = 6   // of the fit
	cameraFollow = .15 // of what a period shows, where a gyroscope tells the rest

	cameraFollowed = .9  // of how much better that is, from period to period
	cameraBetter   = 1.2 // as many flows must agree, for it to count
	cameraShare    = .3  // scale of the weights: share of the speed
	cameraSpeed    = 8.  // and px/s
	cameraFloor    = 20. // px/s: flows weigh less the faster they are
	cameraLeast    = 3   // flows that a block's say is spread over at least
	fitShare       = .5  // of the larger speed: how far a flow with the picture may differ
	fitSpeed       = 12. // and px/s
	foreignKeep    = .6  // of the counts, from period to period
	foreignRest    = .01 // what is less is 0
	foreignReach   = 2   // cells
	foreignLeast   = 6   // foreign spikes around a spike of an object
	foreignShare   = .7  // of the familiar ones
	ownShare       = .4  // of the picture's speed: by so much an object moves otherwise
	ownSpeed       = 25. // px/s, at least
	movingConfirm  = 14  // periods with support that confirm an object while the camera moves
	cameraConfirm  = 8   // and while it stands still, but may begin to move
)

func newCamera(cfg CameraConfig, w, h int) camera {
	c := camera{on: cfg.Moving, w: w, h: h, columns: w / cellSize, rows: h / cellSize}
	if c.on {
		c.gyro.focal = cfg.Focal
		c.gyro.axes, _ = cfg.axes() // which was checked
		c.gyro.place(pipeline.View{}, w, h)
		c.foreign, c.familiar = make([]float32, c.columns*c.rows), make([]float32, c.columns*c.rows)
	}
	return c
}

// moves reports whether the picture flows as one, or must by the gyroscope.
func (c *camera) moves() bool { return c.flows() || c.turns }

// moved reports whether the picture has flowed as one of late, or turned.
func (c *camera) moved() bool { return c.share > 0 || c.turns }

// flows reports whether most of the picture has flowed as one of late.
func (c *camera) flows() bool { return c.share > .5 }

// still reports whether the camera is known to stand still.
func (c *camera) still() bool { return !c.on || c.gyro.ready && !c.moves() }

// rest is how the picture flows beside what the gyroscope tells: by the flow, where
// most of the picture agrees, for one object alone must not be taken for it.
func (c *camera) rest() *globalFlow {
	if c.gyro.ready && (!c.flows() || c.better <= 0) {
		return &globalFlow{}
	}
	return &c.flow
}

// at is how the picture flows at a place, px/s, when the camera turns at a rate.
func (c *camera) at(at track.Vec, rate angular) track.Vec {
	v := c.rest().at(c.middle(at.X, at.Y))
	if c.gyro.ready {
		v = v.Plus(c.gyro.flow(rate, at.X, at.Y))
	}
	return v
}

// middle is the place of a spike from the middle of the sensor.
func (c *camera) middle(x, y float64) track.Vec {
	return track.Vec{X: x - float64(float64(c.w)/2), Y: y - float64(float64(c.h)/2)} // rounded, not fused
}

func (c *camera) block(s *spike) *block {
	return &c.blocks[int(s.Y)*cameraBlocks/c.h*cameraBlocks+int(s.X)*cameraBlocks/c.w]
}

// see takes in the flows of the spikes of a period that ends at end, µs.
func (c *camera) see(spikes []spike, end, length int64) {
	if !c.on {
		return
	}
	if had := c.gyro.ready; c.gyro.step(end, length) != had {
		c.flow, c.better = globalFlow{}, 0
	}
	c.turns = c.gyro.moves(end)
	clear(c.blocks[:])
	c.known, c.with = 0, 0
	for i := range spikes {
		if _, _, ok := spikes[i].normal(); ok {
			if c.gyro.predict(&spikes[i]); spikes[i].slowness == [2]float32{} {
				continue
			}
			c.block(&spikes[i]).known++
			c.known++
		}
	}
	if c.known > 0 {
		c.fit(spikes)
		if !c.gyro.ready {
			c.flow = c.fitted
		}
	}
	c.count(spikes)
	if c.judge() && c.gyro.ready {
		c.flow.follow(&c.fitted, cameraFollow)
	}
}

// fit starts from the flow of the period before.
func (c *camera) fit(spikes []spike) {
	c.fitted = c.flow
	for pass := range cameraPasses {
		a := globalFit{scale: math.Sqrt(float64(c.w*c.w+c.h*c.h)) / 4}
		for i := range spikes {
			s := &spikes[i]
			n, speed, ok := s.normal()
			if !ok {
				continue
			}
			p := c.middle(float64(s.X), float64(s.Y))
			weight := 1 / float64(float64(max(c.block(s).known, cameraLeast))*(speed+cameraFloor))
			rest := speed - s.carried(n)
			if pass > 0 || c.moves() || c.gyro.ready {
				off := c.fitted.mismatch(n, p, rest) / (float64(cameraShare*speed) + cameraSpeed)
				weight /= 1 + float64(off*off)
			}
			a.add(n, p, rest, weight)
		}
		c.fitted = a.solve()
	}
}

// count notes where spikes flow with the picture and where they do not.
func (c *camera) count(spikes []spike) {
	c.fade()
	c.better *= cameraFollowed
	for i := range spikes {
		s := &spikes[i]
		known, with := c.fits(s, c.rest())
		if c.gyro.ready {
			if _, all := c.fits(s, &c.fitted); all {
				c.block(s).with++
				c.better++
			}
			if _, alone := c.fits(s, &globalFlow{}); alone {
				c.better -= cameraBetter
			}
		} else if with {
			c.block(s).with++
		}
		cell := min(int(s.Y)/cellSize, c.rows-1)*c.columns + min(int(s.X)/cellSize, c.columns-1)
		switch {
		case with:
			c.with++
			c.familiar[cell]++
		case known:
			c.foreign[cell]++
		}
		c.stirred = c.stirred || known
	}
}

// fade lets the counts of the periods before fade, in the end to 0.
func (c *camera) fade() {
	if !c.stirred {
		return
	}
	most := float32(0)
	for i := range c.foreign {
		c.foreign[i] *= foreignKeep
		c.familiar[i] *= foreignKeep
		most = max(most, c.foreign[i], c.familiar[i])
	}
	if c.stirred = most >= foreignRest; !c.stirred {
		clear(c.foreign)
		clear(c.familiar)
		clear(c.late[:])
	}
}

// quiet reports that a period without input would change nothing.
func (c *camera) quiet() bool { return !c.stirred && c.share == 0 && !c.turns }

// fits reports whether a spike has a flow, and whether it is the picture's, when
// the picture flows so beside what the gyroscope tells.
func (c *camera) fits(s *spike, rest *globalFlow) (known, with bool) {
	n, speed, known := s.normal()
	if !known {
		return false, false
	}
	p := c.middle(float64(s.X), float64(s.Y))
	own := s.carried(n)
	want := math.Abs(own + n.Dot(rest.at(p)))
	return true, rest.mismatch(n, p, speed-own) < float64(fitShare*max(want, speed))+fitSpeed
}

// admits reports whether a spike may belong to an object: always before a camera
// that stands still, else where more does not flow with the picture than does.
func (c *camera) admits(s *spike) bool {
	if !c.moves() {
		return true
	}
	if _, with := c.fits(s, c.rest()); with {
		return false
	}
	x, y := int(s.X)/cellSize, int(s.Y)/cellSize
	var foreign, familiar float32
	for v := max(y-foreignReach, 0); v <= min(y+foreignReach, c.rows-1); v++ {
		for u := max(x-foreignReach, 0); u <= min(x+foreignReach, c.columns-1); u++ {
			foreign += c.foreign[v*c.columns+u]
			familiar += c.familiar[v*c.columns+u]
		}
	}
	return foreign >= foreignLeast && foreign > foreignShare*familiar
}

// object reports whether a blob moves otherwise than the picture.
func (c *camera) object(b *track.Blob) bool {
	if !c.moves() {
		return b.Flow || c.still()
	}
	g := c.at(b.Centroid, c.gyro.late)
	return b.Flow && b.Velocity.Minus(g).Norm() > max(ownSpeed, float64(ownShare*g.Norm()))
}

// carry tells the tracker how the picture moves below its tracks.
func (c *camera) carry(k *track.Tracker) {
	if !c.moves() {
		return
	}
	for _, t := range k.Tracks {
		k.Carry(t, c.at(t.Centre, c.gyro.now))
	}
}

// confirm is how many periods with support confirm an object at least.
func (c *camera) confirm() int {
	switch {
	case c.moves():
		return movingConfirm
	case c.still() && !c.wide:
		return 0
	}
	return cameraConfirm
}

// report appends the record of the camera's motion at time end, µs, when it is due.
func (c *camera) report(end int64, every time.Duration, dst []pipeline.Detection) []pipeline.Detection {
	if !c.moves() || end-c.told < every.Microseconds() {
		return dst
	}
	c.told = end
	middle := track.Vec{X: float64(c.w) / 2, Y: float64(c.h) / 2}
	shift := c.at(middle, c.gyro.now)
	d := pipeline.UnknownDetection()
	d.Kind, d.T, d.TLast, d.TFirst = pipeline.CameraMotion, end, end, end
	d.X0, d.Y0, d.X1, d.Y1 = 0, 0, float32(c.w), float32(c.h)
	d.CX, d.CY = d.X1/2, d.Y1/2
	d.VX, d.VY, d.SpeedPxS = float32(shift.X), float32(shift.Y), float32(shift.Norm())
	d.DirectionDeg = float32(math.NaN())
	if d.SpeedPxS >= 5 {
		d.DirectionDeg = shift.Degrees()
	}
	d.SpeedSource, d.State = pipeline.SpeedFlow, pipeline.Confirmed
	d.NSpikes, d.Confidence = uint32(c.with), float32(c.with)/float32(max(c.known, 1))
	d.TurnDegS, d.ZoomS = float32(c.flow[2]*(180/math.Pi)), float32(c.flow[3])
	if c.gyro.ready {
		c.tell(&d, middle, shift)
	}
	d.Complete()
	return append(dst, d)
}

// tell fills in what a gyroscope changes in a record.
func (c *camera) tell(d *pipeline.Detection, middle, shift track.Vec) {
	d.SpeedSource = pipeline.SpeedGyro
	if c.known == 0 { // no flow agrees or differs
		d.Confidence = float32(math.NaN())
	}
	right := c.at(middle.Plus(track.Vec{X: 1}), c.gyro.now).Minus(shift)
	down := c.at(middle.Plus(track.Vec{Y: 1}), c.gyro.now).Minus(shift)
	d.TurnDegS, d.ZoomS = float32((right.Y-down.X)/2*(180/math.Pi)), float32((right.X+down.Y)/2)
}

// fields carries the state to a snapshot or from one.
func (c *camera) fields(s *state.Codec) {
	if !c.on {
		return
	}
	for i := range c.flow {
		track.Finite(s, &c.flow[i])
	}
	c.gyro.fields(s)
	s.Bool(&c.turns)
	track.Finite(s, &c.better)
	track.Finite(s, &c.share)
	state.Integer(s, &c.told)
	for i := range c.foreign {
		track.Finite(s, &c.foreign[i])
		track.Finite(s, &c.familiar[i])
	}
	s.Bool(&c.stirred)
	for i := range c.late {
		l := &c.late[i]
		track.Finite(s, &l.known)
		track.Finite(s, &l.with)
		s.Demand(l.known >= 0 && l.with >= 0, "a block has shown less than nothing")
	}
}
