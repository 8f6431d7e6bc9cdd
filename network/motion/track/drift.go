package track

// drift is how a track moves whose object is slow: its place is rough from
// period to period, so its velocity is measured by the time that it takes for
// some way.
type drift struct {
	share float64 // of rough measurements in the recent past
	from  Vec     // where the way began
	since int64   // when, µs; 0 before the begin
	known int     // ways measured
}

const (
	driftGain  = .1  // of the share
	driftShare = .25 // from which on an object counts as slow
	driftAlpha = .2  // gain of the position
	driftWay   = 16. // px
	driftHits  = 15  // periods until a young track's place is good enough to begin
)

func (d *drift) slow() bool { return d.share > driftShare }

// note takes in whether a measurement is rough. It begins a way when the
// object becomes slow.
func (d *drift) note(rough bool) {
	was := d.slow()
	if d.share -= float64(driftGain * d.share); rough {
		d.share += driftGain
	}
	if !was {
		d.since, d.known = 0, 0
	}
}

// drift corrects a slow track by where it was measured.
func (t *Track) drift(off Vec, b *Blob) {
	t.Centre = t.Centre.Plus(off.Times(driftAlpha))
	d := &t.way
	if d.known == 0 && (d.since == 0 || t.hits < driftHits) {
		t.Velocity = Vec{}
		d.from, d.since = t.Centre, b.Last
		return
	}
	if way := t.Centre.Minus(d.from); way.Norm() >= driftWay {
		t.Velocity = way.Times(1 / Seconds(b.Last-d.since))
		d.from, d.since = t.Centre, b.Last
		d.known++
	}
}
