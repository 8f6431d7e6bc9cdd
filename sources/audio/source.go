package audio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"ganglion/internal/digest"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/pace"
)

// Source plays sound as a stream of batches, each a window [k*Window,
// (k+1)*Window) of stream time.
type Source struct {
	cfg  Config
	log  *slog.Logger
	mix  mixer
	side phase
	pace *pace.Pacer
	now  func() time.Time

	file   handle
	in     *input
	dec    decoder
	native layout
	rs     *Resampler // nil where the rate stays
	info   pipeline.StreamInfo

	block  []float32 // decoded
	mixed  []float32 // and mixed, before resampling
	ready  []float32 // to be delivered from at on
	at     int
	frame  int64 // number of the frame there
	resume int64 // nothing before this time is delivered, µs
	ended  error
	pos    atomic.Int64
	seq    uint64
}

// sourceBlock is how many samples are decoded at a time.
const sourceBlock = 4096

// New returns a source that opens its input in Open.
func New(c Config, env component.Env) (*Source, error) {
	pacer, err := pace.New(c.Pace, env.Now)
	if err != nil {
		return nil, err
	}
	mix, err := parseChannels(c.Channels)
	if err != nil {
		return nil, err
	}
	log := env.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Source{
		cfg: c, log: log, mix: mix, pace: pacer, now: env.Now,
		block: make([]float32, sourceBlock),
	}, nil
}

// Open opens the input and reads its header.
func (s *Source) Open(ctx context.Context) (pipeline.StreamInfo, error) {
	if err := s.open(ctx); err != nil {
		return pipeline.StreamInfo{}, fmt.Errorf("audio %s: %w", s.cfg.Path, err)
	}
	return s.info, nil
}

func (s *Source) open(ctx context.Context) (err error) {
	file, err := openHandle(&s.cfg, surroundings{ctx, s.log, s.now})
	if err != nil {
		return err
	}
	s.file = file // never a nil pointer in an interface
	s.file.bind(ctx)
	s.in = newInput(s.file)
	s.file.report(s.in)
	if s.dec, err = newDecoder(s.in, &s.cfg); err != nil {
		return errors.Join(ctx.Err(), err)
	}
	s.native = s.dec.layout()
	channels, err := s.mix.channels(s.native.channels)
	if err != nil {
		return err
	}
	s.info = pipeline.StreamInfo{
		Modality: pipeline.AudioStream, Format: s.native.format, SizeBytes: s.file.size(),
		SampleRate: s.native.rate, Channels: channels, Live: s.cfg.Live || s.file.live(), Holds: true,
	}
	if f, ok := s.file.(*fileHandle); ok && !s.info.Live && s.info.SizeBytes > 0 {
		if s.info.Content, err = digest.Of(f.File, s.info.SizeBytes); err != nil {
			return err
		}
	}
	if s.cfg.Rate != 0 && s.cfg.Rate != s.native.rate {
		s.info.SampleRate = s.cfg.Rate
		s.rs, err = NewResampler(s.native.rate, s.cfg.Rate, channels)
	}
	return err
}

// Resume implements [pipeline.Resumable]: the file is decoded up to there and
// the samples are dropped, so that what follows is the same to the last bit.
// What comes from a pipe or a socket cannot be replayed.
func (s *Source) Resume(_ context.Context, t int64) error {
	if s.info.SizeBytes == 0 || s.info.Live {
		return fmt.Errorf("audio %s: is not a file, so it cannot resume at %d µs", s.cfg.Path, t)
	}
	s.resume = t
	return nil
}

