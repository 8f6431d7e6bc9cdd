package asm

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// event is as pipeline.Event, which this package does not know.
type event struct {
	t    int64
	x, y uint16
	p    uint8
}

// eventLengths are runs about the vectors.
const eventLengths = 40

// The kernels are held to plain loops: what they take, they take as those would,
// and they stop at the first that is not plain.
func TestEVT2WordsBecomeEvents(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for n := range eventLengths {
		for bad := -1; bad < n; bad++ {
			var src []byte
			var want []event
			for i := range n {
				x, y, p, low := random.Uint32N(640), random.Uint32N(480), random.Uint32N(2), random.Uint32N(64)
				want = append(want, event{1<<40 + int64(low), uint16(x), uint16(y), uint8(p)})
				if i == bad {
					x, y, p = [...]uint32{640, 0, 0}[n%3], [...]uint32{0, 480, 0}[n%3], [...]uint32{0, 0, 8}[n%3]
				}
				src = binary.LittleEndian.AppendUint32(src, p<<28|low<<22|x<<11|y)
			}
			out := make([]event, n)
			got := DecodeEVT2(out, src, 1<<40, 640, 480)
			good := n &^ (eventLanes - 1)
			if bad >= 0 {
				good = min(good, bad)
			}
			if !fast {
				good = 0
			}
			if got != good || !slices.Equal(out[:got], want[:got]) {
				t.Fatalf("%d words, the one at %d is another: %d, want %d", n, bad, got, good)
			}
		}
	}
}

func TestPairsOfEVT3BecomeEvents(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for n := range eventLengths {
		for bad := -1; bad < n; bad++ {
			var src []byte
			var want []event
			var begins []int
			now := int64(5<<12 | 7)
			for i := range n {
				if random.IntN(4) == 0 {
					low := random.Uint32N(1 << 12)
					now = now&^0xFFF | int64(low)
					src = binary.LittleEndian.AppendUint16(src, uint16(6<<12|low))
				}
				x, y, p := random.Uint32N(640), random.Uint32N(480), random.Uint32N(2)
				want = append(want, event{now, uint16(x), uint16(y), uint8(p)})
				begins = append(begins, len(src)/2)
				if i == bad {
					x, y = [...]uint32{640, 0}[n%2], [...]uint32{0, 480}[n%2]
				}
				src = binary.LittleEndian.AppendUint16(src, uint16(y))
				src = binary.LittleEndian.AppendUint16(src, uint16(2<<12|p<<11|x))
			}
			out := make([]event, n)
			pairs := EVT3Pairs{T: 5<<12 | 7, Column: 639, Row: 479}
			words, got := DecodeEVT3(&pairs, out, src)
			if bad >= 0 && got > bad || !slices.Equal(out[:got], want[:got]) {
				t.Fatalf("%d pairs, the one at %d is another: %d, %v, want %v", n, bad, got, out, want)
			}
			if got < len(want) && got > 0 && words != begins[got] && words != begins[got-1]+2 {
				t.Fatalf("%d pairs, the one at %d is another: %d words for %d events", n, bad, words, got)
			}
			if fast && bad < 0 && got < n-eventLanes {
				t.Fatalf("%d of %d pairs were taken", got, n)
			}
		}
	}
}

func TestSumsOfEvents(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	for n := 1; n < eventLengths; n++ {
		for far := range n {
			for _, step := range []int64{0, 1001, -1} {
				events := make([]event, n)
				now := int64(1 << 33)
				for i := range events {
					now += random.Int64N(1000)
					if i == far {
						now += step
					}
					events[i] = event{now, uint16(random.Uint32()), uint16(random.Uint32()), uint8(random.IntN(2))}
				}
				plain, on, column, row := true, 0, uint16(0), uint16(0)
				taken, gotOn, gotColumn, gotRow, gotPlain := SumEvents(&Sums{}, events, 1000)
				for i := 1; i <= taken; i++ {
					e := events[i]
					d := e.t - events[i-1].t
					plain, on, column, row = plain && d >= 0 && d <= 1000, on+int(e.p), max(column, e.x), max(row, e.y)
				}
				if want := (n - 1) &^ 3; fast && taken != want {
					t.Fatalf("%d of %d events were taken", taken, want)
				}
				if on != gotOn || column != gotColumn || row != gotRow || plain != gotPlain {
					t.Fatalf("%v: %d %d %d %v, want %d %d %d %v", events, gotOn, gotColumn, gotRow, gotPlain, on, column, row, plain)
				}
			}
		}
	}
}
