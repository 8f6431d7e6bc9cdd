package evt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const evt3Head = "% evt 3.0\n% geometry 640x480\n% end\n"

// words3 makes an EVT3 recording of 640x480 from its words.
func words3(words ...uint16) []byte {
	b := []byte(evt3Head)
	for _, w := range words {
		b = binary.LittleEndian.AppendUint16(b, w)
	}
	return b
}

// words2 makes an EVT2 recording of 640x480 from its words.
func words2(words ...uint32) []byte {
	b := []byte("% evt 2.0\n% geometry 640x480\n% end\n")
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

func TestEVT3Words(t *testing.T) {
	t.Parallel()
	tests := []formattest.Case{
		{
			Name: "single events keep row and time",
			Data: words3(0x8001, 0x6002, 0x0007, 0x2803, 0x2004),
			Events: []pipeline.Event{
				{T: 4098, X: 3, Y: 7, P: 1}, {T: 4098, X: 4, Y: 7},
			},
		},
		{
			Name: "a vector group holds 32 columns and moves the base",
			Data: words3(0x8000, 0x0001, 0x3810, 0x4001, 0x4800, 0x5081, 0x4002, 0x4000, 0x5000),
			Events: []pipeline.Event{
				{X: 16, Y: 1, P: 1}, {X: 16 + 23, Y: 1, P: 1}, {X: 16 + 24, Y: 1, P: 1}, {X: 16 + 31, Y: 1, P: 1},
				{X: 48 + 1, Y: 1, P: 1},
			},
		},
		{
			Name:   "single vector words are decoded and counted",
			Data:   words3(0x8000, 0x0001, 0x3000, 0x4001, 0x5001, 0x4001, 0x2005),
			Events: []pipeline.Event{{X: 0, Y: 1}, {X: 12, Y: 1}, {X: 20, Y: 1}, {X: 5, Y: 1}},
			Damage: map[string]uint64{"partial_vect_12_12_8": 3},
		},
		{
			Name:   "a new TIME_HIGH sets the low part to zero, the same one does not",
			Data:   words3(0x8001, 0x6FFF, 0x8001, 0x0000, 0x2001, 0x8002, 0x2002, 0x6001, 0x2003),
			Events: []pipeline.Event{{T: 8191, X: 1}, {T: 8192, X: 2}, {T: 8193, X: 3}},
		},
		{
			Name:   "a smaller TIME_LOW goes back and adds nothing",
			Data:   words3(0x8001, 0x6005, 0x0000, 0x2001, 0x6003, 0x2002),
			Events: []pipeline.Event{{T: 4101, X: 1}, {T: 4099, X: 2}},
		},
		{
			Name:   "time starts over after 2^24 µs",
			Data:   words3(0x8FFF, 0x0000, 0x2001, 0x8000, 0x2002),
			Events: []pipeline.Event{{T: 0xFFF000, X: 1}, {T: 1 << 24, X: 2}},
		},
		{
			Name:   "a wrap with lost words is still a wrap",
			Data:   words3(0x8FF0, 0x0000, 0x2001, 0x8010, 0x2002),
			Events: []pipeline.Event{{T: 0xFF0000, X: 1}, {T: 1<<24 | 0x10000, X: 2}},
			Damage: map[string]uint64{"non_continuous_time_high": 1},
		},
		{
			Name:   "a small step back is reported and is not a wrap",
			Data:   words3(0x8010, 0x0000, 0x2001, 0x800F, 0x2002, 0x8010, 0x2003),
			Events: []pipeline.Event{{T: 0x10000, X: 1}, {T: 0xF000, X: 2}, {T: 0x10000, X: 3}},
			Damage: map[string]uint64{"non_monotonic_time_high": 1},
		},
		{
			Name:   "a late word from before the wrap adds no loop",
			Data:   words3(0x8FFF, 0x8000, 0x0000, 0x2001, 0x8FFF, 0x2002, 0x8000, 0x2003),
			Events: []pipeline.Event{{T: 1 << 24, X: 1}, {T: 0xFFF000, X: 2}, {T: 1 << 24, X: 3}},
			Damage: map[string]uint64{"non_monotonic_time_high": 1},
		},
		{
			Name:   "a skipped TIME_HIGH is reported",
			Data:   words3(0x8001, 0x8003, 0x0000, 0x2001),
			Events: []pipeline.Event{{T: 3 << 12, X: 1}},
			Damage: map[string]uint64{"non_continuous_time_high": 1},
		},
		{
			Name:   "nothing is emitted before the first TIME_HIGH",
			Data:   words3(0x0001, 0x2001, 0xA001, 0x8000, 0x2002),
			Events: []pipeline.Event{{X: 2, Y: 1}},
			Damage: map[string]uint64{"before_time_high": 2},
		},
		{
			Name:   "an event without a row is dropped",
			Data:   words3(0x8000, 0x2001, 0x0001, 0x2002),
			Events: []pipeline.Event{{X: 2, Y: 1}},
			Damage: map[string]uint64{"missing_y_addr": 1},
		},
		{
			Name:   "grey-level rows hold no events",
			Data:   words3(0x8000, 0x1001, 0x2001, 0x3000, 0x4FFF, 0x4FFF, 0x50FF, 0x0001, 0x2002),
			Events: []pipeline.Event{{X: 2, Y: 1}},
		},
		{
			Name:   "a vector without base or beyond the sensor is reported",
			Data:   words3(0x8000, 0x0001, 0x4FFF, 0x4FFF, 0x50FF, 0x3000|630, 0x4001, 0x4000, 0x5000),
			Events: []pipeline.Event{{X: 630, Y: 1}},
			Damage: map[string]uint64{"invalid_vect_base": 2},
		},
		{
			Name:   "addresses outside the sensor are delivered and counted",
			Data:   words3(0x8000, 0x0001, 0x2000|640, 0x01E0, 0x2001),
			Events: []pipeline.Event{{X: 640, Y: 1}, {X: 1, Y: 480}},
			Damage: map[string]uint64{"out_of_range_x": 1, "out_of_range_y": 1},
		},
		{
			Name:   "triggers and vendor words lie between events",
			Data:   words3(0x8001, 0x6001, 0x0001, 0x2001, 0xA501, 0xE014, 0xF123, 0xF456, 0x7007, 0x2002, 0xE099),
			Events: []pipeline.Event{{T: 4097, X: 1, Y: 1}, {T: 4097, X: 2, Y: 1}},
			Side: []format.Side{
				{Kind: format.Trigger, T: 4097, Code: 5, Value: 1, Before: 1},
				{Kind: format.Special, T: 4097, Code: 0x14, Value: 0x7456123, Bits: 28, Before: 1},
				{Kind: format.Special, T: 4097, Code: 0x99, Before: 2},
			},
		},
		{
			Name: "a payload that breaks off is reported",
			Data: words3(0x8000, 0xE014, 0xF123, 0x0001, 0x7001),
			Side: []format.Side{{Kind: format.Special, Code: 0x14, Value: 0x123, Bits: 12}},
			Damage: map[string]uint64{
				"partial_continued_12_12_4": 2,
			},
		},
		{
			Name:   "reserved words are ignored",
			Data:   words3(0x8000, 0x0001, 0x9999, 0xB123, 0xC456, 0xD001, 0x2002),
			Events: []pipeline.Event{{X: 2, Y: 1}},
		},
		{
			Name:   "half a word at the end is truncation",
			Data:   append(words3(0x8000, 0x0001, 0x2002), 0x01),
			Events: []pipeline.Event{{X: 2, Y: 1}},
			Damage: map[string]uint64{"truncated": 1},
		},
	}
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) { tt.Check(t, kit) })
	}
}

