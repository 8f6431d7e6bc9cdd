package recording

import (
	"bytes"
	"fmt"
	"io"
)

// openOptions say of a recording what it does not say itself.
type openOptions struct {
	Width, Height int    // replace the header's sensor size, px; 0 keeps it
	Columns       string // order of columns, such as "t[s],x,y,p", with - for one that is not wanted
	Stream        string // name of the stream of events to read; "" leaves it to the format
	Live          bool   // more than what has arrived is not to be waited for
}

// serial reads a recording of a known format from front to back.
type serial struct {
	s   stream
	dec decoder     // nil for a format that is read at any place
	at  blockReader // nil for any other

	off   int64 // of at
	last  int64 // time of the last event read, µs
	ended bool
}

// maxHeld bounds what is read of a pipe for a format that needs a file, bytes.
const maxHeld = 1 << 30

// newSerial reads the header. The error is about the header, too.
func newSerial(f Format, in *input, o openOptions) (*serial, error) {
	r := &serial{s: stream{in: in, columns: o.Columns, want: o.Stream, live: o.Live}}
	r.s.info = Info{Format: f.Name, Width: o.Width, Height: o.Height}
	var err error
	if f.openAt == nil {
		r.dec, err = f.open(&r.s)
	} else {
		r.at, err = openHeld(f, &r.s)
	}
	if err == nil && o.Stream != "" && r.s.info.Streams == nil {
		err = fmt.Errorf("%s has no streams with names, such as %q", f.Name, o.Stream)
	}
	return r, err
}

// openHeld opens a format that is read at any place.
func openHeld(f Format, s *stream) (blockReader, error) {
	src, size, ok := s.in.file()
	if !ok {
		all, _, err := s.in.window(maxHeld)
		if err != nil {
			return nil, err
		}
		if len(all) >= maxHeld {
			return nil, fmt.Errorf("more than %d bytes come from a pipe: %s needs a file", maxHeld, f.Name)
		}
		src, size = bytes.NewReader(all), int64(len(all))
	}
	return f.openAt(s, src, size)
}

// read replaces the block's content by the next piece of the recording, which
// holds at least one event or one piece of side data, and returns io.EOF when
// there is none.
func (r *serial) read(b *Block) error {
	b.reset()
	if r.at != nil {
		off, err := r.at.readBlock(b)
		r.off = max(r.off, off)
		return err
	}
	for need := 1; len(b.Events) == 0 && len(b.Side) == 0; {
		src, last, err := r.s.in.window(need)
		if err != nil {
			return err
		}
		if len(src) == 0 {
			if e, ok := r.dec.(ender); ok && !r.ended {
				e.end(r.s.in.off)
			}
			r.ended = true
			return io.EOF
		}
		used, err := r.dec.decode(b, src, r.s.in.off, last)
		if err != nil {
			return err
		}
		need = 1
		if used == 0 && len(b.Events) == 0 && len(b.Side) == 0 {
			if !last {
				need = len(src) + 1
				continue
			}
			r.s.damage.Add(truncated, r.s.in.off, r.last, 1)
			used = len(src)
		}
		r.s.in.advance(used)
	}
	if n := len(b.Events); n > 0 {
		r.last = b.Events[n-1].T
	}
	return nil
}

// offset is how many bytes of the recording are read.
func (r *serial) offset() int64 {
	if r.at != nil {
		return r.off
	}
	return r.s.in.off
}
