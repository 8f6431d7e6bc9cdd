package h5

import (
	"bytes"
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