func TestEVT2Words(t *testing.T) {
	t.Parallel()
	const x5y6 = 5<<11 | 6
	imu := []uint32{0xD040_0000 | 0xFFFF<<1, 0xF000_0000 | 2<<1, 0xF000_0000 | 3<<1, 0xF000_0000 | 4<<1, 0xF000_0000 | 5<<1,
		0xF000_0000 | 0x8000<<1}
	tests := []formattest.Case{
		{
			Name:   "events carry the low part of the time",
			Data:   words2(0x8000_0002, 0x1000_0000|63<<22|x5y6, 0x0000_0000|1<<22|x5y6),
			Events: []pipeline.Event{{T: 2*64 + 63, X: 5, Y: 6, P: 1}, {T: 2*64 + 1, X: 5, Y: 6}},
		},
		{
			Name:   "nothing is emitted before the first TIME_HIGH",
			Data:   words2(x5y6, 0xA000_0000, 0x8000_0000, x5y6),
			Events: []pipeline.Event{{X: 5, Y: 6}},
			Damage: map[string]uint64{"before_time_high": 2},
		},
		{
			Name:   "time starts over after 2^34 µs",
			Data:   words2(0x8FFF_FFFF, x5y6, 0x8000_0000, x5y6),
			Events: []pipeline.Event{{T: 1<<34 - 64, X: 5, Y: 6}, {T: 1 << 34, X: 5, Y: 6}},
		},
		{
			Name:   "a step back of hours is not a wrap",
			Data:   words2(0x8FFF_0000, x5y6, 0x8000_0000, x5y6),
			Events: []pipeline.Event{{T: 0xFFF_0000 << 6, X: 5, Y: 6}, {T: 0, X: 5, Y: 6}},
			Damage: map[string]uint64{"non_monotonic_time_high": 1},
		},
		{
			Name:   "a late word from before the wrap adds no loop",
			Data:   words2(0x8FFF_FFFF, 0x8000_0000, 0x8FFF_FFFF, x5y6, 0x8000_0000, x5y6),
			Events: []pipeline.Event{{T: 1<<34 - 64, X: 5, Y: 6}, {T: 1 << 34, X: 5, Y: 6}},
			Damage: map[string]uint64{"non_monotonic_time_high": 1},
		},
		{
			Name: "triggers, IMU samples and vendor words lie between events",
			Data: words2(append(append([]uint32{0x8000_0001, 0xA040_0301}, imu...), 0xE000_0014, 0xF012_3456, x5y6)...),
			Events: []pipeline.Event{
				{T: 64, X: 5, Y: 6},
			},
			Side: []format.Side{
				{Kind: format.Trigger, T: 65, Code: 3, Value: 1},
				{Kind: format.IMUSample, T: 65, IMU: &format.IMU{Accel: [3]float32{-1, 2, 3}, Gyro: [3]float32{4, 5, -32768}, Counts: true}},
				{Kind: format.Special, T: 64, Code: 0x14, Value: 0x12_3456, Bits: 28},
			},
		},
		{
			Name:   "an IMU sample that breaks off is reported",
			Data:   words2(0x8000_0000, imu[0], imu[1], x5y6),
			Events: []pipeline.Event{{X: 5, Y: 6}},
			Damage: map[string]uint64{"partial_imu": 1},
		},
		{
			Name:   "words that mean nothing are counted",
			Data:   words2(0x8000_0000, 0xF000_0000, 0x2000_0000, x5y6),
			Events: []pipeline.Event{{X: 5, Y: 6}},
			Damage: map[string]uint64{"stray_continued": 1, "unknown_word": 1},
		},
		{
			Name:   "addresses outside the sensor are delivered and counted",
			Data:   words2(0x8000_0000, 640<<11, 480),
			Events: []pipeline.Event{{X: 640}, {Y: 480}},
			Damage: map[string]uint64{"out_of_range_x": 1, "out_of_range_y": 1},
		},
	}
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) { tt.Check(t, kit) })
	}
}

