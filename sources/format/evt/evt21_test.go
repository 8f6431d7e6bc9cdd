package evt

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

// words21 makes an EVT2.1 recording of 640x480 from its words, upper half
// first.
func words21(legacy bool, words ...uint64) []byte {
	head, turn := "% evt 2.1\n% format EVT21;endianness=little;height=480;width=640\n% end\n", 0
	if legacy {
		head, turn = "% evt 2.1\n% system_ID 48\n% geometry 640x480\n% end\n", 32
	}
	b := []byte(head)
	for _, w := range words {
		b = binary.LittleEndian.AppendUint64(b, bits.RotateLeft64(w, turn))
	}
	return b
}

func TestEVT21Words(t *testing.T) {
	t.Parallel()
	const x32y6 = (32<<11 | 6) << 32
	words := []uint64{
		0x8000_0002 << 32, 0x1000_0000<<32 | 63<<54 | x32y6 | 0x8000_0003, x32y6 | 1,
		0xA040_0301 << 32, 0xE000_0014<<32 | 0xF012_3456, 0xE001_0099 << 32, 0xE000_0015<<32 | 0x1234_5678, 0xF000_0000 << 32,
	}
	events := []pipeline.Event{
		{T: 191, X: 32, Y: 6, P: 1}, {T: 191, X: 33, Y: 6, P: 1}, {T: 191, X: 63, Y: 6, P: 1}, {T: 128, X: 32, Y: 6},
	}
	side := []format.Side{
		{Kind: format.Trigger, T: 129, Code: 3, Value: 1, Before: 4},
		{Kind: format.Special, T: 128, Code: 0x14, Value: 0x12_3456, Bits: 28, Before: 4},
		{Kind: format.Special, T: 128, Code: 0x1_0099, Before: 4},
		{Kind: format.Special, T: 128, Code: 0x15, Value: 0x1234_5678, Bits: 32, Before: 4},
	}
	tests := []formattest.Case{
		{Name: "little-endian words", Data: words21(false, words...), Events: events, Side: side},
		{Name: "legacy words of an old system", Data: words21(true, words...), Events: events, Side: side},
		{
			Name:   "nothing is emitted before the first TIME_HIGH",
			Data:   words21(false, x32y6|1, 0x8000_0000<<32, x32y6|1),
			Events: []pipeline.Event{{X: 32, Y: 6}},
			Damage: map[string]uint64{"before_time_high": 1},
		},
		{
			Name:   "time starts over after 2^34 µs and steps back are reported",
			Data:   words21(false, 0x8FFF_FFFF<<32, x32y6|1, 0x8000_0000<<32, 0x8000_0100<<32, 0x8000_0000<<32, x32y6|1),
			Events: []pipeline.Event{{T: 1<<34 - 64, X: 32, Y: 6}, {T: 1 << 34, X: 32, Y: 6}},
			Damage: map[string]uint64{"non_monotonic_time_high": 1},
		},
		{
			Name:   "addresses outside the sensor are delivered and counted, unknown words skipped",
			Data:   words21(false, 0x8000_0000<<32, 639<<43|3, 480<<32|1, 0x2000_0000<<32),
			Events: []pipeline.Event{{X: 639}, {X: 640}, {Y: 480}},
			Damage: map[string]uint64{"out_of_range_x": 1, "out_of_range_y": 1, "unknown_word": 1},
		},
	}
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) { tt.Check(t, kit) })
	}
}

func TestEVT21KeepsItsByteOrderAndSideData(t *testing.T) {
	t.Parallel()
	for _, endianness := range []string{"little", "legacy"} {
		info := format.Info{Width: 640, Height: 480, Header: format.Header{{Key: "system_ID", Value: "48"},
			{Key: "format", Value: "EVT21;endianness=" + endianness}}}
		side := []format.Side{
			{Kind: format.Trigger, T: 105, Code: 3, Value: 1, Before: 1},
			{Kind: format.Special, T: 110, Code: 0x14, Value: 0x7456123, Bits: 28, Before: 1},
			{Kind: format.Special, T: 111, Code: 0x15, Value: 0x7456_1234, Bits: 32, Before: 1},
			{Kind: format.Special, T: 112, Code: 0x16, Before: 1},
		}
		data := kit.Encode(t, "evt21", info, &format.Block{Events: []pipeline.Event{{T: 100, X: 3}, {T: 9000, X: 4}}, Side: side})
		if want := []byte("endianness=" + endianness); !bytes.Contains(data, want) {
			t.Errorf("the header does not say %s", want)
		}
		got := kit.MustDecode(t, data, "")
		if diff := cmp.Diff(side, got.Side); diff != "" {
			t.Errorf("%s: -written +read:\n%s", endianness, diff)
		}
		again := kit.Encode(t, "evt21", got.Info, &format.Block{Events: got.Events, Side: got.Side})
		if !bytes.Equal(again, data) {
			t.Errorf("%s: rewriting gives other bytes", endianness)
		}
	}
}

// TestFastEVT21TakesWordsUpToTheEdgeOfTheSensor: what is outside is left to the
// way that counts it.
func TestFastEVT21TakesWordsUpToTheEdgeOfTheSensor(t *testing.T) {
	t.Parallel()
	const width, height = 640, 480
	for _, c := range []struct {
		x, y uint64 // of a word whose last bit is set: its event is at x+31
		n    int
	}{{608, 0, 1}, {609, 0, 0}, {0, height - 1, 1}, {0, height, 0}} {
		out := make([]pipeline.Event, 32)
		src := binary.LittleEndian.AppendUint64(nil, (evt2On<<28|c.x<<11|c.y)<<32|1<<31)
		words, k := evt21Run(out, src, 0, 5, width, height)
		if words != c.n || k != c.n {
			t.Errorf("x %d, y %d: %d words with %d events, want %d", c.x, c.y, words, k, c.n)
		}
		if want := (pipeline.Event{T: 5, X: uint16(c.x) + 31, Y: uint16(c.y), P: 1}); c.n == 1 && out[0] != want {
			t.Errorf("%+v, want %+v", out[0], want)
		}
	}
}
