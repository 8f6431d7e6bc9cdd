package h5

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zlib"

	h5 "ganglion/internal/hdf5"
	"ganglion/internal/hdf5/blosc"
	"ganglion/sources/format"
)

var errNoStream = errors.New("needs a file, because what stands at its beginning is known at its end")

// output is an HDF5 file that is written from front to back: chunks first,
// then everything that says where they are.
type output struct {
	s  *format.Sink
	at int64 // bytes of the file so far
}

func newOutput(s *format.Sink) (output, error) {
	if s.Patch == nil {
		return output{}, errNoStream
	}
	return output{s: s}, nil
}

// begin leaves room for the head, and adds a note behind it.
func (o *output) begin(dst []byte, note string) []byte {
	if o.at > 0 {
		return dst
	}
	dst = append(dst, make([]byte, h5.HeadSize)...)
	return o.put(dst, h5.HeadSize, note)
}

// put counts n bytes that were appended, and appends a note.
func (o *output) put(dst []byte, n int, note string) []byte {
	o.at += int64(n + len(note))
	return append(dst, note...)
}

// finish appends the layout and fills in the head.
func (o *output) finish(dst []byte, w *h5.Writer) []byte {
	tail, head, err := w.Layout(o.at)
	if err != nil { // what is written here are names and sizes of the program's own, and clean text
		panic(err)
	}
	dst = o.s.Spill(append(dst, tail...))
	o.s.Patch(head, 0)
	return dst
}

// maxField bounds a header field: an attribute of HDF5 takes 64 KiB.
const maxField = 32 << 10

// header writes the info's fields as attributes of the root, but for those that
// say how another format is read and those written already.
func (o *output) header(root *h5.GroupWriter, written ...string) {
	seen := map[string]bool{
		"": true, "end": true, "evt": true, "endianness": true, "t0": true, "T0": true, "Data": true, "Version": true,
		"format": true, "geometry": true, "width": true, "height": true,
	}
	for _, name := range written {
		seen[name] = true
	}
	for _, f := range o.s.Info.Header {
		if seen[f.Key] {
			continue
		}
		seen[f.Key] = true
		if len(f.Key)+len(f.Value) > maxField || strings.ContainsRune(f.Key+f.Value, 0) {
			o.s.Lost.Add("header field", 0, 0, 1)
			continue
		}
		root.Attr(f.Key, h5.Strings(nil, []string{f.Value}))
	}
}

// dataset is a dataset in the making: rows of a few bytes that are packed and
// written chunk by chunk.
type dataset struct {
	o      *output
	chunks *h5.Chunks
	typ    h5.Type
	rows   int // of a chunk
	n      int // rows in all
	buf    []byte
	deflated
}

// deflated packs chunks by shuffling and deflating them.
type deflated struct {
	z        *zlib.Writer // nil where chunks are not packed so
	shuffled []byte
	packed   bytes.Buffer
}

func newDataset(o *output, t h5.Type, rows int, filters ...h5.Filter) *dataset {
	return &dataset{o: o, typ: t, rows: rows, chunks: h5.NewChunks(t, rows, filters...), buf: make([]byte, 0, rows*t.Size)}
}

// deflateLevel packs most of what there is to gain after shuffling.
const deflateLevel = 1

// newDeflated is newDataset with chunks that are shuffled and deflated.
func newDeflated(o *output, t h5.Type, rows int) (*dataset, error) {
	d := newDataset(o, t, rows, h5.Shuffle(t.Size), h5.Deflate(deflateLevel))
	d.shuffled = make([]byte, cap(d.buf))
	d.packed.Grow(cap(d.buf) + 1024)
	z, err := zlib.NewWriterLevel(&d.packed, deflateLevel)
	if err != nil {
		return nil, err
	}
	d.z = z
	d.pack() // its memory is taken now
	return d, nil
}

// pack deflates what is shuffled.
func (d *dataset) pack() {
	d.packed.Reset()
	d.z.Reset(&d.packed)
	_, _ = d.z.Write(d.shuffled) // a buffer in memory takes everything
	_ = d.z.Close()
}

// full reports whether the rows in hand make a chunk.
func (d *dataset) full() bool { return len(d.buf) == cap(d.buf) }

// added counts a row that was appended to buf, and writes what makes a chunk.
func (d *dataset) added(dst []byte) []byte {
	if d.n++; !d.full() {
		return dst
	}
	return d.o.s.Spill(d.flush(dst))
}

// flush writes the rows in hand as a chunk: what lies behind the last row of
// the dataset is zeros.
func (d *dataset) flush(dst []byte) []byte {
	if len(d.buf) == 0 {
		return dst
	}
	from := len(d.buf)
	d.buf = d.buf[:cap(d.buf)]
	clear(d.buf[from:])
	if d.z == nil {
		return d.write(dst, d.buf, true)
	}
	blosc.Shuffle(d.shuffled, d.buf, d.typ.Size)
	d.pack()
	return d.write(dst, d.packed.Bytes(), true)
}

// write appends a chunk.
func (d *dataset) write(dst, chunk []byte, filtered bool) []byte {
	d.chunks.Add(d.o.at, len(chunk), filtered)
	d.buf = d.buf[:0]
	return d.o.put(append(dst, chunk...), len(chunk), "")
}

// values are the dataset, when everything is written.
func (d *dataset) values() h5.Values { return d.chunks.Values(d.n) }

func geometry(width, height int) string { return strconv.Itoa(width) + "x" + strconv.Itoa(height) }
