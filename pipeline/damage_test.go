package pipeline_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

func TestDamageIsCountedByKindInOrderOfFirstOccurrence(t *testing.T) {
	var r pipeline.DamageReport
	r.Add("out_of_range_x", 1024, 10, 1)
	r.Add("time_back", 2048, 20, 2)
	r.Add("out_of_range_x", 4096, 30, 3)
	want := []pipeline.Damage{
		{Offset: 1024, Kind: "out_of_range_x", Count: 4, FirstUS: 10, LastUS: 30},
		{Offset: 2048, Kind: "time_back", Count: 2, FirstUS: 20, LastUS: 20},
	}
	if d := cmp.Diff(want, r.List()); d != "" {
		t.Error(d)
	}
	if s := r.List()[0].String(); s != "out_of_range_x x4 at byte 1024 (10..30 µs)" {
		t.Error(s)
	}
	if n := testing.AllocsPerRun(10, func() { r.Add("time_back", 0, 0, 1) }); n != 0 {
		t.Errorf("%v allocations for a known kind", n)
	}
}

func TestDeliveryErrorsTellTheirCountAndCause(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"after 3 detections: short write":            &pipeline.PartialWriteError{Written: 3, Err: io.ErrShortWrite},
		"lost 2 accepted detections: short write":    &pipeline.LostError{Lost: 2, Err: io.ErrShortWrite},
		"sink: after 0 detections: short write":      fmt.Errorf("sink: %w", &pipeline.PartialWriteError{Err: io.ErrShortWrite}),
		"sink: lost 1 accepted detections: short wr": fmt.Errorf("sink: %w", &pipeline.LostError{Lost: 1, Err: io.ErrShortWrite}),
	} {
		if got := err.Error(); got[:len(want)] != want || !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
