package recording

import (
	"encoding/binary"
	"testing"

	"ganglion/pipeline"
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

// evt4Sample is a recording of n events, in vectors and single words.
func evt4Sample(n int) []byte {
	var words []uint32
	high := int64(-1)
	events := sampleEvents(n)
	for i := 0; i < len(events); {
		e := events[i]
		if h := e.T >> lowBits; h != high {
			words = append(words, evt4High<<28|uint32(h))
			high = h
		}
		mask := uint32(0)
		last := e.X
		for ; i < len(events); i++ {
			f := events[i]
			if f.T != e.T || f.Y != e.Y || f.P != e.P || f.X < last || f.X-e.X > 31 || f.X == last && mask != 0 {
				break
			}
			mask |= 1 << (f.X - e.X)
			last = f.X
		}
		w := uint32(e.T&lowMask)<<22 | uint32(e.X)<<11 | uint32(e.Y)
		if mask == 1 {
			words = append(words, (evt4Off+uint32(e.P))<<28|w)
		} else {
			words = append(words, (evt4VectorOff+uint32(e.P))<<28|w, mask)
		}
	}
	return words4(words...)
}

func TestEVT4SampleHoldsTheEventsItWasMadeOf(t *testing.T) {
	evtCase{data: evt4Sample(2000), events: sampleEvents(2000)}.check(t)
}

func TestEVT4Words(t *testing.T) {
	const x5y6 = 5<<11 | 6
	tests := []evtCase{
		{
			name: "single events and vectors",
			data: words4(0xE000_0002, 0xB000_0000|63<<22|x5y6, 0xC000_0000|x5y6, 0x8000_0001),
			events: []pipeline.Event{
				{T: 2*64 + 63, X: 5, Y: 6, P: 1}, {T: 2 * 64, X: 5, Y: 6}, {T: 2 * 64, X: 36, Y: 6},
			},
		},
		{
			name:   "nothing is emitted before the first TIME_HIGH",
			data:   words4(0xB000_0000|x5y6, 0xD000_0000|x5y6, 0xE000_0001, 0xFFFF_FFFF, 0xE000_0000, 0xA000_0000|x5y6),
			events: []pipeline.Event{{X: 5, Y: 6}},
			damage: map[string]uint64{"before_time_high": 2},
		},
		{
			name:   "time starts over after 2^34 µs",
			data:   words4(0xEFFF_FFFF, 0xA000_0000|x5y6, 0xE000_0000, 0xA000_0000|x5y6),
			events: []pipeline.Event{{T: 1<<34 - 64, X: 5, Y: 6}, {T: 1 << 34, X: 5, Y: 6}},
		},
		{
			name:   "a jump is reported",
			data:   words4(0xE000_0000, 0xE000_0010, 0xA000_0000|x5y6),
			events: []pipeline.Event{{T: 1024, X: 5, Y: 6}},
			damage: map[string]uint64{"non_continuous_time_high": 1},
		},
		{
			name:   "triggers, vendor words and padding",
			data:   words4(0xE000_0001, 0x9040_0301, 0x6000_0014, 0x7012_3456, 0xFFFF_FFFF, 0xA000_0000|x5y6),
			events: []pipeline.Event{{T: 64, X: 5, Y: 6}},
			side: []Side{
				{Kind: Trigger, T: 65, Code: 3, Value: 1},
				{Kind: Special, T: 64, Code: 0x14, Value: 0x12_3456, Bits: 28},
			},
		},
		{
			name:   "words that mean nothing are counted",
			data:   words4(0xE000_0000, 0x7000_0000, 0x1000_0000, 0xA000_0000|x5y6),
			events: []pipeline.Event{{X: 5, Y: 6}},
			damage: map[string]uint64{"stray_continued": 1, "unknown_word": 1},
		},
		{
			name:   "addresses outside the sensor are delivered and counted",
			data:   words4(0xE000_0000, 0xC000_0000|239<<11, 3, 0xA000_0000|180),
			events: []pipeline.Event{{X: 239}, {X: 240}, {Y: 180}},
			damage: map[string]uint64{"out_of_range_x": 1, "out_of_range_y": 1},
		},
		{
			name:   "a vector that breaks off is truncation",
			data:   words4(0xE000_0000, 0xA000_0000|x5y6, 0xC000_0000|x5y6),
			events: []pipeline.Event{{X: 5, Y: 6}},
			damage: map[string]uint64{"truncated": 1},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.check)
	}
}
