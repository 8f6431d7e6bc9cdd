package aedat

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

// aedat3File makes recordings of version 3.1; there is no encoder.
type aedat3File []byte

func newAEDAT3(source string) aedat3File {
	return aedat3File("#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: " + source +
		"\r\n#Start-Time: 2017-01-01 12:00:00 (TZ+0100)\r\n#!END-HEADER\r\n")
}

// packet appends a packet of records with the given time overflow and room for
// spare more records.
func (f aedat3File) packet(kind, overflow, spare int, records ...[]byte) aedat3File {
	size := len(records[0])
	timeAt := 4
	switch kind {
	case aedat3Frames:
		timeAt = 12
	case aedat3Config:
		timeAt = 6
	}
	f = binary.LittleEndian.AppendUint16(f, uint16(kind))
	f = binary.LittleEndian.AppendUint16(f, 1)
	for _, v := range []int{size, timeAt, overflow, len(records) + spare, len(records), len(records)} {
		f = binary.LittleEndian.AppendUint32(f, uint32(v))
	}
	for _, r := range records {
		f = append(f, r...)
	}
	return append(f, make([]byte, spare*size)...)
}

func le32(words ...uint32) (b []byte) {
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// polarity3 is a valid polarity record.
func polarity3(e pipeline.Event) []byte {
	return le32(1|uint32(e.P)<<1|uint32(e.Y)<<2|uint32(e.X)<<17, uint32(e.T&math.MaxInt32))
}

// floats3 is a valid IMU record.
func floats3(t uint32, values ...float32) []byte {
	b := le32(1, t)
	for _, v := range values {
		b = append(b, le32(math.Float32bits(v))...)
	}
	return b
}

// frame3 is a valid frame record of width x 1 pixels at 3, 4.
func frame3(t, width uint32, pixels ...uint16) []byte {
	b := le32(1|1<<1, t-2, t+2, t, t+1, width, 1, 3, 4)
	for _, p := range pixels {
		b = binary.LittleEndian.AppendUint16(b, p)
	}
	return b
}

func TestAEDAT3Packets(t *testing.T) {
	t.Parallel()
	e := []pipeline.Event{{T: 5, X: 239, Y: 179, P: 1}, {T: 6, X: 1, Y: 2}}
	good := newAEDAT3("DAVIS240C")
	two := func(f aedat3File) aedat3File { return f.packet(aedat3Polarity, 0, 0, polarity3(e[0]), polarity3(e[1])) }
	clip := func(f aedat3File) aedat3File { return slices.Clip(f) }
	wrongCapacity := two(good)
	binary.LittleEndian.PutUint32(wrongCapacity[len(good)+16:], 1<<20)
	noTime := polarity3(e[0])
	noTime[7] |= 0x80
	for _, c := range []formattest.Case{
		{
			Name:   "polarity records are events",
			Data:   two(good),
			Events: e,
		}, {
			Name:   "the overflow counts 2^31 µs each",
			Data:   clip(good).packet(aedat3Polarity, 2, 0, polarity3(e[0])),
			Events: []pipeline.Event{{T: 2<<31 + 5, X: 239, Y: 179, P: 1}},
		}, {
			Name:   "invalid records and spare room are passed over",
			Data:   two(clip(good).packet(aedat3Polarity, 0, 100, le32(0, 0), polarity3(e[0]))),
			Events: []pipeline.Event{e[0], e[0], e[1]},
		}, {
			Name:   "a negative time is damage",
			Data:   clip(good).packet(aedat3Polarity, 0, 0, noTime, polarity3(e[1])),
			Events: e[1:],
			Damage: map[string]uint64{"negative_time": 1},
		}, {
			Name:   "an address outside the sensor is delivered and counted",
			Data:   clip(good).packet(aedat3Polarity, 0, 0, polarity3(pipeline.Event{X: 240, Y: 32767})),
			Events: []pipeline.Event{{X: 240, Y: 32767}},
			Damage: map[string]uint64{"out_of_range_x": 1, "out_of_range_y": 1},
		}, {
			Name:   "a packet behind rubbish is found",
			Data:   two(append(two(good), "rubbish that is longer than a packet header"...)),
			Events: slices.Concat(e, e),
			Damage: map[string]uint64{"bad_packet_header": 1},
		}, {
			Name:   "a damaged capacity does not take the next packet with it",
			Data:   two(wrongCapacity),
			Events: slices.Concat(e, e),
		}, {
			Name:   "a packet that is cut off gives its whole records",
			Data:   two(good)[:len(good)+aedat3Header+12],
			Events: e[:1],
			Damage: map[string]uint64{"truncated": 1},
		}, {
			Name: "edges are triggers, other special events keep their data",
			Data: clip(good).packet(aedat3Special, 0, 0, le32(1|2<<1, 10), le32(1|3<<1, 11), le32(1|9<<1, 12), le32(1|1<<1|99<<8, 13)),
			Side: []format.Side{
				{Kind: format.Trigger, T: 10, Value: 1}, {Kind: format.Trigger, T: 11}, {Kind: format.Trigger, T: 12, Code: 2, Value: 1},
				{Kind: format.Special, T: 13, Code: 1, Value: 99, Bits: 24, Reset: true},
			},
		}, {
			Name: "IMU6 and IMU9 are samples in physical units",
			Data: clip(good).packet(aedat3IMU6, 0, 0, floats3(7, 1, 2, 3, 4, 5, 6, 20)).packet(aedat3IMU9, 0, 0,
				floats3(8, 1, 2, 3, 4, 5, 6, 20, 7, 8, 9)),
			Side: []format.Side{
				{Kind: format.IMUSample, T: 7, IMU: &format.IMU{Accel: [3]float32{1, 2, 3}, Gyro: [3]float32{4, 5, 6}, Temperature: 20}},
				{Kind: format.IMUSample, T: 8, IMU: &format.IMU{Accel: [3]float32{1, 2, 3}, Gyro: [3]float32{4, 5, 6}, Temperature: 20,
					Mag: [3]float32{7, 8, 9}}},
			},
		}, {
			Name: "a frame keeps its times, place and pixels",
			Data: clip(good).packet(aedat3Frames, 1, 0, frame3(100, 2, 1, 2, 3)),
			Side: []format.Side{{Kind: format.FrameImage, T: 1<<31 + 100, Frame: &format.Frame{
				Start: 1<<31 + 98, End: 1<<31 + 102, ExposureStart: 1<<31 + 100, ExposureEnd: 1<<31 + 101,
				X: 3, Y: 4, Width: 2, Height: 1, PixelFormat: 2, Pixels: []byte{1, 0, 2, 0},
			}}},
		}, {
			Name:   "a frame of more pixels than there are is damage",
			Data:   clip(good).packet(aedat3Frames, 0, 0, frame3(100, 4, 1, 2, 3)),
			Damage: map[string]uint64{"bad_frame": 1},
		}, {
			Name: "records of other types are kept",
			Data: clip(good).packet(12, 0, 0, le32(3, 21)),
			Side: []format.Side{{Kind: format.Special, T: 21, Code: 12 << 8, Data: le32(3, 21)}},
		},
	} {
		t.Run(c.Name, func(t *testing.T) { c.Check(t, kit) })
	}
}

func TestAEDAT3TakesTheSizeFromItsSource(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][2]int{"DVS128": {128, 128}, "DAVIS346B": {346, 260}, "Dynapse": {0, 0}} {
		got := kit.MustDecode(t, newAEDAT3(source).packet(aedat3Polarity, 0, 0, polarity3(pipeline.Event{T: 1})), "")
		if size := [2]int{got.Info.Width, got.Info.Height}; size != want {
			t.Errorf("%s: %v, want %v", source, size, want)
		}
		if got.Info.Header.Get("Format") != "RAW" {
			t.Errorf("header %v", got.Info.Header)
		}
	}
}

func TestReadingAEDAT3SideDataAllocatesNothing(t *testing.T) {
	f := newAEDAT3("DAVIS240C")
	for i := range uint32(50_000) {
		f = f.packet(aedat3IMU6, 0, 0, floats3(i, 1, 2, 3, 4, 5, 6, 7)).packet(aedat3Frames, 0, 0, frame3(i+2, 2, 7, 8))
	}
	r, err := kit.NewReader(bytes.NewReader(f), "bytes", formattest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := format.NewBlock(64)
	read := func() {
		if err := r.Read(b); err != nil || len(b.Side) == 0 {
			t.Fatal(err, len(b.Side))
		}
	}
	for range 5 {
		read()
	}
	if n := testing.AllocsPerRun(10, read); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if diff := cmp.Diff(uint64(0), uint64(len(r.Damage()))); diff != "" {
		t.Error(r.Damage())
	}
}
