package recording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sort"

	"ganglion/internal/floor"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/format"
	"ganglion/sources/pace"
)

// Source plays a recording as a stream of batches, each a window
// [k*Window, (k+1)*Window) of sensor time. Windows without events are left
// out.
//
// Two things are put right on the way and counted as damage. An event outside
// the sensor is dropped (out_of_range_x, out_of_range_y). An event earlier
// than the one before it takes that one's time (time_backwards), because
// everything behind a source relies on ascending times.
type Source struct {
	cfg   Config
	pace  *pace.Pacer
	stdin *os.File

	playing
	block  *format.Block
	events []pipeline.Event // of the block, not yet delivered
	gyro   Gyro
	rates  []pipeline.AngularRate // of the block
	damage pipeline.DamageReport

	begun      bool
	origin     int64 // what is taken off every time, µs
	start, end int64 // what is played, sensor time, µs
	resume     int64 // nothing before it is delivered, µs
	last       int64 // time of the last event, µs
	ended      bool
	seq        uint64
	maxBatch   int // events
}

// sourceBlock is how many events are decoded at a time: 256 KiB of them.
const sourceBlock = 16 << 10

// maxBatch bounds the events of one window, and with it the memory that a
// recording which says that everything happened at once can take (256 MiB).
const maxBatch = 16 << 20

// New returns a source that opens its recording in Open.
func New(c Config, env component.Env) (*Source, error) {
	pacer, err := pace.New(c.Pace, env.Now)
	if err != nil {
		return nil, err
	}
	return &Source{
		cfg:      c,
		stdin:    os.Stdin,
		pace:     pacer,
		block:    format.NewBlock(sourceBlock),
		maxBatch: maxBatch,
		resume:   math.MinInt64,
	}, nil
}

// Open opens the recording and reads its header.
func (s *Source) Open(ctx context.Context) (pipeline.StreamInfo, error) {
	var err error
	if s.playing, err = openPlaying(ctx, &s.cfg, s.stdin, s.pace.Max()); err != nil {
		return pipeline.StreamInfo{}, err
	}
	r, size := s.reader, s.size
	if s.cfg.Start > 0 && size > 0 {
		if err := r.UseIndex(); err != nil {
			return pipeline.StreamInfo{}, err
		}
	}
	if r.Info.Width <= 0 || r.Info.Height <= 0 {
		return pipeline.StreamInfo{}, fmt.Errorf("recording %s: %s does not state the sensor's size: set width and height", s.cfg.Path,
			r.Info.Format)
	}
	content, err := content(&s.cfg, size)
	if err != nil {
		return pipeline.StreamInfo{}, fmt.Errorf("recording %s: %w", s.cfg.Path, err)
	}
	unix, known := dated(&s.cfg, r.Info.Format)
	return pipeline.StreamInfo{
		Modality:  pipeline.EventStream,
		Format:    r.Info.Format,
		Live:      s.cfg.Follow,
		Waits:     s.cfg.Follow, // in the file
		Width:     r.Info.Width,
		Height:    r.Info.Height,
		SizeBytes: size,
		Content:   content,
		UnixUS:    unix,
		Dated:     known,
	}, nil
}

// Resume implements [pipeline.Resumable]. What comes from a pipe cannot be had
// again.
func (s *Source) Resume(_ context.Context, t int64) error {
	if _, ok := s.feed.(*pump); ok {
		return fmt.Errorf("recording %s: is not a file, so it cannot resume at %d µs", s.cfg.Path, t)
	}
	s.resume = t
	return nil
}

