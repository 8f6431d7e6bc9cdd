package h5

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	h5 "ganglion/internal/hdf5"
	"ganglion/pipeline"
	"ganglion/sources/format/formattest"
)

// One row of four numbers is one event, and not four rows of one.
func TestAMatrixOfOneEventIsRead(t *testing.T) {
	t.Parallel()
	for _, level := range []int{0, 1} { // stored in one piece, and in a chunk
		w := h5.NewWriter(level)
		w.Root().Put("events", h5.Numbers([]int{1, 4}, []int64{1000, 3, 5, 1}))
		var file bytes.Buffer
		if _, err := w.WriteTo(&file); err != nil {
			t.Fatal(err)
		}
		r, err := kit.NewReader(bytes.NewReader(file.Bytes()), "events.h5", formattest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := formattest.Drain(r, 100)
		want := []pipeline.Event{{T: 1000, X: 3, Y: 5, P: 1}}
		if diff := formattest.DiffEvents(want, got.Events); diff != "" || err != nil || len(got.Damage) > 0 {
			t.Errorf("level %d: %v, damage %v, -want +got:\n%s", level, err, got.Damage, diff)
		}
	}
}

// A recording in more pieces than there are cameras is not read as its first piece.
func TestMoreTablesThanCamerasAreRefused(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{mostCameras: "", mostCameras + 1: "holds 17 or more tables of events"} {
		w := h5.NewWriter(0)
		events := w.Root().Group("events")
		for i := range n {
			g := events.Group(fmt.Sprintf("%05d", i))
			for _, name := range []string{"x", "y", "t", "p"} {
				g.Put(name, h5.Numbers([]int{3}, []uint16{uint16(i), 1, 1}))
			}
		}
		var file bytes.Buffer
		if _, err := w.WriteTo(&file); err != nil {
			t.Fatal(err)
		}
		_, err := kit.NewReader(bytes.NewReader(file.Bytes()), "events.h5", formattest.Options{})
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%d tables: %v, want %q", n, err, want)
		}
		r, err := kit.NewReader(bytes.NewReader(file.Bytes()), "events.h5", formattest.Options{Stream: "events/00003"})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := formattest.Drain(r, 100); err != nil || len(got.Events) != 3 || got.Events[0].X != 3 {
			t.Errorf("%d tables: %v, %v", n, got.Events, err)
		}
	}
}
