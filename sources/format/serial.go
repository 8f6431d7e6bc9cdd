package format

import (
	"errors"
	"fmt"
	"io"
)

// Options say of a recording what it does not say itself.
type Options struct {
	Width, Height int    // replace the header's sensor size, px; 0 keeps it
	Columns       string // order of columns, such as "t[s],x,y,p", with - for one that is not wanted
	Stream        string // name of the stream of events to read; "" leaves it to the format
	Live          bool   // more than what has arrived is not to be waited for
	Chip          string // whose addresses a recording has that does not name a known one
}

// Reader reads a recording of a known format from front to back.
type Reader struct {
	Stream  Stream
	Decoder Decoder     // nil for a format that is read at any place
	At      BlockReader // nil for any other
	Last    int64       // time of the last event read, µs

	off   int64 // of At
	ended bool
}

// ErrNotFrontToBack is returned by a format's Open, before it has consumed
// anything, for a recording that its OpenAt is to open.
var ErrNotFrontToBack = errors.New("is not read front to back")

// NewReader reads the header. The error is about the header, too.
func NewReader(f Format, in *Input, o Options) (*Reader, error) {
	r := &Reader{Stream: Stream{In: in, Columns: o.Columns, Want: o.Stream, Live: o.Live, Chip: o.Chip}}
	r.Stream.Info = Info{Format: f.Name, Width: o.Width, Height: o.Height}
	var err error
	if f.Open == nil && o.Live {
		return r, fmt.Errorf("%s cannot be followed while it is written: what it holds is only known at its end", f.Name)
	}
	if f.Open != nil {
		r.Decoder, err = f.Open(&r.Stream)
	}
	if f.Open == nil || errors.Is(err, ErrNotFrontToBack) {
		r.At, err = openHeld(f, &r.Stream)
	}
	if err == nil && o.Stream != "" && r.Stream.Info.Streams == nil {
		err = fmt.Errorf("%s has no streams with names, such as %q", f.Name, o.Stream)
	}
	return r, err
}

// openHeld opens a format that is read at any place.
func openHeld(f Format, s *Stream) (BlockReader, error) {
	src, size, err := s.In.Hold(f.Name)
	if err != nil {
		return nil, err
	}
	return f.OpenAt(s, src, size)
}

// Read replaces the block's content by the next piece of the recording, which
// holds at least one event or one piece of side data, and returns io.EOF when
// there is none.
func (r *Reader) Read(b *Block) error {
	b.Reset()
	for r.At != nil {
		off, err := r.At.ReadBlock(b)
		r.off = max(r.off, off)
		if err != nil || len(b.Events)+len(b.Side) > 0 {
			return err
		}
	}
	for need := 1; len(b.Events) == 0 && len(b.Side) == 0; {
		src, last, err := r.Stream.In.Window(need)
		if err != nil {
			return err
		}
		if len(src) == 0 {
			if e, ok := r.Decoder.(ender); ok && !r.ended {
				err = e.End(r.Stream.In.Offset())
			}
			if r.ended = true; err != nil {
				return err
			}
			return io.EOF
		}
		used, err := r.Decoder.Decode(b, src, r.Stream.In.Offset(), last)
		if err != nil {
			return err
		}
		need = 1
		if used == 0 && len(b.Events) == 0 && len(b.Side) == 0 {
			if !last {
				need = len(src) + 1
				continue
			}
			r.Stream.Damage.Add(Truncated, r.Stream.In.Offset(), r.Last, 1)
			used = len(src)
		}
		r.Stream.In.Advance(used)
	}
	if n := len(b.Events); n > 0 {
		r.Last = b.Events[n-1].T
	}
	return nil
}

// Offset is how many bytes of the recording are read.
func (r *Reader) Offset() int64 {
	if r.At != nil {
		return r.off
	}
	return r.Stream.In.Offset()
}

// Close frees what a [BlockReader] that is an [io.Closer] holds.
func (r *Reader) Close() error {
	if c, ok := r.At.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