// Read fills the batch with the next window that holds events.
func (s *Source) Read(ctx context.Context, b *pipeline.Batch) error {
	if s.feed != nil {
		s.feed.bind(ctx)
	}
	if err := s.next(ctx); err != nil {
		return err
	}
	window := s.cfg.Window.Microseconds()
	b.Start = floor.To(s.events[0].T, window)
	b.End = b.Start + window
	b.Start = max(b.Start, s.resume)
	for len(s.events) > 0 {
		n := sort.Search(len(s.events), func(i int) bool { return s.events[i].T >= b.End })
		take := min(n, s.maxBatch-len(b.Events))
		b.Events = append(b.Events, s.events[:take]...)
		if take < n {
			s.damage.Add("window_full", s.reader.Offset(), b.Start, uint64(n-take))
		}
		s.events = s.events[n:]
		if len(s.events) > 0 {
			break
		}
		if err := s.next(ctx); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	b.Gyro = s.gyro.Deliver(b.Gyro, b.End)
	b.Seq = s.seq
	s.seq++
	return s.pace.Wait(ctx, b.End)
}

// next makes sure that there are events to deliver, or returns io.EOF.
func (s *Source) next(ctx context.Context) error {
	for len(s.events) == 0 {
		if s.ended {
			return io.EOF
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		at := s.reader.Offset()
		err := s.reader.Read(s.block)
		if errors.Is(err, io.EOF) {
			s.ended = true
			continue
		}
		if err != nil {
			return err
		}
		begun, last := s.begun, s.last
		s.rates = Rates(s.rates[:0], s.block, s.reader.Info.Gyro)
		if n := s.gyro.Take(s.rates); n > 0 {
			s.damage.Add("gyro_full", at, s.last, uint64(n))
		}
		s.events = s.clean(s.block.Events, at)
		s.turns(begun, last, at)
		s.events = s.cut(s.events)
		if s.begun && !begun && len(s.events) == 0 && !s.ended {
			if err := s.reader.SkipTo(s.start + s.origin); err != nil {
				return err
			}
		}
		if damage := s.damage.List(); s.cfg.Strict && len(damage) > 0 {
			return fmt.Errorf("recording %s: %w", s.cfg.Path, &DamageError{damage[0]})
		}
	}
	return nil
}

// clean drops or clamps events outside the sensor, which the reader has
// counted, and makes times ascend. It works in place.
func (s *Source) clean(events []pipeline.Event, at int64) []pipeline.Event {
	width, height := format.Limit(s.reader.Info.Width), format.Limit(s.reader.Info.Height)
	n := 0
	for i := range events {
		e := events[i]
		if uint32(e.X) >= width || uint32(e.Y) >= height {
			if s.cfg.Outliers != clampOutliers {
				continue
			}
			e.X, e.Y = uint16(min(uint32(e.X), width-1)), uint16(min(uint32(e.Y), height-1))
		}
		if !s.begun {
			s.begin(e.T)
		}
		e.T -= s.origin
		if e.T < s.last {
			s.damage.Add(format.TimeBackwards, at, e.T, 1)
			e.T = s.last
		}
		s.last = e.T
		events[n] = e
		n++
	}
	return events[:n]
}

// begin settles what is played once the first event's time is known.
func (s *Source) begin(t int64) {
	if s.cfg.FromZero {
		s.origin, t = t, 0
	}
	s.begun, s.last = true, t
	s.start = max(t+s.cfg.Start.Microseconds(), s.resume)
	s.end = t + s.cfg.End.Microseconds()
}

// turns settles the gyroscope's samples of a block, before which the stream had begun
// or not, and had come to a time. at is where in the recording the block begins.
func (s *Source) turns(begun bool, last, at int64) {
	if !s.begun {
		s.gyro.Forget()
		return
	}
	if !begun {
		last = math.MinInt64 + gyroLate
	}
	end := int64(never)
	if s.cfg.End != 0 {
		end = s.end
	}
	if n := s.gyro.Settle(s.origin, last, s.last, s.start, end); n > 0 {
		s.damage.Add("gyro_time", at, s.last, uint64(n))
	}
}

// cut keeps what lies between start and end.
func (s *Source) cut(events []pipeline.Event) []pipeline.Event {
	from := sort.Search(len(events), func(i int) bool { return events[i].T >= s.start })
	events = events[from:]
	if s.cfg.End != 0 {
		to := sort.Search(len(events), func(i int) bool { return events[i].T >= s.end })
		s.ended = to < len(events)
		events = events[:to]
	}
	return events
}

// Damage is what has been met so far, in order of first offset.
func (s *Source) Damage() []pipeline.Damage {
	if s.reader == nil {
		return nil
	}
	return mergeDamage(s.reader.Damage(), s.damage.List())
}

// Position is how many bytes of the recording are read.
func (s *Source) Position() int64 {
	if s.reader == nil {
		return 0
	}
	return s.reader.Offset()
}

// Close closes the recording.
func (s *Source) Close() error {
	if s.reader == nil {
		return nil
	}
	return s.reader.Close()
}

var (
	_ pipeline.Source     = (*Source)(nil)
	_ pipeline.Damaged    = (*Source)(nil)
	_ pipeline.Positioned = (*Source)(nil)
	_ pipeline.Resumable  = (*Source)(nil)
)