// TestAnyTimesSurvive covers wraps, long gaps and steps back.
func TestAnyTimesSurvive(t *testing.T) {
	t.Parallel()
	reach := map[string]int64{"evt2": 1 << 43, "evt21": 1 << 43, "evt3": 1 << 32}
	for kind, far := range reach {
		t.Run(kind, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				at := rapid.Int64Range(-1<<50, 1<<50).Draw(t, "first time")
				floor := at &^ (1<<24 - 1)
				if kind != "evt3" {
					floor = at &^ (evtWrap - 1)
				}
				step := rapid.OneOf(
					rapid.Int64Range(-100, 100),
					rapid.Int64Range(-1<<13, 1<<25),
					rapid.Int64Range(-far/8, far),
				)
				var events []pipeline.Event
				for range rapid.IntRange(1, 20).Draw(t, "events") {
					events = append(events, pipeline.Event{T: at, X: 5, Y: 6})
					at = max(at+step.Draw(t, "step"), floor)
				}
				var buf bytes.Buffer
				w, err := kit.NewWriter(&buf, "buffer", kind, formattest.Info)
				if err != nil {
					t.Fatal(err)
				}
				if err := w.Write(events); err != nil {
					t.Fatal(err)
				}
				if err := w.Close(); err != nil || len(w.Lost()) > 0 {
					t.Fatalf("close: %v, lost %v", err, w.Lost())
				}
				got, err := kit.Decode(&buf, formattest.Options{}, 4096)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(events, got.Events); diff != "" {
					t.Fatalf("-written +read:\n%s", diff)
				}
			})
		})
	}
}

