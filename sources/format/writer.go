package format

import (
	"fmt"
	"io"

	"ganglion/pipeline"
)

// Writer writes a recording from front to back. It is used from one goroutine.
type Writer struct {
	s      Sink
	enc    Encoder
	w      io.Writer
	name   string
	buf    []byte
	err    error     // the first failure; everything after it is refused
	closer io.Closer // the file that Create created, or nil
}

// Sink is what an encoder works for.
type Sink struct {
	Info Info
	Lost pipeline.DamageReport // what the format cannot hold, by kind
	// Spill writes out what an encoder has appended so far and returns the
	// empty slice to continue with. Encoders that write long runs of bytes for
	// one event call it now and then.
	Spill func(dst []byte) []byte
	// Patch overwrites bytes at an offset of the recording that are written
	// out already; nil when they cannot be reached any more.
	Patch func(b []byte, at int64)
}

// Lose counts side data that a format cannot hold.
func (s *Sink) Lose(side *Side) { s.Lost.Add(side.Kind.String(), 0, side.T, 1) }

// Encoder turns events into bytes: each method appends to dst and returns it.
// The header comes first, with the first call. What the format cannot hold is
// left out and counted in the sink's lost.
type Encoder interface {
	Events(dst []byte, e []pipeline.Event) []byte
	Side(dst []byte, s *Side) []byte
	Finish(dst []byte) []byte // called once, at the end
}

// writeChunk is how many events are encoded before they are written out. It
// bounds the memory that a leap in time between every two events can take.
const writeChunk = 512

// NewWriter writes a recording to a stream. The name appears in errors.
// Some formats state at their beginning what is known at the end: an index or a
// count. That is filled in when dst is an [io.WriterAt] and at its beginning.
func NewWriter(dst io.Writer, name string, f Format, info Info) (*Writer, error) {
	if !f.Writable() {
		return nil, fmt.Errorf("recording %s: format %s can be read only", name, f.Name)
	}
	info.Format = f.Name
	w := &Writer{s: Sink{Info: info}, w: dst, name: name}
	w.s.Spill = func(b []byte) []byte {
		w.flush(b)
		return b[:0]
	}
	if file, ok := dst.(io.WriterAt); ok {
		w.s.Patch = func(b []byte, at int64) { w.patch(file, b, at) }
	}
	var err error
	if w.enc, err = f.Create(&w.s); err != nil {
		return nil, fmt.Errorf("recording %s: %s: %w", name, f.Name, err)
	}
	return w, nil
}

// Closes gives the writer a file to close when it is closed itself.
func (w *Writer) Closes(c io.Closer) { w.closer = c }

// Write appends events. Their times may go backwards where the format can
// express it.
func (w *Writer) Write(events []pipeline.Event) error {
	for len(events) > 0 && w.err == nil {
		n := min(len(events), writeChunk)
		w.flush(w.enc.Events(w.buf[:0], events[:n]))
		events = events[n:]
	}
	return w.err
}

// WriteBlock appends events and the side data between them.
func (w *Writer) WriteBlock(b *Block) error {
	next := 0
	for i := range b.Side {
		s := &b.Side[i]
		if err := w.Write(b.Events[next:s.Before]); err != nil {
			return err
		}
		next = s.Before
		w.flush(w.enc.Side(w.buf[:0], s))
	}
	return w.Write(b.Events[next:])
}

// Gyro is [Info.Gyro] of what is written; 0 where the format holds no angular rates.
func (w *Writer) Gyro() [3]float32 { return w.s.Info.Gyro }

// Lost is what the format could not hold, by kind. The slice belongs to the
// writer.
func (w *Writer) Lost() []pipeline.Damage { return w.s.Lost.List() }

// Close finishes the recording and closes the file that Create created. Only
// a nil error says that the recording is complete. It may be called twice.
func (w *Writer) Close() error {
	if w.enc != nil {
		w.flush(w.enc.Finish(w.buf[:0]))
		w.enc = nil
	}
	if w.closer != nil {
		if err := w.closer.Close(); err != nil && w.err == nil {
			w.err = fmt.Errorf("recording %s: %w", w.name, err)
		}
		w.closer = nil
	}
	return w.err
}

// Discard ends a recording that is not to be kept: what was under the name of the
// file that Create created stays. After Close it does nothing.
func (w *Writer) Discard() error {
	w.enc = nil
	file, ok := w.closer.(interface{ Discard() error })
	if !ok {
		return w.Close()
	}
	w.closer = nil
	return file.Discard()
}

// flush writes out what an encoder appended and keeps the memory.
func (w *Writer) flush(b []byte) {
	w.buf = b
	if w.err != nil || len(b) == 0 {
		return
	}
	if _, err := w.w.Write(b); err != nil {
		w.err = fmt.Errorf("recording %s: %w", w.name, err)
	}
}

func (w *Writer) patch(file io.WriterAt, b []byte, at int64) {
	if w.err != nil {
		return
	}
	if _, err := file.WriteAt(b, at); err != nil {
		w.err = fmt.Errorf("recording %s: %w", w.name, err)
	}
}
