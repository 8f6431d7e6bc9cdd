package arrow

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"ganglion/internal/arrowipc"
	"ganglion/internal/outfile"
	"ganglion/pipeline/component"
)

// unfinished marks a file of a rotation that is still being written.
const unfinished = ".tmp"

// series names the files of a sink. Without rotation there is one, at the
// configured path. With rotation files are numbered from 1, bear .tmp until
// they are complete, and no number is used twice.
type series struct {
	path    string
	rotates bool
	next    int // number of the next file
	current string
	log     *slog.Logger
}

func newSeries(cfg Config, env component.Env) *series {
	return &series{path: outfile.Path(cfg.Path, env.Name), rotates: cfg.rotates(), next: 1, log: env.Log}
}

// create opens the next file, empty.
func (s *series) create() (outfile.File, error) {
	s.current = s.path
	if s.rotates {
		s.current = s.name(s.next) + unfinished
	}
	f, err := outfile.Create(s.current)
	if err != nil {
		return nil, err
	}
	if !outfile.Regular(f) {
		return nil, errors.Join(fmt.Errorf("%s is not a regular file", s.current), f.Close())
	}
	s.next++
	return f, nil
}

// close gives the file that was created its final name; an empty one of a
// rotation goes.
func (s *series) close(empty bool) error {
	switch {
	case !s.rotates:
		return nil
	case empty:
		s.next--
		return os.Remove(s.current)
	}
	return os.Rename(s.current, strings.TrimSuffix(s.current, unfinished))
}

// name is the name of file n of the rotation: out/motion.arrow gives
// out/motion-000001.arrow.
func (s *series) name(n int) string {
	ext := filepath.Ext(s.path)
	return fmt.Sprintf("%s-%06d%s", strings.TrimSuffix(s.path, ext), n, ext)
}

// number is the inverse of name, for the base name of a file that may be
// unfinished; 0 when it belongs to something else.
func (s *series) number(base string) int {
	ext := filepath.Ext(s.path)
	digits, ok := strings.CutPrefix(base, strings.TrimSuffix(filepath.Base(s.path), ext)+"-")
	digits, whole := strings.CutSuffix(strings.TrimSuffix(digits, unfinished), ext)
	n, err := strconv.Atoi(digits)
	if !ok || !whole || err != nil || n < 1 {
		return 0
	}
	return n
}

// recover completes the files that a killed process left unfinished and finds
// the first free number.
func (s *series) recover(schemaMessage []byte) error {
	if !s.rotates {
		return nil
	}
	dir := filepath.Dir(s.path)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		n := s.number(e.Name())
		if n == 0 {
			continue
		}
		s.next = max(s.next, n+1)
		if strings.HasSuffix(e.Name(), unfinished) {
			if err := s.complete(filepath.Join(dir, e.Name()), schemaMessage); err != nil {
				return err
			}
		}
	}
	return nil
}

// complete ends an unfinished file after its last whole batch.
func (s *series) complete(path string, schemaMessage []byte) error {
	f, err := outfile.Open(path)
	if err != nil {
		return err
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	c, damage := parse(b)
	if c.layout == nil && len(b) > len(arrowipc.FileMagic)+len(schemaMessage) {
		s.log.Warn("an unfinished file is not one of this version and stays as it is", "path", path, "error", damage)
		return f.Close()
	}
	if c.rows == 0 {
		return errors.Join(f.Close(), os.Remove(path))
	}
	seg := &segment{
		f: f, schema: c.schema, tailed: bytes.HasPrefix(b, []byte(arrowipc.FileMagic)),
		good: c.end, size: int64(len(b)), fresh: c.end, blocks: c.blocks,
	}
	if err := seg.finish(); err != nil {
		return err
	}
	s.log.Info("completed a file that an earlier run left unfinished", "path", path, "rows", c.rows, "cut_bytes", int64(len(b))-c.end)
	return os.Rename(path, strings.TrimSuffix(path, unfinished))
}
