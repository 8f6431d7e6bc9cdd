package arrow

import (
	"errors"
	"io"

	"ganglion/internal/arrowipc"
	"ganglion/internal/outfile"
)

// segment is one file that is being written, see the package documentation for
// its form. Bytes below good never change again. In the file format a tail
// follows them, which the next batch takes away before it is written: a process
// that is killed leaves whole batches and, at the worst, one that is visibly
// cut off.
type segment struct {
	f      outfile.File
	schema []byte
	tailed bool // the format has a tail

	good   int64 // end of the last whole message
	size   int64 // end of the file
	fresh  int64 // bytes of batches since the tail was last written
	blocks []arrowipc.Block
	rows   []int // of each block
	tail   []byte
}

// longTail is the length of a tail, bytes, that is not written again with every
// batch: that of some 2,500 batches.
const longTail = 64 << 10

// newSegment starts an empty file.
func newSegment(f outfile.File, format string, schema []byte) (*segment, error) {
	s := &segment{f: f, schema: schema, tailed: format == formatFile}
	if err := s.write(s.head()); err != nil {
		return nil, err
	}
	s.good = s.size
	return s, s.writeTail()
}

// append writes a batch. After an error the file is as it was, but for its
// tail, and the batch may be tried again.
func (s *segment) append(b batch) error {
	if err := s.cut(); err != nil {
		return err
	}
	if err := s.write(b.bytes); err != nil {
		return errors.Join(err, s.cut())
	}
	n := metadataSize(b.bytes)
	s.blocks = append(s.blocks, arrowipc.Block{Offset: s.good, Metadata: int32(n), Body: int64(len(b.bytes) - n)})
	s.rows = append(s.rows, b.rows)
	s.good = s.size
	s.fresh += int64(len(b.bytes))
	if len(s.schema)+arrowipc.BlockSize*len(s.blocks) > max(int(s.fresh), longTail) {
		return nil // a long tail may at most double what is written
	}
	if err := s.writeTail(); err != nil {
		return s.cut() // the batch is safe, and finish will tell
	}
	return nil
}

// finish completes the file, makes it survive a loss of power and closes it.
func (s *segment) finish() error {
	err := s.complete()
	if err == nil {
		err = s.f.Sync()
	}
	return errors.Join(err, s.f.Close())
}

// complete ends the file as its format demands.
func (s *segment) complete() error {
	if s.tailed && s.fresh == 0 && s.size > s.good {
		return nil // the tail is up to date
	}
	if err := s.cut(); err != nil {
		return err
	}
	if !s.tailed {
		return s.write([]byte(arrowipc.EndOfStream))
	}
	return s.writeTail()
}

// shrink forgets the batches that do not lie whole in the first size bytes, and
// returns how many rows went with them.
func (s *segment) shrink(size int64) (lost int, err error) {
	n := len(s.blocks)
	for n > 0 && s.blocks[n-1].Offset+int64(s.blocks[n-1].Metadata)+s.blocks[n-1].Body > size {
		n--
		lost += s.rows[n]
	}
	s.blocks, s.rows = s.blocks[:n], s.rows[:n]
	s.good, s.size = s.headSize(), size
	if n > 0 {
		s.good = s.blocks[n-1].Offset + int64(s.blocks[n-1].Metadata) + s.blocks[n-1].Body
	}
	if s.good <= size {
		return lost, errors.Join(s.cut(), s.writeTail())
	}
	if err := s.f.Truncate(0); err != nil {
		return lost, err
	}
	s.size = 0
	err = s.write(s.head())
	return lost, errors.Join(err, s.writeTail())
}

// head is what stands before the first batch.
func (s *segment) head() []byte {
	var head []byte
	if s.tailed {
		head = append(head, arrowipc.FileMagic...)
	}
	return append(head, s.schema...)
}

func (s *segment) headSize() int64 { return int64(len(s.head())) }

// cut removes what follows the last whole batch.
func (s *segment) cut() error {
	if s.size == s.good {
		return nil
	}
	if err := s.f.Truncate(s.good); err != nil {
		return err
	}
	s.size = s.good
	_, err := s.f.Seek(s.good, io.SeekStart)
	return err
}

func (s *segment) writeTail() error {
	if !s.tailed {
		return nil
	}
	s.tail = arrowipc.AppendTail(s.tail[:0], s.schema, s.blocks)
	s.fresh = 0
	return s.write(s.tail)
}

func (s *segment) write(p []byte) error {
	n, err := s.f.Write(p)
	s.size += int64(n)
	return err
}
