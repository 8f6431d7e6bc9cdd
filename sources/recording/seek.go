package recording

import (
	"fmt"
	"io"
	"os"

	"ganglion/sources/format"
)

// UseIndex makes [Reader.SkipTo] quick in recordings of EVT, DAT, N-MNIST and .npy:
// what is read from here on is noted in an index beside the file (see
// index.go). Call it before the first Read. It does nothing for other formats
// and for what is not a file.
func (r *Reader) UseIndex() error {
	f := r.file()
	dec, ok := r.serial.Decoder.(format.Resumable)
	if f == nil || !ok {
		return nil
	}
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return nil
	}
	var err error
	if r.index, err = openIndex(f, dec, r.Info.Format, r.serial.Stream.In.Offset()); err != nil {
		return fmt.Errorf("recording %s: index: %w", r.name, err)
	}
	return nil
}

// file is the file that the reader reads and owns, or nil: what is packed is read
// from its beginning on.
func (r *Reader) file() *os.File {
	if r.packed.names != "" {
		return nil
	}
	switch f := r.closer.(type) {
	case *os.File:
		return f
	case kept:
		return f.File
	}
	return nil
}

// SkipTo moves forward, as far as it can without reading, to a place before
// which everything, beside the events too, is earlier than t; it may stay
// where it is. The rest of
// the way is reading and dropping. Damage on the way is not met. A file of
// AEDAT 4 has a table for it, others need an index.
func (r *Reader) SkipTo(t int64) error {
	if len(r.Steps()) > 0 || r.clock != nil && r.clock.held {
		return nil // a time does not say where it is, or what is next is here
	}
	if d, ok := r.serial.At.(format.TimeSeeker); ok {
		if r.clock != nil {
			r.clock.resume(nil)
		}
		return d.SkipTo(t)
	}
	if d, ok := r.serial.Decoder.(format.TimeTable); ok && r.file() != nil {
		return r.skipByTable(d, t)
	}
	if r.index == nil {
		return nil
	}
	p, ok := r.index.before(t, r.serial.Stream.In.Offset())
	if !ok {
		return nil
	}
	if err := r.jump(p.Offset); err != nil {
		return err
	}
	r.index.dec.Resume(p.State)
	r.index.latest, r.serial.Last = p.Latest, p.Latest
	if r.clock != nil {
		r.clock.resume(&p)
	}
	return nil
}

func (r *Reader) skipByTable(d format.TimeTable, t int64) error {
	st, err := r.file().Stat()
	if err != nil {
		return r.fail(err)
	}
	at, ok := d.LookUp(r.file(), st.Size(), t)
	if !ok || at <= r.serial.Stream.In.Offset() {
		return nil
	}
	d.Leap()
	if r.clock != nil {
		r.clock.resume(nil)
	}
	return r.jump(at)
}

// jump continues reading the file at an offset.
func (r *Reader) jump(offset int64) error {
	if _, err := r.file().Seek(offset, io.SeekStart); err != nil {
		return r.fail(err)
	}
	r.serial.Stream.In.Reset(r.file(), offset)
	if r.joined != nil {
		r.join()
	}
	return nil
}
