package h5

import (
	"encoding/binary"

	h5 "ganglion/internal/hdf5"
	"ganglion/pipeline"
	"ganglion/sources/format"
)

// DSEC's layout, as it is written (dsec.ifi.uzh.ch/data-format):
//
//	/events/x, y  uint16
//	/events/t     int64, µs since t_offset
//	/events/p     uint8, 1 is on
//	/ms_to_idx    uint64: entry k is the number of the first event at or after
//	              k ms; it is left out of a recording that leaps by more than
//	              maxLeap
//	/t_offset     int64, the time of the first event, µs
//
// in chunks of 32,768 rows, shuffled and deflated, so that every HDF5 library
// reads them without a plug-in. Attributes width and height of the root are as
// jAER writes them; header fields stand beside them.
type dsecEncoder struct {
	output
	x, y, t, p, ms *dataset
	n              int
	offset         int64
	leapt          bool
}

const (
	dsecRows = 1 << 15
	// maxLeap bounds how many entries of an index one event may cause: 70
	// minutes of DSEC's, 140 of Prophesee's.
	maxLeap = 1 << 22
)

func createDSEC(s *format.Sink) (format.Encoder, error) {
	o, err := newOutput(s)
	if err != nil {
		return nil, err
	}
	e := &dsecEncoder{output: o}
	for _, c := range []struct {
		d **dataset
		t h5.Type
	}{
		{&e.x, h5.Type{Class: h5.Uint, Size: 2}}, {&e.y, h5.Type{Class: h5.Uint, Size: 2}}, {&e.t, h5.Type{Class: h5.Int, Size: 8}},
		{&e.p, h5.Type{Class: h5.Uint, Size: 1}}, {&e.ms, h5.Type{Class: h5.Uint, Size: 8}},
	} {
		if *c.d, err = newDeflated(&e.output, c.t, dsecRows); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (e *dsecEncoder) Events(dst []byte, events []pipeline.Event) []byte {
	dst = e.begin(dst, "")
	for i := range events {
		v := &events[i]
		if e.n == 0 {
			e.offset = v.T
		}
		t := v.T - e.offset
		dst = e.index(dst, t)
		e.t.buf = binary.LittleEndian.AppendUint64(e.t.buf, uint64(t))
		e.x.buf = binary.LittleEndian.AppendUint16(e.x.buf, v.X)
		e.y.buf = binary.LittleEndian.AppendUint16(e.y.buf, v.Y)
		e.p.buf = append(e.p.buf, v.P)
		dst = e.p.added(e.y.added(e.x.added(e.t.added(dst))))
		e.n++
	}
	return dst
}

// index adds the entries of ms_to_idx up to a time.
func (e *dsecEncoder) index(dst []byte, t int64) []byte {
	if t/1000-int64(e.ms.n) > maxLeap {
		e.leapt = true
	}
	for !e.leapt && int64(e.ms.n) <= t/1000 && t >= 0 {
		e.ms.buf = binary.LittleEndian.AppendUint64(e.ms.buf, uint64(e.n))
		dst = e.ms.added(dst)
	}
	return dst
}

// Side drops what DSEC has no place for.
func (e *dsecEncoder) Side(dst []byte, s *format.Side) []byte {
	e.s.Lose(s)
	return dst
}

func (e *dsecEncoder) Finish(dst []byte) []byte {
	dst = e.begin(dst, "")
	w := h5.NewWriter(0)
	root := w.Root()
	if info := e.s.Info; info.Width > 0 && info.Height > 0 {
		root.Attr("width", h5.Numbers(nil, []int32{int32(info.Width)}))
		root.Attr("height", h5.Numbers(nil, []int32{int32(info.Height)}))
	}
	e.header(root)
	g := root.Group("events")
	for i, d := range []*dataset{e.p, e.t, e.x, e.y} {
		dst = d.flush(dst)
		g.Put([]string{"p", "t", "x", "y"}[i], d.values())
	}
	dst = e.ms.flush(dst)
	if !e.leapt {
		root.Put("ms_to_idx", e.ms.values())
	}
	root.Put("t_offset", h5.Numbers(nil, []int64{e.offset}))
	return e.finish(dst, w)
}
