package evt

import (
	"encoding/binary"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

const evt4Head = "% evt 4.0\n% format EVT4;height=180;width=240\n% end\n"

// words4 makes an EVT4 recording of 240x180 from its words.
func words4(words ...uint32) []byte {
	b := []byte(evt4Head)
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

func TestEVT4SampleHoldsTheEventsItWasMadeOf(t *testing.T) {
	t.Parallel()
	formattest.Case{Data: formattest.EVT4(2000), Events: formattest.Events(2000)}.Check(t, kit)
}

func TestEVT4Words(t *testing.T) {
	t.Parallel()
	const x5y6 = 5<<11 | 6
	tests := []formattest.Case{
		{
			Name: "single events and vectors",
			Data: words4(0xE000_0002, 0xB000_0000|63<<22|x5y6, 0xC000_0000|x5y6, 0x8000_0001),
			Events: []pipeline.Event{
				{T: 2*64 + 63, X: 5, Y: 6, P: 1}, {T: 2 * 64, X: 5, Y: 6}, {T: 2 * 64, X: 36, Y: 6},
			},
		},
		{
			Name:   "nothing is emitted before the first TIME_HIGH",
			Data:   words4(0xB000_0000|x5y6, 0xD000_0000|x5y6, 0xE000_0001, 0xFFFF_FFFF, 0xE000_0000, 0xA000_0000|x5y6),
			Events: []pipeline.Event{{X: 5, Y: 6}},
			Damage: map[string]uint64{"before_time_high": 2},
		},
		{
			Name:   "time starts over after 2^34 µs",
			Data:   words4(0xEFFF_FFFF, 0xA000_0000|x5y6, 0xE000_0000, 0xA000_0000|x5y6),
			Events: []pipeline.Event{{T: 1<<34 - 64, X: 5, Y: 6}, {T: 1 << 34, X: 5, Y: 6}},
		},
		{
			Name:   "a jump is reported",
			Data:   words4(0xE000_0000, 0xE000_0010, 0xA000_0000|x5y6),
			Events: []pipeline.Event{{T: 1024, X: 5, Y: 6}},
			Damage: map[string]uint64{"non_continuous_time_high": 1},
		},
		{
			Name:   "triggers, vendor words and padding",
			Data:   words4(0xE000_0001, 0x9040_0301, 0x6000_0014, 0x7012_3456, 0xFFFF_FFFF, 0xA000_0000|x5y6),
			Events: []pipeline.Event{{T: 64, X: 5, Y: 6}},
			Side: []format.Side{
				{Kind: format.Trigger, T: 65, Code: 3, Value: 1},
				{Kind: format.Special, T: 64, Code: 0x14, Value: 0x12_3456, Bits: 28},
			},
		},
		{
			Name:   "words that mean nothing are counted",
			Data:   words4(0xE000_0000, 0x7000_0000, 0x1000_0000, 0xA000_0000|x5y6),
			Events: []pipeline.Event{{X: 5, Y: 6}},
			Damage: map[string]uint64{"stray_continued": 1, "unknown_word": 1},
		},
		{
			Name:   "addresses outside the sensor are delivered and counted",
			Data:   words4(0xE000_0000, 0xC000_0000|239<<11, 3, 0xA000_0000|180),
			Events: []pipeline.Event{{X: 239}, {X: 240}, {Y: 180}},
			Damage: map[string]uint64{"out_of_range_x": 1, "out_of_range_y": 1},
		},
		{
			Name:   "a vector that breaks off is truncation",
			Data:   words4(0xE000_0000, 0xA000_0000|x5y6, 0xC000_0000|x5y6),
			Events: []pipeline.Event{{X: 5, Y: 6}},
			Damage: map[string]uint64{"truncated": 1},
		},
	}
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) { tt.Check(t, kit) })
	}
}
