package arrow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"ganglion/internal/arrowipc"
	"ganglion/internal/outfile"
	"ganglion/pipeline"
)

// enter finds out what is there already, and where the run continues.
func (s *Sink) enter(ctx context.Context, m pipeline.StreamMeta) error {
	if s.cfg.rotates() {
		return s.enterSeries(ctx, m)
	}
	f, err := outfile.Open(s.files.path)
	if err != nil {
		return err
	}
	if !outfile.Regular(f) {
		return errors.Join(fmt.Errorf("%s is not a regular file", s.files.path), f.Close())
	}
	if err := s.enterFile(ctx, f, m); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", s.files.path, err), f.Close())
	}
	if s.seg == nil {
		return f.Close()
	}
	return nil
}

// enterFile continues with the one file that there is, or makes way for a new
// one. It leaves the file open where it continues with it.
func (s *Sink) enterFile(ctx context.Context, f *os.File, m pipeline.StreamMeta) error {
	c, size, damage := contentsOf(f)
	if size == 0 || s.cfg.OnExist == outfile.OnReplace && !m.Resumed {
		return s.gap(ctx, m, nil)
	}
	if c.layout == nil && size > int64(len(arrowipc.FileMagic)+len(s.enc.schema)) {
		return fmt.Errorf("the file %w: %w", outfile.ErrForeign, damage)
	}
	e, err := c.extent(m)
	switch {
	case err != nil:
		return fmt.Errorf("resume: %w", err)
	case e.batches == 0:
		return s.gap(ctx, m, nil)
	case m.Resumed:
		return errors.Join(s.gap(ctx, m, e.mine), s.goOn(f, &c, e, size))
	case s.cfg.OnExist == outfile.OnRefuse:
		return outfile.ErrExists
	case e.mine != nil && (e.first.Run != m.Run || e.first.Seq == 0):
		s.skip = e.mine.Seq + 1
		s.files.log.InfoContext(ctx, "the file holds detections of this run already; they stay and are not written again", "path", s.files.path,
			"detections", s.skip)
		return s.goOn(f, &c, e, size)
	case s.cfg.OnExist == outfile.OnAppend:
		return s.goOn(f, &c, e, size)
	}
	if err := c.segment(f, size).complete(); err != nil { // it may have been killed
		return err
	}
	part, err := outfile.SetAside(s.files.path, e.first.Run, e.first.Seq)
	s.files.log.InfoContext(ctx, "the file holds another run's detections and was renamed", "path", s.files.path, "to", part)
	return err
}

// gap warns of a resumed file that misses rows before the checkpoint. last is
// its last row.
func (s *Sink) gap(ctx context.Context, m pipeline.StreamMeta, last *pipeline.Detection) error {
	if m.NextSeq > 0 && (last == nil || last.Seq != m.NextSeq-1) {
		s.files.log.WarnContext(ctx, "the file misses detections from before the checkpoint", "path", s.files.path, "next_seq", m.NextSeq)
	}
	return nil
}

// enterSeries completes the files that killed runs left and continues with the
// last one of this run.
func (s *Sink) enterSeries(ctx context.Context, m pipeline.StreamMeta) error {
	parts, err := s.files.parts()
	if err != nil {
		return err
	}
	if len(parts) > 0 && !m.Resumed && s.cfg.OnExist == outfile.OnRefuse {
		return fmt.Errorf("%s: %w", parts[0].path, outfile.ErrExists)
	}
	var mine []part
	for _, p := range parts {
		stop := p.run != m.Run && pipeline.OfRun(p.run, m.Run)
		again := m.Resumed && (stop || p.run == m.Run && p.first >= m.NextSeq) || !m.Resumed && p.run == m.Run &&
			s.cfg.OnExist == outfile.OnReplace
		switch {
		case again:
			err = os.Remove(p.path)
		case p.run == m.Run:
			mine = append(mine, p)
		case p.open:
			err = s.files.complete(p)
		}
		if err != nil {
			return err
		}
	}
	if len(mine) == 0 {
		return s.gap(ctx, m, nil)
	}
	for i, p := range mine {
		if last := i == len(mine)-1 && (m.Resumed || mine[0].first == 0); p.open && !last {
			if err := s.files.complete(p); err != nil {
				return err
			}
		}
	}
	if !m.Resumed && mine[0].first != 0 {
		return nil // the beginning is not there: all of it is written again
	}
	return s.enterPart(ctx, mine[len(mine)-1], m)
}

