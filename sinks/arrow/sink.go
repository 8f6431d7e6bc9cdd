package arrow

import (
	"context"
	"errors"
	"fmt"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// Sink writes detections as rows of Arrow IPC files. It belongs to one goroutine.
type Sink struct {
	cfg   Config
	files *series
	enc   *batchEncoder
	// pending is a batch that could not be written yet. Together with the
	// rows in enc it bounds what the sink holds: two batches.
	pending batch

	seg        *segment
	segRows    int                // rows that were accepted for the segment
	segStart   int64              // sensor time of its first row, µs
	segFirst   pipeline.Detection // its first row
	batchStart int64              // sensor time of the first row in enc, µs

	meta       pipeline.StreamMeta
	skip       uint64 // rows of the run before this number are there
	duplicates uint64 // and came again
}

// New builds the sink; [pipeline.Sink.Open] creates the file.
func New(cfg Config, env component.Env) (*Sink, error) {
	return &Sink{cfg: cfg, enc: &batchEncoder{}, files: newSeries(cfg, env)}, nil
}

func (s *Sink) Open(ctx context.Context, m pipeline.StreamMeta) error {
	rows := s.cfg.BatchRows
	if s.cfg.RotateRows > 0 {
		rows = min(rows, s.cfg.RotateRows)
	}
	enc, err := newBatchEncoder(s.cfg.Compression, rows, m)
	if err != nil {
		return err
	}
	s.enc, s.meta = enc, m
	if err := s.enter(ctx, m); err != nil {
		return err
	}
	return s.begin()
}

// Write accepts the detections into the current batch and writes the batch
// when it is complete. A batch that cannot be written is kept and tried again;
// rows are refused only when there is no room for them either.
func (s *Sink) Write(_ context.Context, d []pipeline.Detection) error {
	var failure error
	for i := range d {
		if d[i].Seq < s.skip && d[i].Run == s.meta.Run {
			s.duplicates++
			continue
		}
		if err := s.makeRoom(&d[i]); err != nil {
			failure = err
			if s.full() {
				return &pipeline.PartialWriteError{Written: i, Err: err}
			}
		}
		s.add(&d[i])
	}
	if s.full() {
		if err := s.flush(); err != nil {
			failure = err
		}
	}
	if failure != nil {
		return &pipeline.PartialWriteError{Written: len(d), Err: failure}
	}
	return nil
}

// Close writes the rows of the last batch and completes the file.
func (s *Sink) Close(ctx context.Context) error {
	failure, lost := s.Check(ctx), 0
	if gone, ok := errors.AsType[*pipeline.LostError](failure); ok {
		lost = gone.Lost
	}
	if err := s.flush(); err != nil {
		failure = &pipeline.LostError{Lost: lost + s.pending.rows + s.enc.rows, Err: errors.Join(err, failure)}
	}
	return errors.Join(failure, s.end())
}

// Commit implements [pipeline.Committed]: it finishes the batch, however short.
func (s *Sink) Commit(context.Context) error {
	if err := s.flush(); err != nil || s.seg == nil {
		return err
	}
	return s.seg.f.Sync()
}

// Duplicates implements [pipeline.Deduplicating].
func (s *Sink) Duplicates() uint64 { return s.duplicates }

// makeRoom finishes the batch, and the file, that a row does not belong to any
// more: those before it in time, and of a rotation those of another run.
func (s *Sink) makeRoom(d *pipeline.Detection) error {
	other := s.segRows > 0 && d.Run != s.segFirst.Run
	late := s.cfg.RotateEvery > 0 && s.segRows > 0 && d.T-s.segStart >= s.cfg.RotateEvery.Microseconds()
	if late || other && s.cfg.rotates() {
		if err := s.flush(); err != nil {
			return err
		}
		return s.end()
	}
	if s.full() || s.enc.rows > 0 && (d.Run != s.enc.first.Run || d.T-s.batchStart >= s.cfg.BatchEvery.Microseconds()) {
		return s.flush()
	}
	return nil
}

// full reports whether the batch takes no more rows.
func (s *Sink) full() bool { return s.enc.rows >= s.cfg.BatchRows || s.enc.rows > 0 && s.rowsDue() }

func (s *Sink) rowsDue() bool { return s.cfg.RotateRows > 0 && s.segRows >= s.cfg.RotateRows }

func (s *Sink) bytesDue() bool {
	return s.cfg.RotateBytes > 0 && s.seg != nil && s.seg.good >= int64(s.cfg.RotateBytes)
}

func (s *Sink) add(d *pipeline.Detection) {
	if s.enc.rows == 0 {
		s.batchStart = d.T
	}
	if s.segRows == 0 {
		s.segStart, s.segFirst = d.T, *d
	}
	s.enc.add(d)
	s.segRows++
}

// flush writes all accepted rows, and completes the file when that is due.
func (s *Sink) flush() error {
	for s.pending.rows > 0 || s.enc.rows > 0 {
		if s.pending.rows == 0 {
			b, err := s.enc.encode()
			if err != nil {
				return fmt.Errorf("%s: %w", s.files.path, err)
			}
			s.pending = b
		}
		if err := s.begin(); err != nil {
			return err
		}
		if err := s.seg.append(s.pending); err != nil {
			return err
		}
		s.pending = batch{}
	}
	if s.rowsDue() || s.bytesDue() {
		return s.end()
	}
	return nil
}

// begin starts a file when none is open.
func (s *Sink) begin() error {
	if s.seg != nil {
		return nil
	}
	run, first := s.meta.Run, max(s.meta.NextSeq, s.skip)
	if d := s.next(); d.Kind != "" {
		run, first = d.Run, d.Seq
	}
	f, err := s.files.create(run, first)
	if err != nil {
		return err
	}
	seg, err := newSegment(f, s.cfg.Format, s.enc.schema)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	s.seg = seg
	return nil
}

// next is the first row that is not in a file yet.
func (s *Sink) next() pipeline.Detection {
	switch {
	case s.pending.rows > 0:
		return s.pending.first
	case s.enc.rows > 0:
		return s.enc.first
	}
	return pipeline.Detection{}
}

// end completes the file that is open.
func (s *Sink) end() error {
	if s.seg == nil {
		return nil
	}
	seg := s.seg
	s.seg, s.segRows = nil, 0
	if err := seg.finish(); err != nil {
		return err
	}
	if len(seg.blocks) == 0 {
		return s.files.close(nil)
	}
	return s.files.close(&s.segFirst)
}

var (
	_ pipeline.Sink      = (*Sink)(nil)
	_ pipeline.Committed = (*Sink)(nil)
	_ pipeline.Watched   = (*Sink)(nil)
)
