package arrow

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"ganglion/internal/arrowipc"
	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// unfinished marks a file of a rotation that is still being written.
const unfinished = ".tmp"

// series names the files of a sink. Without rotation there is one, at the
// configured path. With rotation the name of a file tells the run and the
// number of its first detection; it bears .tmp until it is complete.
type series struct {
	path    string
	rotates bool
	current string
	log     *slog.Logger
}

func newSeries(cfg Config, env component.Env) *series {
	path := outfile.Path(cfg.Path, env.Name)
	return &series{path: path, current: path, rotates: cfg.rotates(), log: env.Log}
}

// create opens the next file, empty. With rotation its name is that of the
// first detection.
func (s *series) create(run string, first uint64) (outfile.File, error) {
	s.current = s.path
	if s.rotates {
		s.current = outfile.Part(s.path, run, first) + unfinished
	}
	f, err := outfile.Create(s.current)
	if err != nil {
		return nil, err
	}
	if !outfile.Regular(f) {
		return nil, errors.Join(fmt.Errorf("%s is not a regular file", s.current), f.Close())
	}
	return f, nil
}

// close gives the file that was created its final name, that of its first
// detection; an empty one of a rotation goes.
func (s *series) close(first *pipeline.Detection) error {
	switch {
	case !s.rotates:
		return nil
	case first == nil:
		return os.Remove(s.current)
	}
	_, err := outfile.Rename(s.current, outfile.Part(s.path, first.Run, first.Seq))
	return err
}

// part is one file of a rotation.
type part struct {
	path  string
	run   string
	first uint64
	open  bool // it bears .tmp
}

// parts lists the files of the rotation, of all runs, by run and first number.
func (s *series) parts() (found []part, err error) {
	for _, suffix := range []string{"", unfinished} {
		named, err := outfile.Parts(s.path, suffix)
		if err != nil {
			return nil, err
		}
		for _, p := range named {
			found = append(found, part{p.Path, p.Run, p.First, suffix != ""})
		}
	}
	slices.SortStableFunc(found, func(a, b part) int { return cmp.Or(strings.Compare(a.run, b.run), cmp.Compare(a.first, b.first)) })
	return found, nil
}

// complete ends an unfinished file after its last whole batch, unless another
// process is writing it.
func (s *series) complete(p part) error {
	f, err := outfile.Open(p.path)
	if errors.Is(err, outfile.ErrTaken) {
		return nil
	}
	if err != nil {
		return err
	}
	c, size, damage := contentsOf(f)
	if c.layout == nil && size > int64(len(arrowipc.FileMagic)) && c.schema == nil {
		s.log.Warn("an unfinished file is not one of this version and stays as it is", "path", p.path, "error", damage)
		return f.Close()
	}
	if c.rows == 0 {
		return errors.Join(f.Close(), os.Remove(p.path))
	}
	if err := c.segment(f, size).finish(); err != nil {
		return err
	}
	name, err := outfile.Rename(p.path, strings.TrimSuffix(p.path, unfinished))
	s.log.Info("completed a file that an earlier run left unfinished", "path", name, "rows", c.rows, "cut_bytes", size-c.end)
	return err
}
