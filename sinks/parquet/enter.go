package parquet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
)

// entry is the beginning of a run at a path where files may be.
type entry struct {
	*sink
	meta pipeline.StreamMeta
	last uint64 // the row behind the last one before the checkpoint that was found
}

// enter completes what killed runs left, and continues with what this run has.
func (e *entry) enter(ctx context.Context) error {
	left, err := e.unfinished()
	if err != nil {
		return err
	}
	for _, path := range left {
		if err := e.take(ctx, path); err != nil {
			return err
		}
	}
	if e.cfg.RotateEvery > 0 {
		err = e.enterParts()
	} else {
		err = e.enterFile(ctx)
	}
	if err == nil && e.meta.Resumed && e.meta.NextSeq > e.last {
		e.log.WarnContext(ctx, "the file misses detections from before the checkpoint", "path", e.path, "next_seq", e.meta.NextSeq)
	}
	return err
}

// unfinished lists the files of which there are rows.
func (e *entry) unfinished() (paths []string, err error) {
	if e.cfg.RotateEvery == 0 {
		switch _, err := os.Stat(e.path + beside); {
		case errors.Is(err, fs.ErrNotExist):
			return nil, nil
		case err != nil:
			return nil, err
		}
		return []string{e.path}, nil
	}
	parts, err := outfile.Parts(e.path, beside)
	for _, p := range parts {
		paths = append(paths, strings.TrimSuffix(p.Path, beside))
	}
	return paths, err
}

// mine reports whether a row is of this run, or of what its stop settled.
func (e *entry) mine(run string) bool { return run == e.meta.Run || pipeline.OfRun(run, e.meta.Run) }

// stays reports whether a row of this run lies before its checkpoint.
func (e *entry) stays(d *pipeline.Detection) bool {
	return d.Run == e.meta.Run && d.Seq < e.meta.NextSeq
}

// take deals with rows that a killed run left: they are another file's, which is
// made of them, or those with which this run continues.
func (e *entry) take(ctx context.Context, path string) error {
	r, err := openRows(path)
	if errors.Is(err, outfile.ErrTaken) && e.cfg.RotateEvery > 0 {
		return nil // its writer lives
	}
	if err != nil {
		return err
	}
	first, err := r.first()
	switch {
	case err != nil:
		return errors.Join(err, r.f.Close())
	case first == nil || !e.meta.Resumed && e.cfg.OnExist == outfile.OnReplace && e.cfg.RotateEvery == 0:
		return forget(path, r)
	case !e.meta.Resumed && e.cfg.OnExist == outfile.OnRefuse:
		return errors.Join(fmt.Errorf("%s %w", r.path, outfile.ErrExists), r.f.Close())
	case e.mine(first.Run) && e.meta.Resumed:
		return e.adopt(path, r)
	case e.mine(first.Run):
		return forget(path, r) // all of it comes again
	}
	n, err := complete(path, e.cfg.GroupRows, r, first)
	e.log.InfoContext(ctx, "completed a file that an earlier run left unfinished", "path", path, "rows", n)
	return err
}

// adopt continues with rows of this run, those before its checkpoint.
func (e *entry) adopt(path string, r *rows) error {
	var p *part
	err := r.each(func(d *pipeline.Detection) (bool, error) {
		if !e.stays(d) {
			return false, nil
		}
		if p == nil {
			t, err := newTable(path, e.cfg.GroupRows, d)
			if err != nil {
				return false, err
			}
			p = &part{path: path, rows: r, table: t, first: *d}
		}
		e.last = max(e.last, d.Seq+1)
		return true, p.table.add(d)
	})
	switch {
	case err != nil:
		return errors.Join(err, r.f.Close())
	case p == nil:
		return forget(path, r)
	}
	if e.part != nil { // an earlier part, whose end was not reached
		if err := e.finish(); err != nil {
			return err
		}
	}
	e.part = p
	return nil
}

// enterFile continues with the one file that there is, or makes way for a new one.
func (e *entry) enterFile(ctx context.Context) error {
	if e.part != nil || e.cfg.OnExist == outfile.OnReplace && !e.meta.Resumed {
		return nil
	}
	run, first, err := origin(e.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case e.mine(run) && e.meta.Resumed:
		if err := e.reopen(e.path); err != nil || e.part != nil {
			return err
		}
		return os.Remove(e.path) // all of it lies behind the checkpoint
	case run == e.meta.Run && first == 0:
		return nil // its own, which it will replace
	case !e.meta.Resumed && e.cfg.OnExist == outfile.OnRefuse:
		return fmt.Errorf("%s %w", e.path, outfile.ErrExists)
	}
	part, err := outfile.SetAside(e.path, run, first)
	if err != nil {
		return err
	}
	e.log.InfoContext(ctx, "the file holds another run's detections and was renamed", "path", e.path, "to", part)
	return nil
}

// enterParts removes the files of this run that begin behind its checkpoint, and
// continues with the last one where it reaches beyond.
func (e *entry) enterParts() error {
	parts, err := outfile.Parts(e.path, "")
	if err != nil {
		return err
	}
	last := ""
	for _, p := range parts {
		switch {
		case !e.meta.Resumed && e.cfg.OnExist == outfile.OnRefuse:
			return fmt.Errorf("%s %w", p.Path, outfile.ErrExists)
		case !e.meta.Resumed || !e.mine(p.Run):
		case p.Run != e.meta.Run || p.First >= e.meta.NextSeq:
			if err := os.Remove(p.Path); err != nil {
				return err
			}
		default:
			last = p.Path
		}
	}
	if last == "" || e.part != nil {
		return nil
	}
	return e.reopen(last)
}

// reopen writes the rows of a whole file that lie before the checkpoint again, to
// continue behind them.
func (e *entry) reopen(path string) error {
	return read(path, func(d *pipeline.Detection) error {
		if !e.stays(d) {
			return nil
		}
		if e.part == nil {
			var err error
			if e.part, err = e.begin(path, d); err != nil {
				return err
			}
		}
		e.last = max(e.last, d.Seq+1)
		_, err := e.part.rows.append([]pipeline.Detection{*d})
		if err == nil && e.part.table != nil {
			err = e.part.table.add(d)
		}
		return err
	})
}

// forget removes rows that are not wanted, and the file that was being made of them.
func forget(path string, r *rows) error {
	return errors.Join(r.end(), outfile.Remove(path+unfinished))
}

// complete makes a file of the rows that a killed run left. Where another file
// stands in its place, that one is renamed.
func complete(path string, group int, r *rows, first *pipeline.Detection) (int, error) {
	run, seq, err := origin(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return 0, errors.Join(err, r.f.Close())
	case run != first.Run || seq != first.Seq: // else it died before it could remove the rows
		if _, err := outfile.SetAside(path, run, seq); err != nil {
			return 0, errors.Join(err, r.f.Close())
		}
	}
	return made(path, group, r)
}

// IsRows reports whether a path is that of rows beside an unfinished file.
func IsRows(path string) bool { return filepath.Ext(path) == beside }

// Repair makes the file of which a killed process left the rows, and returns its
// path and how many rows it has.
func Repair(rowsPath string) (path string, n int, err error) {
	path = strings.TrimSuffix(rowsPath, beside)
	r, err := openRows(path)
	if err != nil {
		return path, 0, err
	}
	first, err := r.first()
	if err == nil && first == nil {
		return path, 0, r.end()
	}
	if err != nil {
		return path, 0, errors.Join(err, r.f.Close())
	}
	n, err = complete(path, newDefaultConfig().GroupRows, r, first)
	return path, n, err
}
