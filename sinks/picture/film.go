package picture

import (
	"image"
	"math"

	"ganglion/pipeline"
)

// MaxFrames bounds a film.
const MaxFrames = 3000

// Film cuts a stream of events into windows and shows a frame at the end of
// each. It is used from one goroutine.
type Film struct {
	p    *Painter
	show func(*image.RGBA) error

	from   int64 // begin of the window, µs
	to     int64 // of the film, µs
	latest int64 // time of the newest event, µs
	begun  bool  // an event lies at or after the film's begin
	frames int
}

// NewFilm returns a film of sensor time [from, to), µs; its frames follow each
// other by the painter's window. With to math.MaxInt64 it ends with the last
// event. show is called for each frame, which is valid until it returns.
func NewFilm(p *Painter, from, to int64, show func(*image.RGBA) error) *Film {
	return &Film{p: p, show: show, from: from, to: to, latest: math.MinInt64}
}

// Frames is how many frames were shown.
func (f *Film) Frames() int { return f.frames }

// Over reports that no further event can change the film.
func (f *Film) Over() bool { return f.from >= f.to || f.Full() }

// Full reports that the film was cut off at [MaxFrames].
func (f *Film) Full() bool { return f.frames >= MaxFrames && f.from < f.to }

// Add takes the next events of the stream. Those before the film's begin are
// what surfaces and decaying sums begin with.
func (f *Film) Add(events []pipeline.Event) error {
	for _, e := range events {
		f.latest = max(f.latest, e.T)
		e.T = f.latest
		if e.T >= f.from && !f.begun {
			f.begun = true
			f.p.layer.begin()
		}
		for e.T >= f.end() && !f.Over() {
			if err := f.next(); err != nil {
				return err
			}
		}
		if f.Over() {
			return nil
		}
		f.p.add(e)
	}
	return nil
}

// end is where the current window ends.
func (f *Film) end() int64 {
	if f.from > math.MaxInt64-f.p.c.Window {
		return math.MaxInt64
	}
	return min(f.from+f.p.c.Window, f.to)
}

// next shows the window that is over and begins the next.
func (f *Film) next() error {
	end := f.end()
	if err := f.show(f.p.paint(end)); err != nil {
		return err
	}
	f.frames++
	f.from = end
	f.p.layer.begin()
	return nil
}

// Close shows what is left: up to the film's end, or the window of the last
// event where it has none.
func (f *Film) Close() error {
	if !f.begun {
		f.p.layer.begin()
	}
	if f.to == math.MaxInt64 && !f.Over() {
		return f.next()
	}
	for !f.Over() {
		if err := f.next(); err != nil {
			return err
		}
	}
	return nil
}
