package cmd

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// beyondEnd is how many events in a row must lie at or after the end for the
// rest of the recording not to be read: one glitch of the camera's clock is
// not the end.
const beyondEnd = 4096

// span keeps what lies between --start and --end, half open.
type span struct {
	start, end instant

	begun    bool
	from, to int64 // µs
	beyond   int   // events in a row at or after to
	over     bool  // nothing that comes belongs to it
	removed  uint64
}

func newSpan(start, end instant) (*span, error) {
	if start.set && end.set && start.sensor == end.sensor && end.us <= start.us {
		return nil, errors.New("--end is not after --start")
	}
	s := &span{start: start, end: end, from: math.MinInt64, to: math.MaxInt64}
	switch {
	case start.sensor:
		s.from = start.us
	case start.set: // until the first event tells when
		s.from = math.MaxInt64
	}
	if end.sensor {
		s.to = end.us
	}
	return s, nil
}

// cut removes from the block what lies outside.
func (s *span) cut(b *format.Block) {
	if !s.begun && len(b.Events) > 0 {
		s.begin(b.Events[0].T)
	}
	if !s.start.set && !s.end.set {
		return
	}
	rework(b, s.events, func(side *format.Side) bool { return s.keeps(side.T) })
}

func (s *span) begin(first int64) {
	s.begun = true
	if s.start.set {
		s.from = s.start.at(first)
	}
	if s.end.set {
		s.to = s.end.at(first)
	}
}

func (s *span) keeps(t int64) bool {
	return !s.over && s.from <= t && (t < s.to || s.to == math.MaxInt64)
}

func (s *span) events(events []pipeline.Event) []pipeline.Event {
	n := 0
	for _, e := range events {
		if s.keeps(e.T) {
			events[n] = e
			n++
			s.beyond = 0
			continue
		}
		s.removed++
		if e.T >= s.to {
			s.beyond++
			s.over = s.over || s.beyond >= beyondEnd
		}
	}
	return events[:n]
}

// rework hands the events of a block to edit, which works in place, run by run
// between the side data, and keeps side data where keep says so.
func rework(b *format.Block, edit func([]pipeline.Event) []pipeline.Event, keep func(*format.Side) bool) {
	events, side := b.Events[:0], b.Side[:0]
	next := 0
	for i := range b.Side {
		s := b.Side[i]
		events = append(events, edit(b.Events[next:s.Before])...)
		next = s.Before
		if keep(&s) {
			s.Before = len(events)
			side = append(side, s)
		}
	}
	b.Events = append(events, edit(b.Events[next:])...)
	b.Side = side
}

// instant is the value of --start and --end: a time since the recording's
// first event, such as 1.5s, or a sensor time in whole microseconds, such as
// 5840504, as inspect and detections state it.
type instant struct {
	us     int64
	sensor bool // us is a sensor time
	set    bool
}

// String is what help and error messages show.
func (i *instant) String() string {
	switch {
	case !i.set:
		return ""
	case i.sensor:
		return strconv.FormatInt(i.us, 10)
	}
	return (time.Duration(i.us) * time.Microsecond).String()
}

// Set reads the flag.
func (i *instant) Set(s string) error {
	if us, err := strconv.ParseInt(s, 10, 64); err == nil {
		*i = instant{us, true, true}
		return nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return fmt.Errorf("want a time since the first event such as 1.5s, or a sensor time in whole µs, got %q", s)
	}
	*i = instant{d.Microseconds(), false, true}
	return nil
}

// Type names the value in help.
func (i *instant) Type() string { return "T" }

// at is the sensor time that is meant, µs, when the first event was at first.
func (i *instant) at(first int64) int64 {
	if i.sensor {
		return i.us
	}
	return first + i.us
}
