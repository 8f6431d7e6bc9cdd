package track

// stance tells what walks from what rolls or flies. A person is longer across the way than along
// it. The legs stop with each step, and dark ones are not seen for a while, so the height
// that has been seen holds for long; the breadth, between a step and the next, goes to and fro.
type stance struct {
	upright float64 // share of the recent past in which it was
}

const (
	stanceGain   = .1  // of the share
	stanceMost   = .7  // of the periods, in which a thing was upright that walks
	stanceShape  = 1.5 // times as long across its way as along it
	stanceSize   = 30. // px, its longest side at least
	stanceSpeed  = 20. // px/s
	shrinkHeight = .1  // share of the gain, for what walks
	shrinkStep   = 2.
)

// note takes in the size of a measurement, px, of a thing with a velocity, px/s.
func (s *stance) note(size, v Vec) {
	along, across := size.X, size.Y
	if v.steep() {
		along, across = across, along
	}
	if s.upright -= float64(stanceGain * s.upright); across > float64(stanceShape*along) {
		s.upright += stanceGain
	}
}

// shrink is the gain with which a track's sizes shrink to what a period shows. What the border cuts
// is as large as it looks.
func (k *Tracker) shrink(t *Track, b *Blob) Vec {
	t.stance.note(b.Box.Size(), t.Velocity)
	x, y := k.shrinking(t.Size.X), k.shrinking(t.Size.Y)
	switch walks := t.stance.upright > stanceMost && t.longest() > stanceSize && t.Velocity.Norm() > stanceSpeed; {
	case k.ground || !walks || k.cut(b.Box):
		return Vec{x, y}
	case t.Velocity.steep():
		return Vec{float64(shrinkHeight * x), float64(shrinkStep * y)}
	}
	return Vec{float64(shrinkStep * x), float64(shrinkHeight * y)}
}

// cut reports whether the border may cut what a box holds.
func (k *Tracker) cut(b Box) bool {
	return min(b.Min.X, b.Min.Y, float64(k.setup.Width)-b.Max.X, float64(k.setup.Height)-b.Max.Y) < entryBorder
}
