package formattest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"

	"github.com/google/go-cmp/cmp"
)

// Kit reads and writes recordings of a few formats, in tests.
type Kit struct {
	Formats []format.Format
	// Samples make recordings of n events in the formats that are only read,
	// or cannot hold [Events]; by name.
	Samples map[string]func(n int) []byte
	// Unnamed are the formats whose content does not say which it is.
	Unnamed []string
}

// Options describe how a recording is to be read, as [format.Options] does.
type Options struct {
	Format        string // "" recognises it
	Width, Height int
	Columns       string
	Stream        string
	Chip          string
}

// Reader reads a recording.
type Reader struct {
	Info format.Info
	r    *format.Reader
	file *os.File // nil for what Open did not open
}

// Find returns the format of a name.
func (k Kit) Find(name string) (format.Format, error) {
	for _, f := range k.Formats {
		if f.Name == name {
			return f, nil
		}
	}
	return format.Format{}, fmt.Errorf("unknown format %q", name)
}

// recognise returns the format with the strongest claim.
func (k Kit) recognise(head []byte) (best format.Format, err error) {
	p := format.Probe{Head: head[:min(len(head), format.ProbeLength)], Whole: len(head) <= format.ProbeLength}
	weight := format.Possible
	for _, f := range k.Formats {
		if c := f.Sniff(p); c.Weight > weight {
			best, weight = f, c.Weight
		}
	}
	if weight == format.Possible {
		return best, errors.New("no format claims the recording")
	}
	return best, nil
}

// NewReader opens a recording; its name is only there to read well.
func (k Kit) NewReader(src io.Reader, _ string, o Options) (*Reader, error) {
	in := format.NewInput(src)
	head, _, err := in.Window(format.ProbeLength)
	if err != nil {
		return nil, err
	}
	var f format.Format
	switch {
	case len(head) == 0:
		err = errors.New("is empty")
	case o.Format != "":
		f, err = k.Find(o.Format)
	default:
		f, err = k.recognise(head)
	}
	if err != nil {
		return nil, err
	}
	r, err := format.NewReader(f, in, format.Options{Width: o.Width, Height: o.Height, Columns: o.Columns, Stream: o.Stream, Chip: o.Chip})
	if err != nil {
		return nil, fmt.Errorf("%s header: %w", f.Name, err)
	}
	return &Reader{Info: r.Stream.Info, r: r}, nil
}

// Open opens a recording in a file, which the caller closes.
func (k Kit) Open(path string) (*Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := k.NewReader(file, path, Options{})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	r.file = file
	return r, nil
}

// Offset is how far the reading has come, bytes.
func (r *Reader) Offset() int64 { return r.r.Offset() }

// Close closes the file that Open opened.
func (r *Reader) Close() error { return r.file.Close() }

// Read fills the block, see [format.Reader.Read].
func (r *Reader) Read(b *format.Block) error { return r.r.Read(b) }

// At is the format's own reader, of a format that is read at any place.
func (r *Reader) At() format.BlockReader { return r.r.At }

// Damage is what was met so far.
func (r *Reader) Damage() []pipeline.Damage { return r.r.Stream.Damage.List() }

// Streams are the recording's, with what of them was not read so far.
func (r *Reader) Streams() []format.StreamInfo { return r.r.Stream.Info.Streams }

// NewWriter writes a recording.
func (k Kit) NewWriter(dst io.Writer, name, kind string, info format.Info) (*format.Writer, error) {
	f, err := k.Find(kind)
	if err != nil {
		return nil, err
	}
	return format.NewWriter(dst, name, f, info)
}

// Data is all that a recording holds.
type Data struct {
	Info   format.Info
	Events []pipeline.Event
	Side   []format.Side // Before counts from the beginning of the recording
	Damage []pipeline.Damage
}

// Decode reads a recording with blocks of the given size.
func (k Kit) Decode(src io.Reader, o Options, block int) (Data, error) {
	r, err := k.NewReader(src, "bytes", o)
	if err != nil {
		return Data{}, err
	}
	return Drain(r, block)
}

// MustDecode reads a recording that is sound.
func (k Kit) MustDecode(tb testing.TB, data []byte, name string) Data {
	tb.Helper()
	d, err := k.Decode(bytes.NewReader(data), Options{Format: name}, 4096)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// Source is what Drain reads.
type Source interface {
	Read(b *format.Block) error
	Damage() []pipeline.Damage
}

// Drain reads a recording to its end. The Info is that of a [Reader].
func Drain(r Source, block int) (Data, error) {
	var d Data
	if k, ok := r.(*Reader); ok {
		d.Info = k.Info
	}
	var err error
	for b := format.NewBlock(block); ; {
		if err = r.Read(b); err != nil {
			break
		}
		for _, s := range b.Side {
			s.Before += len(d.Events)
			d.Side = append(d.Side, s.Clone())
		}
		d.Events = append(d.Events, b.Events...)
	}
	d.Damage = append(d.Damage, r.Damage()...)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return d, err
}

// Encode writes one block as a recording.
func (k Kit) Encode(tb testing.TB, name string, info format.Info, b *format.Block) []byte {
	tb.Helper()
	var file MemFile
	w, err := k.NewWriter(&file, "memory", name, info)
	if err != nil {
		tb.Fatal(err)
	}
	if err := w.WriteBlock(b); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	if lost := w.Lost(); len(lost) > 0 {
		tb.Fatalf("lost while writing: %v", lost)
	}
	return file.B
}

// Sample is a recording of n events.
func (k Kit) Sample(tb testing.TB, f format.Format, n int) []byte {
	tb.Helper()
	if own, ok := k.Samples[f.Name]; ok {
		return own(n)
	}
	if !f.Writable() {
		tb.Fatalf("format %s is read only and has no sample", f.Name)
	}
	return k.Encode(tb, f.Name, Info, &format.Block{Events: Events(n)})
}

// hint names a format whose content does not.
func (k Kit) hint(f format.Format) string {
	if slices.Contains(k.Unnamed, f.Name) {
		return f.Name
	}
	return ""
}

// DiffEvents says where two long recordings part, or "".
func DiffEvents(want, got []pipeline.Event) string {
	if slices.Equal(want, got) {
		return ""
	}
	i := 0
	for i < min(len(want), len(got)) && want[i] == got[i] {
		i++
	}
	part := func(e []pipeline.Event) []pipeline.Event { return e[max(i-2, 0):min(i+5, len(e))] }
	return fmt.Sprintf("%d and %d events, parting at %d:\n%s", len(want), len(got), i, cmp.Diff(part(want), part(got)))
}

// DamageCounts is a report without its places.
func DamageCounts(d []pipeline.Damage) map[string]uint64 {
	counts := map[string]uint64{}
	for _, d := range d {
		counts[d.Kind] = d.Count
	}
	return counts
}
