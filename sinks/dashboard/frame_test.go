package dashboard

import (
	"encoding/binary"
	"math"
	"testing"

	"ganglion/pipeline"
)

func spikes(pairs ...[2]int64) *pipeline.Spikes {
	var s pipeline.Spikes
	for _, p := range pairs {
		s.Append(p[0], uint32(p[1]))
	}
	return &s
}

func look(f *frame, start, end int64, in *pipeline.Spikes) {
	f.add(&pipeline.Activity{Window: pipeline.Window{Start: start, End: end}, Input: in}, nil)
}

func double(b []byte, at int) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(b[at:]))
}

func TestEventsAreMarkedWithPolarityAndAge(t *testing.T) {
	f := newFrame(pipeline.Shape{2, 10, 20})
	look(f, 1000, 2000, spikes([2]int64{1000, 7}, [2]int64{1600, 200 + 3}))
	b := f.encodeEvents()
	if b[0] != eventsMessage || b[1] != 0 || binary.LittleEndian.Uint16(b[2:]) != 20 || binary.LittleEndian.Uint16(b[4:]) != 10 ||
		binary.LittleEndian.Uint32(b[8:]) != 2 || double(b, 16) != 1000 || double(b, 24) != 2000 || double(b, 32) != 2 {
		t.Errorf("header % x", b[:eventsHeader])
	}
	unit := int64(binary.LittleEndian.Uint32(b[12:]))
	for i, want := range []uint32{3<<8 | uint32(2+2*(600/unit)), 7<<8 | 1} {
		if got := binary.LittleEndian.Uint32(b[eventsHeader+4*i:]); got != want {
			t.Errorf("pixel %d: %#x, want %#x", i, got, want)
		}
	}
}

func TestABusyFrameTakesTwoBitsAPixel(t *testing.T) {
	f := newFrame(pipeline.Shape{2, 10, 20})
	var in pipeline.Spikes
	for id := range uint32(100) {
		in.Append(0, id)
	}
	for id := range uint32(100) {
		in.Append(1, 300+id)
	}
	look(f, 0, 10, &in)
	b := f.encodeEvents()
	if b[1] != 1 || len(b) != eventsHeader+50 {
		t.Fatalf("form %d of %d bytes", b[1], len(b))
	}
	for i, v := range b[eventsHeader:] {
		if want := map[bool]byte{true: 0x55, false: 0xaa}[i < 25]; v != want {
			t.Errorf("byte %d: %#x, want %#x", i, v, want)
		}
	}
}

func TestAFrameIsEmptyAfterReset(t *testing.T) {
	f := newFrame(pipeline.Shape{1, 10, 20})
	look(f, 0, 10, spikes([2]int64{5, 9}))
	f.reset()
	look(f, 20, 30, spikes())
	if b := f.encodeEvents(); len(b) != eventsHeader || double(b, 16) != 20 || double(b, 32) != 0 {
		t.Errorf("% x", b)
	}
}

func TestSoundAddsUpByBandAndCoarsensWhereItIsLong(t *testing.T) {
	f := newFrame(pipeline.Shape{2, 3}) // two thresholds of three bands
	look(f, 0, 20_000, spikes([2]int64{0, 1}, [2]int64{5_000, 4}, [2]int64{15_000, 2}))
	if got, want := f.sound.cells, []float32{0, 2, 0, 0, 0, 1}; len(got) != len(want) || got[1] != 2 || got[5] != 1 {
		t.Errorf("%v, want %v", got, want)
	}
	look(f, 20_000, 9_000_000, spikes([2]int64{8_999_999, 0}))
	if s := f.sound; len(s.cells)/3 > mostBins || s.bin != 40_000 || s.cells[1] != 2 || s.cells[2] != 1 {
		t.Errorf("%d bins of %d µs: %v", len(s.cells)/3, s.bin, s.cells[:6])
	}
}

func TestARasterThinsOutEvenly(t *testing.T) {
	var r raster
	r.add(0, 10, spikes([2]int64{1, 2})) // the first layer of a frame that is new
	if len(r.ids) != 1 || r.ids[0] != 2 {
		t.Errorf("%v", r.ids)
	}
	var in pipeline.Spikes
	for i := range int64(5 * mostSpikes) {
		in.Append(i, uint32(i))
	}
	r.add(2, 1<<20, &in)
	r.reset()
	r.add(2, 1<<20, &in)
	if len(r.ids) != mostSpikes || r.stride != 5 || r.ids[1]-r.ids[0] != 5 {
		t.Errorf("%d spikes, every %d", len(r.ids), r.stride)
	}
}

func TestAHistoryOfAnyLengthIsBoundedAndCountsAll(t *testing.T) {
	h := newHistory()
	const batches = 100_000
	for i := range int64(batches) {
		h.add(pipeline.Window{Start: 5_000_000 + i*10_000, End: 5_000_000 + (i+1)*10_000}, 3)
	}
	total := 0
	for _, n := range h.counts {
		total += int(n)
	}
	if total != 3*batches || len(h.counts) > mostPartsOf || h.first*h.bin > 5_000_000 || h.end != 5_000_000+batches*10_000 {
		t.Errorf("%d spikes in %d bins of %d µs from %d", total, len(h.counts), h.bin, h.first*h.bin)
	}
}

// TestNothingIsCopiedWhileNobodyLooks holds what the page costs when it is closed.
func TestNothingIsCopiedWhileNobodyLooks(t *testing.T) {
	s := newSink(t, NewDefaultConfig())
	s.frame = newFrame(pipeline.Shape{2, 10, 20})
	a := &pipeline.Activity{Window: pipeline.Window{Start: 0, End: 10}, Input: spikes([2]int64{5, 9})}
	if n := testing.AllocsPerRun(100, func() { s.Look(t.Context(), a, nil) }); n != 0 || s.frame.begun {
		t.Errorf("%v allocations, frame begun: %t", n, s.frame.begun)
	}
}
