package events

import (
	"fmt"
	"testing"

	"ganglion/encoders/filter"
	"ganglion/pipeline"
)

// TestEachNeuronLiesWhereItsPixelsAre sends an event of each pixel of the sensor: the
// view of the neuron that fires must cover the pixel.
func TestEachNeuronLiesWhereItsPixelsAre(t *testing.T) {
	t.Parallel()
	const width, height = 23, 14
	for i, c := range []Config{
		{Downsample: 1}, {Downsample: 3}, {Downsample: 1, ROI: Region{X: 4, Y: 5}},
		{Downsample: 2, ROI: Region{X: 4, Y: 5, Width: 9, Height: 7}},
		{Downsample: 1, Filters: []filter.Config{{Type: "crop", X: 3, Y: 2}}},
		{Downsample: 1, Filters: []filter.Config{{Type: "downsample", Factor: 2}}},
		{Downsample: 1, Filters: []filter.Config{{Type: "flip_x"}}}, {Downsample: 1, Filters: []filter.Config{{Type: "flip_y"}}},
		{Downsample: 1, Filters: []filter.Config{{Type: "transpose"}}}, {Downsample: 1, Filters: []filter.Config{{Type: "rotate"}}},
		{Downsample: 1, Filters: []filter.Config{{Type: "rotate", Degrees: 180}}},
		{Downsample: 1, Filters: []filter.Config{{Type: "rotate", Degrees: 270}}},
		{Downsample: 2, ROI: Region{X: 1, Y: 2}, Filters: []filter.Config{{Type: "crop", X: 3, Y: 2, Width: 16, Height: 10}, {Type: "rotate"},
			{Type: "downsample", Factor: 2}, {Type: "flip_y"}}},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			c.Polarity = "merge"
			e := build(t, c, width, height)
			v, columns, fired := e.View(), e.Shape()[2], 0
			for p := range width * height {
				var out pipeline.Spikes
				x, y := p%width, p/width
				b := pipeline.Batch{Events: []pipeline.Event{{X: uint16(x), Y: uint16(y)}}}
				if _, err := e.Encode(&b, &out); err != nil {
					t.Fatal(err)
				}
				if out.Len() == 0 {
					continue
				}
				fired++
				nx, ny := float64(int(out.IDs[0])%columns), float64(int(out.IDs[0])/columns)
				x0, y0 := v.At(nx, ny)
				x1, y1 := v.At(nx+1, ny+1)
				if cx, cy := float64(x)+.5, float64(y)+.5; cx < min(x0, x1) || cx > max(x0, x1) || cy < min(y0, y1) || cy > max(y0, y1) {
					t.Fatalf("pixel (%d, %d) fires neuron (%v, %v), which lies at (%v, %v) to (%v, %v)", x, y, nx, ny, x0, y0, x1, y1)
				}
			}
			if fired < 10 {
				t.Errorf("%d pixels fire", fired)
			}
		})
	}
}
