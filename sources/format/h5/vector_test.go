package h5

import (
	"bytes"
	"fmt"
	"testing"

	"ganglion/internal/asm/asmtest"
	h5 "ganglion/internal/hdf5"
	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

// Events, damage and where it lies are the same without the vector kernels, with
// polarities of every value and a few events outside the sensor.
func TestVectorKernelsGiveTheSameEvents(t *testing.T) {
	const n = 5003
	var xs, ys []uint16
	var ps []uint8
	var ts []uint32
	var want []pipeline.Event
	for i := range n {
		x, y, p := uint16(i*7%640), uint16(i*13%480), uint8(i%256)
		if i%1009 == 1008 {
			x, y = 640, 65535
		}
		xs, ys, ps, ts = append(xs, x), append(ys, y), append(ps, p), append(ts, uint32(3_000_000_000+i*i/7))
		e := pipeline.Event{T: int64(ts[i]) + 5_000_000_000, X: x, Y: y}
		if p > 0 && p < 255 {
			e.P = pipeline.On
		}
		want = append(want, e)
	}
	var all []byte
	for _, level := range []int{0, 1} { // stored in one piece, and in a chunk
		w := h5.NewWriter(level)
		g := w.Root().Group("events")
		g.Put("x", h5.Numbers([]int{n}, xs))
		g.Put("y", h5.Numbers([]int{n}, ys))
		g.Put("p", h5.Numbers([]int{n}, ps))
		g.Put("t", h5.Numbers([]int{n}, ts))
		w.Root().Put("t_offset", h5.Numbers(nil, []int64{5_000_000_000}))
		w.Root().Attr("width", h5.Numbers(nil, []int64{640}))
		w.Root().Attr("height", h5.Numbers(nil, []int64{480}))
		var file bytes.Buffer
		if _, err := w.WriteTo(&file); err != nil {
			t.Fatal(err)
		}
		all = appendEvents(t, all, file.Bytes(), want)
	}
	for _, name := range []string{"hdf5-ecf", "hdf5-prophesee"} {
		recorded := formattest.Events(20_000)
		info := formattest.Info
		info.Width, info.Height = info.Width/2, info.Height/2
		all = appendEvents(t, all, kit.Encode(t, name, info, &format.Block{Events: recorded}), recorded)
	}
	asmtest.Same(t, all)
}

// appendEvents appends what a recording holds, which must be these events and some
// outside the sensor.
func appendEvents(t *testing.T, all, file []byte, want []pipeline.Event) []byte {
	t.Helper()
	got := kit.MustDecode(t, file, "")
	if diff := formattest.DiffEvents(want, got.Events); diff != "" {
		t.Fatalf("-want +got:\n%s", diff)
	}
	if len(got.Damage) == 0 {
		t.Fatal("nothing is outside the sensor")
	}
	return fmt.Append(all, got.Events, got.Damage)
}
