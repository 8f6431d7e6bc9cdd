package arrow

import (
	"context"
	"errors"
	"fmt"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

type sink struct {
	cfg   Config
	files *series
	enc   *batchEncoder
	// pending is a batch that could not be written yet. Together with the
	// rows in enc it bounds what the sink holds: two batches.
	pending batch

	seg        *segment
	segRows    int   // rows that were accepted for the segment
	segStart   int64 // sensor time of its first row, µs
	batchStart int64 // sensor time of the first row in enc, µs
}

// New builds the sink; [pipeline.Sink.Open] creates the file.
func New(cfg Config, env component.Env) (pipeline.Sink, error) {
	return newSink(cfg, env)
}

func newSink(cfg Config, env component.Env) (*sink, error) {
	rows := cfg.BatchRows
	if cfg.RotateRows > 0 {
		rows = min(rows, cfg.RotateRows)
	}
	enc, err := newBatchEncoder(cfg.Compression, rows)
	if err != nil {
		return nil, err
	}
	return &sink{cfg: cfg, enc: enc, files: newSeries(cfg, env)}, nil
}

func (s *sink) Open(ctx context.Context, m pipeline.StreamMeta) error {
	if err := s.files.recover(s.enc.schema); err != nil {
		return err
	}
	if m.NextSeq > 0 && !s.cfg.rotates() {
		if err := s.resume(ctx, m.NextSeq); err != nil {
			return fmt.Errorf("%s: resume: %w", s.files.path, err)
		}
	}
	return s.begin()
}

// Write accepts the detections into the current batch and writes the batch
// when it is complete. A batch that cannot be written is kept and tried again;
// rows are refused only when there is no room for them either.
func (s *sink) Write(_ context.Context, d []pipeline.Detection) error {
	var failure error
	for i := range d {
		if err := s.makeRoom(d[i].T); err != nil {
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
func (s *sink) Close(context.Context) error {
	var failure error
	if err := s.flush(); err != nil {
		failure = &pipeline.LostError{Lost: s.pending.rows + s.enc.rows, Err: err}
	}
	return errors.Join(failure, s.end())
}

// Commit implements [pipeline.Committed]: it finishes the batch, however short.
func (s *sink) Commit(context.Context) error {
	if err := s.flush(); err != nil || s.seg == nil {
		return err
	}
	return s.seg.f.Sync()
}

// makeRoom finishes the batch, and the file, that a row of sensor time t does
// not belong to any more.
func (s *sink) makeRoom(t int64) error {
	if s.cfg.RotateEvery > 0 && s.segRows > 0 && t-s.segStart >= s.cfg.RotateEvery.Microseconds() {
		if err := s.flush(); err != nil {
			return err
		}
		return s.end()
	}
	if s.full() || s.enc.rows > 0 && t-s.batchStart >= s.cfg.BatchEvery.Microseconds() {
		return s.flush()
	}
	return nil
}

// full reports whether the batch takes no more rows.
func (s *sink) full() bool { return s.enc.rows >= s.cfg.BatchRows || s.enc.rows > 0 && s.rowsDue() }

func (s *sink) rowsDue() bool { return s.cfg.RotateRows > 0 && s.segRows >= s.cfg.RotateRows }

func (s *sink) bytesDue() bool {
	return s.cfg.RotateBytes > 0 && s.seg != nil && s.seg.good >= s.cfg.RotateBytes
}

func (s *sink) add(d *pipeline.Detection) {
	if s.enc.rows == 0 {
		s.batchStart = d.T
	}
	if s.segRows == 0 {
		s.segStart = d.T
	}
	s.enc.add(d)
	s.segRows++
}

// flush writes all accepted rows, and completes the file when that is due.
func (s *sink) flush() error {
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
func (s *sink) begin() error {
	if s.seg != nil {
		return nil
	}
	f, err := s.files.create()
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

// end completes the file that is open.
func (s *sink) end() error {
	if s.seg == nil {
		return nil
	}
	seg := s.seg
	s.seg, s.segRows = nil, 0
	if err := seg.finish(); err != nil {
		return err
	}
	return s.files.close(len(seg.blocks) == 0)
}

var (
	_ pipeline.Sink      = (*sink)(nil)
	_ pipeline.Committed = (*sink)(nil)
)
