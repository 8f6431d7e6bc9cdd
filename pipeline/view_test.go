package pipeline_test

import (
	"testing"

	"ganglion/pipeline"
)

func TestViewsNestFromTheSensorInwards(t *testing.T) {
	t.Parallel()
	crop := pipeline.View{XX: 1, YY: 1, X: 10, Y: 20}
	half := pipeline.View{XX: 2, YY: 2}
	turned := pipeline.View{XY: 1, YX: -1, Y: 100} // a layer's column is a row of the sensor
	for name, c := range map[string]struct {
		v    pipeline.View
		x, y float64
	}{
		"none":              {pipeline.View{}, 3, 4},
		"a corner":          {crop, 13, 24},
		"a corner, coarse":  {crop.Of(half), 16, 28},
		"coarse, a corner":  {half.Of(crop), 26, 48},
		"turned":            {turned, 4, 97},
		"turned in a crop":  {crop.Of(turned), 14, 117},
		"a crop of nothing": {pipeline.View{}.Of(crop), 13, 24},
		"nothing in a crop": {crop.Of(pipeline.View{}), 13, 24},
	} {
		if x, y := c.v.At(3, 4); x != c.x || y != c.y {
			t.Errorf("%s: (%v, %v), want (%v, %v)", name, x, y, c.x, c.y)
		}
	}
	if x, y := crop.Of(half).Way(3, 4); x != 6 || y != 8 {
		t.Errorf("a velocity becomes (%v, %v)", x, y)
	}
}
