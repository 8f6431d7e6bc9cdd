package h5

import (
	"encoding/binary"
	"strconv"

	h5 "ganglion/internal/hdf5"
	"ganglion/internal/hdf5/ecf"
	"ganglion/pipeline"
	"ganglion/sources/format"
)

// Prophesee's layout, as it is written (openeb hdf5_event_file_writer.cpp):
//
//	/CD/events            {x u16 @0, y u16 @2, p i16 @4, t i64 @8}, 16 bytes
//	/CD/indexes           {id u64, ts i64}: one entry each 2 ms
//	/EXT_TRIGGER/events   {p i16 @0, t i64 @8, id i16 @16}, 24 bytes
//	/EXT_TRIGGER/indexes  as above
//
// with an attribute "offset" of the indexes, the time of the first event,
// negative, and the header fields as attributes of the root. Packed, the
// events are in chunks of 16,384; a chunk that ECF cannot hold (columns or rows
// from 2,048 on, times that step back) is stored as it is, which HDF5 libraries
// read and Prophesee's own software, as of version 5, does not.
type propheseeEncoder struct {
	output
	packed   bool
	events   *dataset
	triggers *dataset
	indexes  [2]timeIndex // of events and of triggers
	chunk    []byte
}

const (
	ecfRows   = 16384
	plainRows = 1024
	indexRows = 1024
)

var (
	eventType = h5.Type{Class: h5.Compound, Size: ecf.RecordSize, Members: []h5.Member{
		{Name: "x", Type: h5.Type{Class: h5.Uint, Size: 2}}, {Name: "y", Offset: 2, Type: h5.Type{Class: h5.Uint, Size: 2}},
		{Name: "p", Offset: 4, Type: h5.Type{Class: h5.Int, Size: 2}}, {Name: "t", Offset: 8, Type: h5.Type{Class: h5.Int, Size: 8}},
	}}
	triggerType = h5.Type{Class: h5.Compound, Size: 24, Members: []h5.Member{
		{Name: "p", Type: h5.Type{Class: h5.Int, Size: 2}}, {Name: "t", Offset: 8, Type: h5.Type{Class: h5.Int, Size: 8}},
		{Name: "id", Offset: 16, Type: h5.Type{Class: h5.Int, Size: 2}},
	}}
	indexType = h5.Type{Class: h5.Compound, Size: 16, Members: []h5.Member{
		{Name: "id", Type: h5.Type{Class: h5.Uint, Size: 8}}, {Name: "ts", Offset: 8, Type: h5.Type{Class: h5.Int, Size: 8}},
	}}
)

func createProphesee(s *format.Sink, packed bool) (format.Encoder, error) {
	o, err := newOutput(s)
	if err != nil {
		return nil, err
	}
	e := &propheseeEncoder{output: o, packed: packed}
	if packed {
		e.events = newDataset(&e.output, eventType, ecfRows, h5.ECF())
		e.chunk = make([]byte, 0, ecfRows*ecf.RecordSize)
	} else {
		e.events = newDataset(&e.output, eventType, plainRows)
	}
	e.triggers = newDataset(&e.output, triggerType, plainRows)
	for i := range e.indexes {
		e.indexes[i].d = newDataset(&e.output, indexType, indexRows)
		e.indexes[i].ts, e.indexes[i].before = -1, -1
	}
	return e, nil
}

func (e *propheseeEncoder) start(dst []byte) []byte {
	if e.packed {
		return e.begin(dst, noteECF)
	}
	return e.begin(dst, notePlain)
}

func (e *propheseeEncoder) Events(dst []byte, events []pipeline.Event) []byte {
	dst = e.start(dst)
	d := e.events
	for i := range events {
		v := &events[i]
		dst = e.indexes[0].add(dst, v.T)
		d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(v.X)|uint64(v.Y)<<16|uint64(v.P)<<32)
		d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(v.T))
		if d.n++; d.full() {
			dst = e.s.Spill(e.flush(dst))
		}
	}
	return dst
}

// flush writes the events in hand as a chunk.
func (e *propheseeEncoder) flush(dst []byte) []byte {
	d := e.events
	if !e.packed || !ecf.Fits(d.buf) {
		if len(d.buf) == 0 {
			return dst
		}
		from := len(d.buf)
		d.buf = d.buf[:cap(d.buf)]
		clear(d.buf[from:])
		return d.write(dst, d.buf, !e.packed)
	}
	e.chunk = ecf.Encode(e.chunk[:0], d.buf)
	return d.write(dst, e.chunk, true)
}

// Side writes triggers.
func (e *propheseeEncoder) Side(dst []byte, s *format.Side) []byte {
	if s.Kind != format.Trigger || s.Code > 1<<15-1 {
		e.s.Lose(s)
		return dst
	}
	dst = e.start(dst)
	d := e.triggers
	dst = e.indexes[1].add(dst, s.T)
	d.buf = binary.LittleEndian.AppendUint64(d.buf, s.Value&1)
	d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(s.T))
	d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(s.Code))
	return d.added(dst)
}

func (e *propheseeEncoder) Finish(dst []byte) []byte {
	dst = e.flush(e.start(dst))
	dst = e.triggers.flush(dst)
	w := h5.NewWriter(0)
	root := w.Root()
	if info := e.s.Info; info.Width > 0 && info.Height > 0 {
		root.Attr("geometry", h5.Strings(nil, []string{geometry(info.Width, info.Height)}))
	}
	root.Attr("version", h5.Strings(nil, []string{"1.0"}))
	e.header(root, "version")
	for i, name := range []string{"CD", "EXT_TRIGGER"} {
		g := root.Group(name)
		g.Put("events", [2]*dataset{e.events, e.triggers}[i].values())
		dst = e.indexes[i].finish(dst)
		g.Put("indexes", e.indexes[i].values())
	}
	return e.finish(dst, w)
}

// timeIndex is an index of times: an entry for each 2 ms since the first
// event. It leads to the last event that an entry before it was made for, so a
// search from there misses nothing.
type timeIndex struct {
	d          *dataset
	n          uint64 // events so far
	offset     int64  // time of the first, µs
	id, last   uint64 // event that the last entry was made for, and the one before it
	ts, before int64  // their times since offset
	leapt      bool
}

const indexPeriod = 2000 // µs

// add takes the next event to account.
func (x *timeIndex) add(dst []byte, t int64) []byte {
	if x.n == 0 {
		x.offset = t
	}
	t -= x.offset
	x.leapt = x.leapt || t/indexPeriod-int64(x.d.n) > maxLeap
	for t >= 0 && t/indexPeriod+1 > int64(x.d.n) && !x.leapt {
		if x.n != x.id {
			x.last, x.before = x.id, x.ts
		}
		dst = x.entry(dst, x.last, x.before)
		x.id, x.ts = x.n, t
	}
	x.n++
	return dst
}

func (x *timeIndex) entry(dst []byte, id uint64, ts int64) []byte {
	x.d.buf = binary.LittleEndian.AppendUint64(x.d.buf, id)
	x.d.buf = binary.LittleEndian.AppendUint64(x.d.buf, uint64(ts))
	return x.d.added(dst)
}

// finish writes the last entry.
func (x *timeIndex) finish(dst []byte) []byte {
	if x.n > 0 && !x.leapt {
		dst = x.entry(dst, x.id, x.ts)
	}
	return x.d.flush(dst)
}

func (x *timeIndex) values() h5.Values {
	return x.d.values().With("offset", h5.Strings(nil, []string{strconv.FormatInt(-x.offset, 10)}))
}
