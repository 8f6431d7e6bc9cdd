package recording

import (
	"errors"
	"fmt"
	"io"
	"os"

	"ganglion/pipeline"
)

// Options say how a recording is to be read. The zero value leaves everything
// to the recording.
type Options struct {
	Format        string // name in [Formats]; "" recognises it by its content
	Width, Height int    // replace the header's sensor size, px; 0 keeps it
	// Columns is the order of a text file's columns, such as "t[s],x,y,p", with
	// - for one that is not wanted; "" finds it out.
	Columns string
	// Strict makes the first damage an error, a [DamageError].
	Strict bool

	// Parallel decodes on all cores where the format allows it (EVT2, EVT3)
	// and, in [Open], the file is long enough, with the same result. The reader then has goroutines, which end with
	// Close, reads up to 1 MiB ahead, and exchanges the memory of the blocks
	// that it is given, which should be of one capacity. Strict excludes it.
	Parallel bool

	live bool // what has arrived so far may decide about the format
}

// Reader reads a recording from front to back. It is used from one goroutine.
type Reader struct {
	Info Info // what the header says; set by Open

	s      stream
	dec    decoder
	name   string
	strict bool
	last   int64     // time of the last event read, µs
	closer io.Closer // the file that Open opened, or nil
	ended  bool
	par    *parallel // see Options.Parallel; nil without
	index  *index    // see UseIndex; nil without
}

// stream is what a decoder works on.
type stream struct {
	in      *input
	info    Info
	columns string // of Options
	damage  pipeline.DamageReport
}

// decoder turns bytes into events. It keeps its own state between calls, such
// as the running time, and sees every byte of the stream once.
type decoder interface {
	// decode appends what the front of src holds to b, until src has no
	// further complete record or b is full, and returns how many bytes it
	// used. src[0] stands at stream offset at; last says that nothing follows
	// src. A record of more events than b takes is used when its last event is
	// appended; until then every call finds it at the front of src. Using no
	// bytes and appending nothing means that the next record is longer than
	// src: more will be read, or, if last, the rest is counted as truncated.
	// Damage is skipped and reported to the stream's report; an error is for
	// what cannot be skipped and ends the reading.
	decode(b *Block, src []byte, at int64, last bool) (used int, err error)
}

// ender is a decoder that knows how much there should be.
type ender interface {
	// end is called once, behind the last byte, to count what is missing.
	end(at int64)
}

// Open opens a recording; "-" is standard input.
func Open(path string, o Options) (*Reader, error) {
	if path == "-" {
		return NewReader(os.Stdin, "standard input", o)
	}
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	o.Parallel = o.Parallel && err == nil && st.Mode().IsRegular() && st.Size() >= parallelWorth
	return newReader(f, path, o)
}

// openFile opens anything but a directory.
func openFile(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	if st, err := f.Stat(); err == nil && st.IsDir() {
		f.Close()
		return nil, fmt.Errorf("recording %s: is a directory", path)
	}
	return f, nil
}

// newReader is NewReader for what is the reader's to close.
func newReader(src io.ReadCloser, name string, o Options) (*Reader, error) {
	r, err := NewReader(src, name, o)
	if err != nil {
		src.Close()
		return nil, err
	}
	r.closer = src
	return r, nil
}

// NewReader reads a recording from a stream. The name appears in errors, and
// its ending helps to recognise a format that has no mark of its own.
func NewReader(src io.Reader, name string, o Options) (*Reader, error) {
	r := &Reader{name: name, strict: o.Strict, s: stream{in: newInput(src)}}
	if err := r.open(o); err != nil {
		return nil, fmt.Errorf("recording %s: %w", name, err)
	}
	return r, nil
}

func (r *Reader) open(o Options) error {
	f, err := r.format(o)
	if err != nil {
		return err
	}
	r.s.info = Info{Format: f.Name, Width: o.Width, Height: o.Height}
	r.s.columns = o.Columns
	if r.dec, err = f.open(&r.s); err != nil {
		return fmt.Errorf("%s header: %w", f.Name, err)
	}
	r.Info = r.s.info
	if dec, ok := r.dec.(splitter); ok && o.Parallel && !o.Strict {
		r.par = newParallel(&r.s, dec)
	}
	return nil
}

// format finds the format of the recording. A live one is recognised as soon
// as its bytes allow; any other by all of the first ones, so that it does not
// matter how they arrive.
func (r *Reader) format(o Options) (Format, error) {
	need := sniffLength
	if o.live || o.Format != "" {
		need = 1
	}
	for {
		head, last, err := r.s.in.window(need)
		if err != nil {
			return Format{}, err
		}
		if len(head) == 0 {
			return Format{}, errors.New("is empty")
		}
		if o.Format != "" {
			return byName(o.Format)
		}
		f, err := detect(head[:min(len(head), sniffLength)], r.name)
		if err == nil || last || len(head) >= sniffLength {
			return f, err
		}
		need = len(head) + 1
	}
}

// size takes the sensor size that the header states, unless the options do.
func (s *stream) size(width, height int) {
	if s.info.Width == 0 {
		s.info.Width = width
	}
	if s.info.Height == 0 {
		s.info.Height = height
	}
}

// Read replaces the block's content by the next piece of the recording, which
// holds at least one event or one piece of side data, and returns io.EOF when
// there is none. After any other error the content is no part of the
// recording. It allocates nothing once the block has grown to the stream's
// needs.
func (r *Reader) Read(b *Block) error {
	err := r.read(b)
	if damage := r.Damage(); r.strict && len(damage) > 0 && (err == nil || errors.Is(err, io.EOF)) {
		return fmt.Errorf("recording %s: %w", r.name, &DamageError{damage[0]})
	}
	if n := len(b.Events); n > 0 {
		r.last = b.Events[n-1].T
	}
	if r.index != nil && err == nil {
		r.index.note(b, r.s.in.off)
	}
	return err
}

func (r *Reader) read(b *Block) error {
	b.reset()
	if r.par != nil {
		if r.par.read(b) {
			return nil
		}
		r.par.stop()
		r.par = nil
	}
	for need := 1; len(b.Events) == 0 && len(b.Side) == 0; {
		src, last, err := r.s.in.window(need)
		if err != nil {
			return r.fail(err)
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
			return r.fail(err)
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
	return nil
}

func (r *Reader) fail(err error) error {
	return fmt.Errorf("recording %s: %s at byte %d: %w", r.name, r.Info.Format, r.s.in.off, err)
}

// Offset is how many bytes of the recording are read.
func (r *Reader) Offset() int64 {
	if r.par != nil {
		return r.par.off
	}
	return r.s.in.off
}

// Damage is what has been met so far, in order of first offset. The slice
// belongs to the reader.
func (r *Reader) Damage() []pipeline.Damage { return r.s.damage.List() }

// Close closes the file that Open opened. It may be called twice.
func (r *Reader) Close() error {
	if r.par != nil {
		r.par.stop()
		r.par = nil
	}
	if r.closer == nil {
		return nil
	}
	if r.index != nil {
		r.index.save()
	}
	c := r.closer
	r.closer = nil
	return c.Close()
}
