package formattest

import (
	"math/rand/v2"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// Info describes the recordings that tests write.
var Info = format.Info{Width: 240, Height: 180}

// Events are events that most formats can hold, with rows that are dense
// enough for vectors, equal times, and gaps.
func Events(n int) []pipeline.Event {
	r := rand.New(rand.NewPCG(1, 2))
	events := make([]pipeline.Event, 0, n+240)
	t := int64(100)
	for len(events) < n {
		t += int64(r.IntN(300))
		y, p := uint16(r.IntN(180)), uint8(r.IntN(2))
		density := r.IntN(8)
		for x := uint16(0); x < 240; x++ {
			if r.IntN(20) < density*density/10+1 && r.IntN(6) == 0 || density == 7 {
				events = append(events, pipeline.Event{T: t, X: x, Y: y, P: p})
			}
		}
	}
	return events[:n]
}

// DenseInfo is the sensor of [DenseEvents].
var DenseInfo = format.Info{Width: 1280, Height: 720}

// DenseEvents are events of whole rows that fire, as in a flicker or a fast
// pan: half of the columns.
func DenseEvents(n int) []pipeline.Event {
	r := rand.New(rand.NewPCG(3, 4))
	events := make([]pipeline.Event, 0, n+1280)
	for t := int64(0); len(events) < n; t += 3 {
		y, p := uint16(r.IntN(720)), uint8(r.IntN(2))
		for x := uint16(0); x < 1280; x++ {
			if r.IntN(2) == 0 {
				events = append(events, pipeline.Event{T: t, X: x, Y: y, P: p})
			}
		}
	}
	return events
}

// MemFile is a file in memory, whose beginning can be filled in at the end.
type MemFile struct{ B []byte }

func (f *MemFile) Write(p []byte) (int, error) {
	f.B = append(f.B, p...)
	return len(p), nil
}

// WriteAt overwrites what is there.
func (f *MemFile) WriteAt(p []byte, at int64) (int, error) { return copy(f.B[at:], p), nil }

// DiscardFile is a file that keeps nothing.
type DiscardFile struct{}

func (DiscardFile) Write(p []byte) (int, error) { return len(p), nil }

// WriteAt keeps nothing either.
func (DiscardFile) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }

// Samples are recordings of formats that are only read, or cannot hold
// [Events], by the format's name.
func Samples() map[string]func(n int) []byte {
	return map[string]func(n int) []byte{"aedat1": aedat1, "aedat3": aedat3, "evt4": EVT4, "bs1": bs1, "rosbag": Bag, "db3": DB3, "mat": mat}
}
