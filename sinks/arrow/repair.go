package arrow

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"ganglion/internal/arrowipc"
	"ganglion/internal/outfile"
)

// Repair makes the file that a killed process left whole for every reader: it
// removes what lies behind the last whole record batch and ends the file as its
// format demands. It reports how many batches there are and how many bytes were
// cut off. A file that is whole stays as it is.
func Repair(path string) (batches int, cut int64, err error) {
	f, err := outfile.Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	b, err := io.ReadAll(f)
	if err != nil {
		return 0, 0, err
	}
	s := &segment{f: f, tailed: bytes.HasPrefix(b, []byte(arrowipc.FileMagic)), size: int64(len(b))}
	if s.tailed {
		s.good = int64(len(arrowipc.FileMagic))
	}
	for {
		var m arrowipc.Message
		rest := b[s.good:]
		if bytes.HasPrefix(rest, []byte(arrowipc.EndOfStream)) || m.Parse(rest) != nil {
			break
		}
		switch m.Kind {
		case arrowipc.SchemaMessage:
			s.schema = m.Bytes
		case arrowipc.BatchMessage:
			s.blocks = append(s.blocks, arrowipc.Block{Offset: s.good, Metadata: int32(m.Metadata()), Body: int64(len(m.Body))})
		}
		s.good += int64(len(m.Bytes))
	}
	if s.schema == nil {
		return 0, 0, fmt.Errorf("%s: no Arrow schema: nothing to repair", path)
	}
	want := []byte(arrowipc.EndOfStream)
	if s.tailed {
		want = arrowipc.AppendTail(nil, s.schema, s.blocks)
	}
	if bytes.Equal(b[s.good:], want) {
		return len(s.blocks), 0, nil
	}
	if cut = int64(len(b)) - s.good; bytes.HasPrefix(b[s.good:], []byte(arrowipc.EndOfStream)) {
		cut = 0 // the end was there, the index was not whole
	}
	if err := s.f.Truncate(s.good); err != nil {
		return 0, 0, err
	}
	if _, err := s.f.Seek(s.good, io.SeekStart); err != nil {
		return 0, 0, err
	}
	if _, err := s.f.Write(want); err != nil {
		return 0, 0, err
	}
	return len(s.blocks), cut, s.f.Sync()
}

// IsArrow reports whether a file begins as an Arrow file or stream does.
func IsArrow(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 8)
	n, _ := io.ReadFull(f, head)
	return bytes.HasPrefix(head[:n], []byte("ARROW1")) || bytes.HasPrefix(head[:n], []byte(arrowipc.EndOfStream[:4]))
}
