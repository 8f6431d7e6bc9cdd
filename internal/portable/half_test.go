package portable

import (
	"math"
	"testing"
)

func TestHalvesAreWhatTheyAreWorth(t *testing.T) {
	t.Parallel()
	for b, want := range map[uint16]float64{
		0: 0, 1: 0x1p-24, 0x83ff: -0x1.ff8p-15, 0x0400: 0x1p-14, 0x3555: 0x1.554p-2, 0x3c00: 1, 0xc000: -2, 0x7bff: 65504,
		0x7c00: math.Inf(1), 0xfc00: math.Inf(-1),
	} {
		if got := float64(Half(b)); got != want {
			t.Errorf("%#x is %v, want %v", b, got, want)
		}
	}
	if got := Half(0x7e00); got == got {
		t.Errorf("0x7e00 is %v", got)
	}
}