// Read fills the batch with the next window that holds sound.
func (s *Source) Read(ctx context.Context, b *pipeline.Batch) error {
	s.file.bind(ctx)
	if err := s.begin(ctx); err != nil {
		return err
	}
	window := s.cfg.Window.Microseconds()
	b.Start = s.info.FrameTime(s.frame) / window * window
	b.End = b.Start + window
	b.Start = max(b.Start, s.resume)
	last := s.info.FrameAt(b.End)
	if s.cfg.End > 0 {
		last = min(last, s.info.FrameAt(s.cfg.End.Microseconds()))
	}
	b.FrameIndex = s.frame
	for s.frame < last && s.ended == nil {
		s.take(b, last)
		if s.frame < last {
			s.fill(ctx)
		}
	}
	s.take(b, last)
	if err := ctx.Err(); err != nil && s.frame < last {
		return err // rather than a window with a hole
	}
	b.Seq = s.seq
	s.seq++
	return s.pace.Wait(ctx, b.End)
}

// begin makes sure that there is sound to deliver, and leaves out what comes
// before the start.
func (s *Source) begin(ctx context.Context) error {
	start := s.info.FrameAt(max(s.cfg.Start.Microseconds(), s.resume))
	for {
		held := int64((len(s.ready) - s.at) / s.info.Channels)
		drop := min(max(start-s.frame, 0), held)
		s.frame += drop
		s.at += int(drop) * s.info.Channels
		switch {
		case s.cfg.End > 0 && s.frame >= s.info.FrameAt(s.cfg.End.Microseconds()):
			return io.EOF
		case drop < held:
			return nil
		case s.ended != nil:
			return s.ended
		}
		s.fill(ctx)
	}
}

// take moves what is ready before frame last into the batch.
func (s *Source) take(b *pipeline.Batch, last int64) {
	n := min(int(last-s.frame)*s.info.Channels, len(s.ready)-s.at)
	b.PCM = append(b.PCM, s.ready[s.at:s.at+n]...)
	s.at += n
	s.frame += int64(n / s.info.Channels)
}

// fill decodes on. What ends the stream goes to s.ended.
func (s *Source) fill(ctx context.Context) {
	if s.at > 0 {
		s.ready = s.ready[:copy(s.ready, s.ready[s.at:])]
		s.at = 0
	}
	if s.ended = ctx.Err(); s.ended != nil {
		return
	}
	n, err := s.dec.decode(s.block)
	if s.mix.mean && s.native.channels == 2 {
		s.side.hear(s.block[:n], s.in, s.log)
	}
	s.in.frame += int64(n / s.native.channels)
	s.pos.Store(s.in.off)
	if s.rs == nil {
		s.ready = s.mix.append(s.ready, s.block[:n], s.native.channels)
	} else {
		s.mixed = s.mix.append(s.mixed[:0], s.block[:n], s.native.channels)
		s.ready = s.rs.Append(s.ready, s.mixed)
	}
	if err == nil {
		return
	}
	s.ended = err
	switch {
	case ctx.Err() != nil:
		s.ended = ctx.Err()
	case errors.Is(err, io.EOF):
		s.ended = io.EOF
		if s.rs != nil {
			s.ready = s.rs.Flush(s.ready)
		}
	default:
		s.ended = fmt.Errorf("audio %s: at byte %d: %w", s.cfg.Path, s.in.off, err)
	}
}

// Damage is what has been met so far.
func (s *Source) Damage() []pipeline.Damage {
	if s.in == nil {
		return nil
	}
	return s.in.report.List()
}

// Dropped is how many frames of live sound were dropped because they were not
// read in time. Silence has taken their place.
func (s *Source) Dropped() uint64 {
	if s.file == nil {
		return 0
	}
	return s.file.lost()
}

// Position is the number of bytes consumed.
func (s *Source) Position() int64 { return s.pos.Load() }

// Close closes the input.
func (s *Source) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

var (
	_ pipeline.Source     = (*Source)(nil)
	_ pipeline.Damaged    = (*Source)(nil)
	_ pipeline.Positioned = (*Source)(nil)
	_ pipeline.Resumable  = (*Source)(nil)
	_ pipeline.Bounded    = (*Source)(nil)
)
