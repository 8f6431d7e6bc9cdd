package evt

import "testing"

// TestHighTimeStartsOverAtItsBoundary lets TIME_HIGH fall by one less than a
// wrap takes and by as much, and lets words from before a wrap come late.
func TestHighTimeStartsOverAtItsBoundary(t *testing.T) {
	t.Parallel()
	const evt2, evt4 = evtWrap - 1<<lowBits - evt2WrapSlack, evtWrap / 2
	const top, half, slack = highMask, 1 << 27, 156 // units of 64 µs; 156 are below 10 ms
	for name, c := range map[string]struct {
		wrap  int64
		highs []uint32
		loops int64 // wraps so far
		delta int64 // of the last, unit 64 µs
	}{
		"the first is the start":               {evt4, []uint32{top}, 0, 0},
		"one step forward":                     {evt4, []uint32{5, 6}, 0, 1},
		"one step back":                        {evt4, []uint32{6, 5}, 0, -1},
		"a wrap":                               {evt4, []uint32{top, 0}, 1, 1},
		"half the range is the least wrap":     {evt4, []uint32{half + 5, 5}, 1, half},
		"one less than half is a step back":    {evt4, []uint32{half + 4, 5}, 0, 1 - half},
		"late from before the wrap, by half":   {evt4, []uint32{top, 7, half + 7}, 0, -half},
		"one less than half is a step forward": {evt4, []uint32{top, 7, half + 6}, 1, half - 1},
		"nothing is from before the start":     {evt4, []uint32{0, half}, 0, half},
		"EVT2's wrap has little slack":         {evt2, []uint32{top - slack, 0}, 1, 1 + slack},
		"and with one more is none":            {evt2, []uint32{top - slack, 1}, 0, slack + 1 - top},
	} {
		h := newHighTime(1000, c.wrap)
		var delta int64
		for _, high := range c.highs {
			delta = h.set(high)
		}
		want := 1000 + c.loops*evtWrap + int64(c.highs[len(c.highs)-1])<<lowBits
		if h.base != want || delta != c.delta<<lowBits {
			t.Errorf("%s: time %d and a step of %d µs, want %d and %d", name, h.base, delta, want, c.delta<<lowBits)
		}
	}
}
