package parquet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/apache/arrow/go/v17/parquet"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// sink belongs to one goroutine.
type sink struct {
	cfg  config
	path string
	log  *slog.Logger
	meta pipeline.StreamMeta

	cols    []column
	texts   map[string]parquet.ByteArray // of the row group
	waiting int                          // rows in the columns
	table   *table                       // nil: none yet
	lost    int                          // rows that went with a file since the last check
}

func newSink(c config, env component.Env) *sink {
	return &sink{
		cfg: c, path: outfile.Path(c.Path, env.Name), log: cmp.Or(env.Log, slog.New(slog.DiscardHandler)),
		cols: columns(), texts: map[string]parquet.ByteArray{},
	}
}

// Precheck implements [pipeline.Prechecked].
func (s *sink) Precheck() error { return outfile.Check(s.path) }

// Open looks at the file that is there; one is written once there is a detection.
func (s *sink) Open(ctx context.Context, m pipeline.StreamMeta) error {
	s.meta = m
	if s.cfg.RotateEvery > 0 || s.cfg.OnExist == outfile.OnReplace {
		return nil
	}
	run, first, err := origin(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case run == m.Run && !m.Resumed && first == 0:
		return nil // its own, which it will replace
	case s.cfg.OnExist == outfile.OnRefuse:
		return fmt.Errorf("%s %w", s.path, outfile.ErrExists)
	}
	part, err := outfile.SetAside(s.path, run, first)
	if err != nil {
		return err
	}
	s.log.InfoContext(ctx, "the file holds another run's detections and was renamed", "path", s.path, "to", part)
	return nil
}

// Write keeps the detections until their row group is full.
func (s *sink) Write(_ context.Context, d []pipeline.Detection) error {
	for i := range d {
		if err := s.makeRoom(&d[i]); err != nil {
			return &pipeline.PartialWriteError{Written: i, Err: err}
		}
		for k := range s.cols {
			s.cols[k].add(&d[i], s.texts)
		}
		s.waiting++
		s.table.rows++
	}
	return nil
}

// makeRoom finishes the row group, or the file, that a row does not belong to, and
// begins the one that it does.
func (s *sink) makeRoom(d *pipeline.Detection) error {
	if t := s.table; t != nil {
		every := s.cfg.RotateEvery.Microseconds()
		if every > 0 && (d.T-t.first.T >= every || d.Run != t.first.Run) {
			if err := s.finish(); err != nil {
				return err
			}
		} else if s.waiting >= s.cfg.GroupRows {
			if err := s.flush(); err != nil {
				return err
			}
		}
	}
	if s.table != nil {
		return nil
	}
	path := s.path
	if s.cfg.RotateEvery > 0 {
		path = outfile.Part(path, d.Run, d.Seq)
	}
	var err error
	s.table, err = newTable(path, s.cols, s.meta, d)
	return err
}

// flush writes the row group. A file that could not take it is given up.
func (s *sink) flush() error {
	if s.waiting == 0 {
		return nil
	}
	err := s.table.write(s.cols)
	s.waiting = 0
	clear(s.texts)
	if err != nil {
		return s.giveUp(err)
	}
	return nil
}

func (s *sink) giveUp(err error) error {
	for i := range s.cols {
		s.cols[i].clear()
	}
	s.lost += s.table.rows
	err = errors.Join(fmt.Errorf("%s: %w", s.table.path, err), s.table.drop())
	s.table = nil
	return err
}

// finish completes the file and gives it its name.
func (s *sink) finish() error {
	if s.table == nil {
		return nil
	}
	if err := s.flush(); err != nil {
		return err
	}
	t := s.table
	s.table = nil
	err := t.finish()
	if err == nil {
		err = outfile.Settle(t.path+unfinished, t.path)
	}
	if err != nil {
		s.lost += t.rows
		return fmt.Errorf("%s: %w", t.path, err)
	}
	return nil
}

// Check implements [pipeline.Watched].
func (s *sink) Check(context.Context) error {
	if s.lost == 0 {
		return nil
	}
	lost := s.lost
	s.lost = 0
	return &pipeline.LostError{Lost: lost, Err: errors.New("they went with their file")}
}

// Close completes the file.
func (s *sink) Close(ctx context.Context) error {
	err := s.finish()
	if lost := s.Check(ctx); lost != nil {
		gone, _ := errors.AsType[*pipeline.LostError](lost)
		return &pipeline.LostError{Lost: gone.Lost, Err: cmp.Or(err, gone.Err)}
	}
	return err
}

var _ pipeline.Sink = (*sink)(nil)
