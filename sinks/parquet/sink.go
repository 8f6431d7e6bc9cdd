package parquet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// sink belongs to one goroutine.
type sink struct {
	cfg    config
	path   string
	log    *slog.Logger
	part   *part // that is being written; nil: none yet
	failed error // of a file that was to be complete, until it is told
}

// part is a file that is being written: its rows as JSON lines, and the Parquet file
// that is made of them meanwhile.
type part struct {
	path  string
	rows  *rows
	table *table // nil: it could not be written, or went away; the rows are there
	first pipeline.Detection
}

func newSink(c config, env component.Env) *sink {
	return &sink{cfg: c, path: outfile.Path(c.Path, env.Name), log: cmp.Or(env.Log, slog.New(slog.DiscardHandler))}
}

// Precheck implements [pipeline.Prechecked].
func (s *sink) Precheck() error { return outfile.Check(s.path) }

// Open completes what killed runs left, and finds out where the run continues. A
// new file is begun once there is a detection; a folder that takes none is told now.
func (s *sink) Open(ctx context.Context, m pipeline.StreamMeta) error {
	if err := outfile.CheckWritable(filepath.Dir(s.path)); err != nil {
		return err
	}
	e := entry{sink: s, meta: m}
	return e.enter(ctx)
}

// Write keeps the detections beside the file, and hands them to it.
func (s *sink) Write(_ context.Context, d []pipeline.Detection) error {
	for done := 0; done < len(d); {
		n, err := s.makeRoom(d[done:])
		if err == nil {
			n, err = s.part.rows.append(d[done : done+n])
		}
		for i := range d[done : done+n] {
			s.add(&d[done+i])
		}
		if done += n; err != nil {
			return &pipeline.PartialWriteError{Written: done, Err: fmt.Errorf("%s: %w", s.path, err)}
		}
	}
	return nil
}

// makeRoom makes sure that there is a file for the first detection, and returns how
// many of them belong to it.
func (s *sink) makeRoom(d []pipeline.Detection) (n int, err error) {
	if s.part != nil && !s.belongs(&d[0]) {
		s.failed = errors.Join(s.failed, s.finish()) // which costs the next ones nothing
	}
	if s.part == nil {
		path := s.path
		if s.cfg.RotateEvery > 0 {
			path = outfile.Part(path, d[0].Run, d[0].Seq)
		}
		if s.part, err = s.begin(path, &d[0]); err != nil {
			return 0, err
		}
	}
	for n < len(d) && s.belongs(&d[n]) {
		n++
	}
	return n, nil
}

// begin begins a file whose rows are none yet.
func (s *sink) begin(path string, first *pipeline.Detection) (*part, error) {
	r, err := createRows(path)
	if err != nil {
		return nil, err
	}
	p := &part{path: path, rows: r, first: *first}
	if p.table, err = newTable(path, s.cfg.GroupRows, first); err != nil {
		return nil, errors.Join(err, r.end())
	}
	return p, nil
}

// belongs reports whether a detection belongs to the file that is being written.
func (s *sink) belongs(d *pipeline.Detection) bool {
	every, first := s.cfg.RotateEvery.Microseconds(), &s.part.first
	return every == 0 || d.T-first.T < every && d.Run == first.Run
}

// add hands a row that is kept to the Parquet file. Where that cannot be written it
// is made of the rows later.
func (s *sink) add(d *pipeline.Detection) {
	p := s.part
	if p.table == nil {
		return
	}
	if err := p.table.add(d); err != nil {
		s.log.Warn("the file cannot be written now; it will be made of the rows beside it", "path", p.path, "error", err)
		_ = p.table.drop()
		p.table = nil
	}
}

// finish completes the file and gives it its name.
func (s *sink) finish() error {
	p := s.part
	if p == nil {
		return nil
	}
	s.part = nil
	if p.table != nil && p.table.finish() == nil {
		return p.rows.end()
	}
	_, err := made(p.path, s.cfg.GroupRows, p.rows)
	return err
}

// Commit implements [pipeline.Committed].
func (s *sink) Commit(context.Context) error {
	if s.part == nil {
		return nil
	}
	return s.part.rows.f.Sync()
}

// Check implements [pipeline.Watched]: a file that went away is made again of its
// rows, and rows that went away are written again, as far as they can be read.
func (s *sink) Check(context.Context) error {
	err := s.failed
	s.failed = nil
	p := s.part
	if p == nil {
		return err
	}
	if state := p.rows.state(); state != outfile.Intact {
		s.log.Warn("the rows beside the output were harmed; a new file begins", "path", p.rows.path, "how", state.String())
		before := p.rows.n
		if again := p.rows.again(state); again != nil {
			return errors.Join(err, again)
		}
		if lost := before - p.rows.n; lost > 0 { // the file lacks them too, so that both tell the same
			s.lose()
			return &pipeline.LostError{Lost: lost, Err: errors.Join(fmt.Errorf("%s: %w", p.rows.path, outfile.ErrGone), err)}
		}
	}
	if p.table != nil {
		if state := p.table.state(); state != outfile.Intact {
			s.log.Warn("the output "+state.String()+" while it was written; it will be made of the rows beside it", "path", p.path+unfinished)
			s.lose()
		}
	}
	return err
}

// lose gives up the Parquet file and leaves what stands at its place alone.
func (s *sink) lose() {
	if s.part.table != nil {
		_ = s.part.table.f.Close()
		s.part.table = nil
	}
}

// Close completes the file.
func (s *sink) Close(context.Context) error {
	return errors.Join(s.failed, s.finish())
}

var (
	_ pipeline.Sink      = (*sink)(nil)
	_ pipeline.Committed = (*sink)(nil)
	_ pipeline.Watched   = (*sink)(nil)
)