func TestSideDataSurvives(t *testing.T) {
	t.Parallel()
	trigger := format.Side{Kind: format.Trigger, T: 105, Code: 3, Value: 1, Before: 1}
	special := format.Side{Kind: format.Special, T: 110, Code: 0x14, Value: 0x7456123, Bits: 28, Before: 1}
	bare := format.Side{Kind: format.Special, T: 9000, Code: 0x15, Before: 2}
	imu := format.Side{Kind: format.IMUSample, T: 9001, IMU: &format.IMU{Accel: [3]float32{1, -2, 3}, Gyro: [3]float32{4, -5, 6},
		Counts: true}, Before: 2}
	tests := map[string][]format.Side{
		"evt3": {trigger, special, bare},
		"evt2": {trigger, special, bare, imu},
	}
	for kind, side := range tests {
		t.Run(kind, func(t *testing.T) {
			b := &format.Block{Events: []pipeline.Event{{T: 100, X: 1, Y: 1}, {T: 8999, X: 2, Y: 1}}, Side: side}
			got := kit.MustDecode(t, kit.Encode(t, kind, formattest.Info, b), kind)
			if diff := cmp.Diff(b.Events, got.Events); diff != "" {
				t.Errorf("events: -written +read:\n%s", diff)
			}
			if diff := cmp.Diff(side, got.Side); diff != "" {
				t.Errorf("side data: -written +read:\n%s", diff)
			}
		})
	}
}

func TestHeadersSurvive(t *testing.T) {
	t.Parallel()
	info := format.Info{Width: 320, Height: 240, Header: format.Header{{Key: "Date", Value: "2020-09-14 09:03:25"},
		{Key: "serial_number", Value: "7"}, {Key: "evt", Value: "9.9"}}}
	for _, kind := range []string{"evt2", "evt3"} {
		got := kit.MustDecode(t, kit.Encode(t, kind, info, &format.Block{Events: []pipeline.Event{{T: 1}}}), "")
		if got.Info.Width != 320 || got.Info.Height != 240 || got.Info.Header.Get("Date") != "2020-09-14 09:03:25" ||
			got.Info.Header.Get("serial_number") != "7" || got.Info.Format != kind {
			t.Errorf("%s: read %+v", kind, got.Info)
		}
	}
}

// The channel of a trigger has five bits.
func TestATriggerOfAChannelThatDoesNotFitIsLost(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"evt2", "evt3"} {
		channels := 32
		if kind == "evt3" {
			channels = 16
		}
		b := &format.Block{Events: []pipeline.Event{{T: 100}}, Side: []format.Side{
			{Kind: format.Trigger, T: 105, Code: uint32(channels - 1), Value: 1, Before: 1},
			{Kind: format.Trigger, T: 106, Code: uint32(channels), Value: 1, Before: 1},
		}}
		var file formattest.MemFile
		w, err := kit.NewWriter(&file, "memory", kind, formattest.Info)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.WriteBlock(b), w.Close()); err != nil {
			t.Fatal(err)
		}
		if lost := w.Lost(); len(lost) != 1 || lost[0].Count != 1 || lost[0].FirstUS != 106 {
			t.Errorf("%s: lost %v", kind, lost)
		}
	}
}
