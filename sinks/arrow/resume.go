package arrow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"ganglion/internal/arrowipc"
	"ganglion/internal/outfile"
)

// resume opens the file of an earlier run behind the last row before detection
// next. A checkpoint has finished a batch there. A file that ends earlier is
// gone on with too, and the gap is logged.
func (s *sink) resume(ctx context.Context, next uint64) error {
	f, err := outfile.Open(s.files.path)
	if err != nil {
		return err
	}
	if !outfile.Regular(f) {
		return errors.Join(errors.New("no regular file"), f.Close())
	}
	seg, last, err := s.reopen(f, next)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	if seg == nil || last != next-1 {
		s.files.log.WarnContext(ctx, "the file misses detections from before the checkpoint", "path", s.files.path, "next_seq", next)
	}
	if seg == nil { // nothing to go on with
		return f.Close()
	}
	s.seg = seg
	return nil
}

// reopen makes a segment of the batches before detection next, which ends with
// detection last. It is nil when there are none.
func (s *sink) reopen(f *os.File, next uint64) (seg *segment, last uint64, err error) {
	b, err := io.ReadAll(f)
	if err != nil {
		return nil, 0, err
	}
	c, damage := parse(b) // a run that was killed may leave a batch cut off
	if c.layout == nil && len(b) > len(arrowipc.FileMagic)+len(s.enc.schema) {
		return nil, 0, damage
	}
	n, last, err := c.before(next)
	if err != nil || n == 0 {
		return nil, 0, err
	}
	if !bytes.Equal(c.schema, s.enc.schema) {
		return nil, 0, errors.New("the file has columns of another version")
	}
	end := c.blocks[n-1]
	seg = &segment{
		f: f, schema: bytes.Clone(c.schema), tailed: bytes.HasPrefix(b, []byte(arrowipc.FileMagic)),
		good: end.Offset + int64(end.Metadata) + end.Body, size: int64(len(b)), blocks: c.blocks[:n],
	}
	if err := seg.cut(); err != nil {
		return nil, 0, err
	}
	return seg, last, seg.writeTail()
}

// before is how many batches lie before detection next, and the Seq of their
// last row.
func (c *contents) before(next uint64) (n int, last uint64, err error) {
	r := rowReader{names: names{}}
	for n = len(c.batches); n > 0; n-- {
		rows, err := r.read(nil, c.layout, &c.batches[n-1])
		if err != nil {
			return 0, 0, fmt.Errorf("record batch %d: %w", n-1, err)
		}
		switch {
		case len(rows) == 0 || rows[0].Seq >= next:
		case rows[len(rows)-1].Seq < next:
			return n, rows[len(rows)-1].Seq, nil
		default:
			return 0, 0, fmt.Errorf("record batch %d holds detections %d to %d, the checkpoint lies before %d: another run wrote the file",
				n-1, rows[0].Seq, rows[len(rows)-1].Seq, next)
		}
	}
	return 0, 0, nil
}