// enterPart continues with a file of the rotation.
func (s *Sink) enterPart(ctx context.Context, p part, m pipeline.StreamMeta) error {
	if !p.open {
		if err := os.Rename(p.path, p.path+unfinished); err != nil {
			return err
		}
		p.path += unfinished
	}
	f, err := outfile.Open(p.path)
	if err != nil {
		return err
	}
	c, size, damage := contentsOf(f)
	e, err := c.extent(m)
	switch {
	case c.layout == nil && size > int64(len(arrowipc.FileMagic)+len(s.enc.schema)):
		err = damage
	case err == nil && e.mine == nil:
		s.skip = s.before(p.first, m)
		return errors.Join(f.Close(), os.Remove(p.path))
	case err == nil:
		s.skip = s.before(e.mine.Seq+1, m)
		s.files.current = strings.TrimSuffix(p.path, unfinished) + unfinished
		err = errors.Join(s.gap(ctx, m, e.mine), s.goOn(f, &c, e, size))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%s: resume: %w", p.path, err), f.Close())
	}
	if s.rowsDue() || s.bytesDue() {
		return s.end()
	}
	return nil
}

// before is the number before which the detections of a run that begins again
// are there already; one that resumes brings none of those.
func (s *Sink) before(next uint64, m pipeline.StreamMeta) uint64 {
	if m.Resumed {
		return 0
	}
	return next
}

// goOn makes the first batches of a file the segment that is written.
func (s *Sink) goOn(f *os.File, c *contents, e extent, size int64) error {
	if !ours(c.layout) {
		return errors.New("the file has columns of another version")
	}
	seg := c.segment(f, size)
	seg.blocks, seg.rows = seg.blocks[:e.batches], seg.rows[:e.batches]
	end := seg.blocks[e.batches-1]
	seg.good, seg.fresh = end.Offset+int64(end.Metadata)+end.Body, 0
	if err := seg.cut(); err != nil {
		return err
	}
	s.seg, s.segFirst, s.segStart = seg, e.first, e.first.T
	for _, n := range seg.rows {
		s.segRows += n
	}
	return seg.writeTail()
}

// contentsOf reads an open file.
func contentsOf(f *os.File) (c contents, size int64, err error) {
	b, err := io.ReadAll(f)
	if err != nil {
		return c, int64(len(b)), err
	}
	c, err = parse(b) // a run that was killed may leave a batch cut off
	c.file = bytes.HasPrefix(b, []byte(arrowipc.FileMagic))
	return c, int64(len(b)), err
}

// segment is a file of these contents, opened for writing.
func (c *contents) segment(f outfile.File, size int64) *segment {
	seg := &segment{f: f, schema: bytes.Clone(c.schema), tailed: c.file, good: c.end, size: size, fresh: c.end, blocks: c.blocks}
	for i := range c.batches {
		seg.rows = append(seg.rows, c.batches[i].Rows)
	}
	return seg
}

// extent is how much of a file stays for a run.
type extent struct {
	batches int                 // that stay, from the beginning
	first   pipeline.Detection  // of the file
	mine    *pipeline.Detection // the last row of the run; nil where the file ends with another's
}

// extent looks at a file from its end: a run that resumes drops its own batches
// behind the checkpoint, and those that its stop settled.
func (c *contents) extent(m pipeline.StreamMeta) (e extent, err error) {
	r := rowReader{names: names{}}
	for n := len(c.batches); n > 0; n-- {
		rows, err := r.read(nil, c.layout, &c.batches[n-1])
		if err != nil {
			return e, fmt.Errorf("record batch %d: %w", n-1, err)
		}
		if len(rows) == 0 {
			continue
		}
		last := rows[len(rows)-1]
		stop := last.Run != m.Run && pipeline.OfRun(last.Run, m.Run)
		switch own := last.Run == m.Run && m.Resumed; {
		case m.Resumed && stop, own && rows[0].Seq >= m.NextSeq:
			continue
		case own && last.Seq >= m.NextSeq:
			return e, fmt.Errorf("record batch %d holds detections %d to %d, the checkpoint lies before %d: another run wrote the file",
				n-1, rows[0].Seq, last.Seq, m.NextSeq)
		}
		e.batches = max(e.batches, n)
		if stop {
			continue // and look for the last row of the run itself
		}
		if last.Run == m.Run {
			e.mine = &last
		}
		break
	}
	if e.batches > 0 {
		rows, err := r.read(nil, c.layout, &c.batches[0])
		if err != nil || len(rows) == 0 {
			return e, errors.Join(err, errors.New("the first record batch is empty"))
		}
		e.first = rows[0]
	}
	return e, nil
}
