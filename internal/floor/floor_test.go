package floor_test

import (
	"testing"

	"ganglion/internal/floor"
)

func TestRoundingIsDownBelowZeroToo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ t, div, to, up int64 }{
		{-21, -3, -30, -20}, {-20, -2, -20, -20}, {-19, -2, -20, -10}, {-1, -1, -10, 0},
		{0, 0, 0, 0}, {1, 0, 0, 10}, {9, 0, 0, 10}, {10, 1, 10, 10}, {11, 1, 10, 20},
	} {
		if mod := floor.Mod(c.t, 10); mod != c.t-c.to {
			t.Errorf("%d has %d beyond %d", c.t, mod, c.to)
		}
		if div, to, up := floor.Div(c.t, 10), floor.To(c.t, 10), floor.Up(c.t, 10); div != c.div || to != c.to || up != c.up {
			t.Errorf("%d by 10: %d, from %d to %d; want %d, from %d to %d", c.t, div, to, up, c.div, c.to, c.up)
		}
	}
}
