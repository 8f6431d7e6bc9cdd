package small

import (
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

func TestNMNISTRecords(t *testing.T) {
	t.Parallel()
	data := []byte{
		3, 4, 0x80, 0x01, 0x00,
		5, 240, 0, 0, 0, // overflow
		6, 7, 0x7F, 0xFF, 0xFF,
		8, 9,
	}
	got := kit.MustDecode(t, data, "nmnist")
	want := formattest.Data{
		Info:   format.Info{Format: "nmnist", Width: 34, Height: 34},
		Events: []pipeline.Event{{T: 256, X: 3, Y: 4, P: 1}, {T: 1<<23 - 1 + 1<<13, X: 6, Y: 7}},
		Damage: []pipeline.Damage{{Offset: 15, Kind: "truncated", Count: 1, FirstUS: 1<<23 - 1 + 1<<13, LastUS: 1<<23 - 1 + 1<<13}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestNMNISTSizeIsTheSmallestSensorThatHoldsTheAddresses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		x, y, width, height int
	}{
		{33, 33, 34, 34}, {34, 0, 240, 180}, {239, 179, 240, 180}, {0, 180, 256, 240}, {255, 239, 256, 240},
	}
	for _, tt := range tests {
		got := kit.MustDecode(t, []byte{byte(tt.x), byte(tt.y), 0, 0, 1}, "nmnist")
		if got.Info.Width != tt.width || got.Info.Height != tt.height {
			t.Errorf("address %d,%d: sensor %dx%d", tt.x, tt.y, got.Info.Width, got.Info.Height)
		}
	}
}
