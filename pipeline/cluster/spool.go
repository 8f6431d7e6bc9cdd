package cluster

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ganglion/internal/outfile"
)

// spool keeps the packets of a live stream on disk until they are stored, in
// files of some megabytes that go once all in them is sent. One goroutine puts,
// another takes. A feeder that is started again finds what an earlier one left.
//
// A file is named KEY.ORDER.RUN.NUMBER.spool, with the order of the files and the run
// and number of its first packet, and holds records:
// length of the packet u32, flags u8 (1: last of the run), number u64, end of its
// window i64, events or samples u64, all little-endian, and the packet.
type spool struct {
	dir, key string
	most     int64
	hold     *outfile.Hold // on the stream's packets: another feeder would send and remove them

	mu    sync.Mutex // guards what follows
	files []spoolFile
	total int64  // bytes in files
	order uint64 // of the newest file
	write outfile.File
	size  int64 // of the file that is written to
	over  bool  // nothing more is put
	more  chan struct{}

	read *os.File // the taker's own: of files[0]
}

type spoolFile struct {
	path, run string
	order     uint64 // of those of one key
	size      int64
}

const (
	spoolHead = 4 + 1 + 8 + 8 + 8
	spoolSize = 8 << 20 // of a file
	spoolForm = ".spool"
)

// openSpool finds what is left of earlier runs. Nobody else may have the stream's packets
// of the folder until close.
func openSpool(dir, key string, most int64) (*spool, error) {
	s := &spool{dir: dir, key: key, most: most, more: make(chan struct{}, 1)}
	var err error
	if s.hold, err = outfile.NewHold(s.held()); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", errors.Join(err, s.hold.Release()))
	}
	for _, e := range entries {
		parts := strings.Split(strings.TrimSuffix(e.Name(), spoolForm), ".")
		info, err := e.Info()
		if len(parts) != 4 || parts[0] != key || !strings.HasSuffix(e.Name(), spoolForm) || err != nil {
			continue
		}
		f := spoolFile{path: filepath.Join(dir, e.Name()), run: parts[2], size: info.Size()}
		if f.order, err = strconv.ParseUint(parts[1], 10, 64); err != nil {
			continue
		}
		s.files, s.total = append(s.files, f), s.total+f.size
	}
	slices.SortFunc(s.files, func(a, b spoolFile) int { return cmp.Compare(a.order, b.order) })
	if n := len(s.files); n > 0 {
		s.order = s.files[n-1].order
	}
	return s, nil
}

// held is the file that is the sign of it.
func (s *spool) held() string { return filepath.Join(s.dir, s.key+".lock") }

// put keeps a packet of a run, or reports that there is no room for it.
func (s *spool) put(run string, p *parcel) (kept bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := int64(spoolHead + len(p.data))
	if s.total+n > s.most && !p.last {
		return false, nil
	}
	if s.write == nil || s.size+n > spoolSize {
		if err := s.next(run, p.number); err != nil {
			return false, err
		}
	}
	head := binary.LittleEndian.AppendUint32(nil, uint32(len(p.data)))
	head = append(head, when(p.last))
	head = binary.LittleEndian.AppendUint64(head, p.number)
	head = binary.LittleEndian.AppendUint64(head, uint64(p.end))
	head = binary.LittleEndian.AppendUint64(head, p.items)
	if _, err := s.write.Write(append(head, p.data...)); err != nil {
		return false, fmt.Errorf("spool: %w", errors.Join(err, s.cutBack()))
	}
	s.size, s.total = s.size+n, s.total+n
	s.files[len(s.files)-1].size = s.size
	s.wake()
	return true, nil
}

func when(set bool) byte {
	if set {
		return 1
	}
	return 0
}

