package recording

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// Reader reads a recording from front to back. It is used from one goroutine.
type Reader struct {
	Info format.Info // what the header says; set by Open

	serial *format.Reader
	name   string
	strict bool
	closer io.Closer // the file that Open opened, or nil
	par    *parallel // see Options.Parallel; nil without
	index  *index    // see UseIndex; nil without
	clock  *clock    // see Options.Ascending; nil without

	options Options
	joined  *partReader // finds where another recording begins; nil in formats that are not joined
	part    int         // of joined recordings, from 0 on
	packed  unpacking
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
	r := &Reader{name: name, strict: o.Strict}
	if err := r.open(format.NewInput(src), o); err != nil {
		r.packed.close()
		return nil, fmt.Errorf("recording %s: %w", name, err)
	}
	return r, nil
}

func (r *Reader) open(in *format.Input, o Options) error {
	r.packed.inside = r.name
	o, err := r.packed.unpack(in, o)
	if err != nil {
		return err
	}
	r.options = o
	if o.Ascending {
		r.clock = &clock{src: r, outliers: o.Outliers}
	}
	if err := r.begin(in, o); err != nil {
		return err
	}
	r.Info = r.serial.Stream.Info
	r.Info.Packed = r.packed.names
	return nil
}

// begin opens what the input holds.
func (r *Reader) begin(in *format.Input, o Options) error {
	f, err := recognise(in, r.packed.inside, o)
	if err != nil {
		return r.packed.explain(err)
	}
	r.serial, err = format.NewReader(f, in, format.Options{Width: o.Width, Height: o.Height, Columns: o.Columns, Stream: o.Stream,
		Live: o.Live, Chip: o.Chip})
	if err != nil {
		return fmt.Errorf("%s header: %w", f.Name, err)
	}
	if slices.Contains(joinable, f.Name) {
		r.join()
	}
	if dec, ok := r.serial.Decoder.(format.Splitter); ok && o.Parallel && !o.Strict {
		r.par = newParallel(&r.serial.Stream, dec)
	}
	return nil
}

// Read replaces the block's content by the next piece of the recording, which
// holds at least one event or one piece of side data, and returns io.EOF when
// there is none. After any other error the content is not a part of the
// recording. It allocates nothing once the block has grown to the stream's
// needs.
func (r *Reader) Read(b *format.Block) error {
	var err error
	if r.clock != nil {
		err = r.clock.read(b)
	} else {
		err = r.read(b)
	}
	if r.strict && (err == nil || errors.Is(err, io.EOF)) {
		if damage := r.Damage(); len(damage) > 0 {
			return fmt.Errorf("recording %s: %w", r.name, &DamageError{damage[0]})
		}
	}
	if r.index != nil && err == nil && r.part == 0 {
		shift, held := int64(0), false
		if r.clock != nil {
			shift, held = r.clock.shift, r.clock.held
		}
		r.index.note(b, r.Offset(), shift, !held)
	}
	return err
}

func (r *Reader) read(b *format.Block) error {
	if r.par != nil {
		b.Reset()
		if r.par.read(b) {
			if n := len(b.Events); n > 0 {
				r.serial.Last = b.Events[n-1].T
			}
			return nil
		}
		r.par.stop()
		r.par = nil
	}
	err := r.serial.Read(b)
	if err == nil {
		return nil
	}
	if !errors.Is(err, io.EOF) {
		return r.fail(err)
	}
	more, err := r.nextPart()
	if err != nil {
		return r.fail(err)
	}
	if !more {
		r.packed.broken(func(kind string) { r.serial.Stream.Damage.Add(kind, r.Offset(), r.serial.Last, 1) })
		return io.EOF
	}
	if err := r.read(b); err != nil {
		return err
	}
	if r.clock != nil {
		b.Side = slices.Insert(b.Side, 0, format.Side{Kind: partMark, Reset: true})
	}
	return nil
}

// join looks for further recordings behind the one that was opened.
func (r *Reader) join() {
	in := r.serial.Stream.In
	in.Wrap(func(rest io.Reader) io.Reader {
		r.joined = &partReader{src: rest}
		return r.joined
	})
}

// nextPart opens the recording behind the one that has ended, and reports
// whether there is any. Its words are read as its own header says; the sensor is
// that of the first one.
func (r *Reader) nextPart() (bool, error) {
	if r.joined == nil || !r.joined.found {
		return false, nil
	}
	before := r.serial
	in := before.Stream.In
	at := in.Offset()
	in.Reset(r.joined.rest(), at)
	o := r.options
	o.Format, o.Live, o.Width, o.Height = "", true, r.Info.Width, r.Info.Height
	if err := r.begin(in, o); err != nil {
		return false, err
	}
	r.part++
	r.serial.Stream.Damage, r.serial.Last = before.Stream.Damage, before.Last
	r.Info.Notes = append(r.Info.Notes, fmt.Sprintf("another header at byte %d: recordings were joined, and a new part begins (%s)", at,
		r.serial.Stream.Info.Format))
	return true, nil
}

func (r *Reader) fail(err error) error {
	return fmt.Errorf("recording %s: %s at byte %d: %w", r.name, r.Info.Format, r.Offset(), err)
}

// Offset is how many bytes of the recording are read.
func (r *Reader) Offset() int64 {
	if r.par != nil {
		return r.par.off
	}
	return r.serial.Offset()
}

// Streams are those of a recording that has several, with what of them was met
// and not read so far.
func (r *Reader) Streams() []format.StreamInfo { return r.serial.Stream.Info.Streams }

// Damage is what has been met so far, in order of first offset. The slice
// belongs to the reader.
func (r *Reader) Damage() []pipeline.Damage {
	if r.clock == nil || len(r.clock.damage.List()) == 0 {
		return r.serial.Stream.Damage.List()
	}
	return mergeDamage(r.serial.Stream.Damage.List(), r.clock.damage.List())
}

// Steps are the steps back of the clock that were met so far, see
// Options.Ascending.
func (r *Reader) Steps() []ClockStep {
	if r.clock == nil {
		return nil
	}
	return r.clock.steps
}

// Plain reports whether no event of the block that was read is earlier than one
// before it, and the time of the last event; only with Options.Ascending.
func (r *Reader) Plain() (last int64, ok bool) {
	if r.clock == nil || !r.clock.begun {
		return 0, false
	}
	return r.clock.last, r.clock.plain
}

// Span is the number of the span of time that an ascending time is of, from 0
// on, and what was added to the time in the file.
func (r *Reader) Span(t int64) (span int, shift int64) {
	if r.clock == nil {
		return 0, 0
	}
	shift, span = r.clock.shiftAt(t)
	return span, shift
}

// Restore gives a block of ascending times those of the file again.
func (r *Reader) Restore(b *format.Block) {
	if len(r.Steps()) == 0 {
		return
	}
	for i := range b.Events {
		e := &b.Events[i]
		if shift, ok := r.clock.outlier(e.T); ok {
			e.T -= shift
			continue
		}
		_, shift := r.Span(e.T)
		e.T -= shift
	}
	for i := range b.Side {
		_, shift := r.Span(b.Side[i].T)
		b.Side[i].Shift(-shift)
	}
}

// Close closes the file that Open opened. It may be called twice.
func (r *Reader) Close() error {
	if r.par != nil {
		r.par.stop()
		r.par = nil
	}
	var err error
	if r.serial != nil {
		err = r.serial.Close()
	}
	r.packed.close()
	if r.closer == nil {
		return err
	}
	if r.index != nil {
		r.index.save()
	}
	c := r.closer
	r.closer = nil
	return errors.Join(err, c.Close())
}