// next begins a file. s.mu is held.
func (s *spool) next(run string, number uint64) error {
	if s.write != nil {
		err := s.write.Close()
		s.write = nil
		if err != nil {
			return fmt.Errorf("spool: %w", err)
		}
	}
	s.order++
	path := filepath.Join(s.dir, fmt.Sprintf("%s.%010d.%s.%d%s", s.key, s.order, run, number, spoolForm))
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	s.write, s.size, s.files = file, 0, append(s.files, spoolFile{path: path, run: run, order: s.order})
	return nil
}

// cutBack takes the beginning of a record off the file that found no place for all of
// it, or lets another file begin. s.mu is held.
func (s *spool) cutBack() error {
	err := s.write.Truncate(s.size)
	if err == nil {
		_, err = s.write.Seek(s.size, io.SeekStart)
	}
	if err != nil {
		err = errors.Join(err, s.write.Close())
		s.write = nil
	}
	return err
}

func (s *spool) wake() {
	select {
	case s.more <- struct{}{}:
	default:
	}
}

// end announces that nothing more is put.
func (s *spool) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	s.wake()
}

// take reads the next packet and names its run; io.EOF is the end. What is cut off at the
// end of a file, because its writer was killed, is left out.
func (s *spool) take(ctx context.Context, p *parcel) (run string, err error) {
	for {
		s.mu.Lock()
		var f spoolFile
		have, last := len(s.files) > 0, len(s.files) == 1
		if have {
			f = s.files[0]
		}
		writing, over := last && s.write != nil, s.over
		s.mu.Unlock()
		if have {
			ok, err := s.record(f, p)
			if ok || err != nil {
				return f.run, err
			}
			if !writing || over {
				if err := s.remove(); err != nil {
					return "", err
				}
				continue
			}
		} else if over {
			return "", io.EOF
		}
		select {
		case <-s.more:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// record reads the next record of the oldest file, or reports that all that is
// whole in it has been read.
func (s *spool) record(f spoolFile, p *parcel) (ok bool, err error) {
	if s.read == nil {
		if s.read, err = os.Open(f.path); err != nil {
			return false, fmt.Errorf("spool: %w", err)
		}
	}
	at, err := s.read.Seek(0, io.SeekCurrent)
	if err != nil {
		return false, fmt.Errorf("spool: %w", err)
	}
	if f.size-at < spoolHead {
		return false, nil
	}
	var head [spoolHead]byte
	if _, err := io.ReadFull(s.read, head[:]); err != nil {
		return false, fmt.Errorf("spool: %s: %w", f.path, err)
	}
	n := int64(binary.LittleEndian.Uint32(head[:]))
	if n > f.size-at-spoolHead {
		return false, nil
	}
	p.last, p.number = head[4]&1 != 0, binary.LittleEndian.Uint64(head[5:])
	p.end, p.items = int64(binary.LittleEndian.Uint64(head[13:])), binary.LittleEndian.Uint64(head[21:])
	p.data = slices.Grow(p.data[:0], int(n))[:n]
	if _, err := io.ReadFull(s.read, p.data); err != nil {
		return false, fmt.Errorf("spool: %s: %w", f.path, err)
	}
	return true, nil
}

// remove removes the oldest file, all of which is stored.
func (s *spool) remove() error {
	err := s.closeRead()
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[0]
	s.files, s.total = s.files[1:], s.total-f.size
	if len(s.files) == 0 && s.write != nil {
		err = errors.Join(err, s.write.Close())
		s.write = nil
	}
	if rerr := outfile.Remove(f.path); rerr != nil {
		err = errors.Join(err, fmt.Errorf("spool: %w", rerr))
	}
	return err
}

func (s *spool) closeRead() error {
	if s.read == nil {
		return nil
	}
	err := s.read.Close()
	s.read = nil
	return err
}

// close lets go of the files and leaves what is not stored for another time.
func (s *spool) close() error {
	err := s.closeRead()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.write != nil {
		err = errors.Join(err, s.write.Close())
		s.write = nil
	}
	return errors.Join(err, outfile.Remove(s.held()), s.hold.Release())
}
