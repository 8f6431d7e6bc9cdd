package asm

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// badColumn is an event outside a sensor of 640x480, for every third n.
func badColumn(n int) (x, y uint16) {
	return [...]uint16{640, 0, 65535}[n%3], [...]uint16{0, 480, 65535}[n%3]
}

// taken is how many events a kernel takes that stops before a vector with a bad one.
func taken(n, bad int) int {
	if !fast {
		return 0
	}
	if n &^= eventLanes - 1; bad >= 0 {
		n = min(n, bad&^(eventLanes-1))
	}
	return n
}

func TestColumnsBecomeEvents(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	for n := range eventLengths {
		for bad := -1; bad < n; bad++ {
			var xs, ys, ps []byte
			var ts []int64
			var want []event
			for i := range n {
				e := event{random.Int64() >> 1, uint16(random.UintN(640)), uint16(random.UintN(480)), 0}
				p := [...]byte{0, 1, 2, 127, 128, 254, 255}[random.IntN(7)]
				if p != 0 && p != 255 {
					e.p = 1
				}
				want = append(want, event{e.t + 1<<40, e.x, e.y, e.p})
				if i == bad {
					e.x, e.y = badColumn(n)
				}
				xs, ys = binary.LittleEndian.AppendUint16(xs, e.x), binary.LittleEndian.AppendUint16(ys, e.y)
				ts, ps = append(ts, e.t), append(ps, p)
			}
			out := make([]event, n)
			got := MergeColumns(out, ts, xs, ys, ps, 1<<40, 640, 480)
			if got != taken(n, bad) || !slices.Equal(out[:got], want[:got]) {
				t.Fatalf("%d events, the one at %d is outside: %d, want %d; %v, want %v", n, bad, got, taken(n, bad), out[:got], want[:got])
			}
		}
	}
}

func TestRecordsBecomeEvents(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9, 10))
	for n := range eventLengths {
		for bad := -1; bad < n; bad++ {
			var src []byte
			var want []event
			for i := range n {
				e := event{int64(random.Uint64()), uint16(random.UintN(640)), uint16(random.UintN(480)), 0}
				p := [...]int16{-32768, -1, 0, 1, 2, 256, 32767}[random.IntN(7)]
				if p > 0 {
					e.p = 1
				}
				want = append(want, e)
				if i == bad {
					e.x, e.y = badColumn(n)
				}
				for _, v := range []uint16{e.x, e.y, uint16(p), uint16(random.Uint32())} {
					src = binary.LittleEndian.AppendUint16(src, v)
				}
				src = binary.LittleEndian.AppendUint64(src, uint64(e.t))
			}
			out := make([]event, n)
			got := SwapRecords(out, src, 640, 480)
			if got != taken(n, bad) || !slices.Equal(out[:got], want[:got]) {
				t.Fatalf("%d records, the one at %d is outside: %d, want %d; %v, want %v", n, bad, got, taken(n, bad), out[:got], want[:got])
			}
		}
	}
}

// A sensor of unknown size has 65536 columns and rows.
func TestNothingIsOutsideAnUnknownSensor(t *testing.T) {
	t.Parallel()
	xs, ps, ts, out := make([]byte, 16), make([]byte, 8), make([]int64, 8), make([]event, 8)
	records := make([]byte, 8*eventSize)
	for i := range xs {
		xs[i] = 255
	}
	for i := 0; i < len(records); i += eventSize {
		copy(records[i:], xs[:4])
	}
	want := taken(8, -1)
	if got := MergeColumns(out, ts, xs, xs, ps, 0, 1<<16, 1<<16); got != want {
		t.Errorf("%d of %d columns", got, want)
	}
	if got := SwapRecords(out, records, 1<<16, 1<<16); got != want {
		t.Errorf("%d of %d records", got, want)
	}
}

func TestBytesByPositionBecomeValues(t *testing.T) {
	t.Parallel()
	for size := range 18 {
		for n := range 140 {
			src, dst := make([]byte, max(1, size)*n+size/2), make([]byte, max(1, size)*n+size/2)
			for i := range src {
				src[i] = byte(i*131 + i>>3)
			}
			want := 0
			if fast && (size == 2 || size == 4 || size == 8) {
				want = n &^ (shuffleLanes - 1)
			}
			if got := Unshuffle(dst, src, size); got != want {
				t.Fatalf("%d of %d values of %d bytes, want %d", got, n, size, want)
			}
			for i := range want * size {
				if w := src[i%size*n+i/size]; dst[i] != w {
					t.Fatalf("%d values of %d bytes: byte %d is %d, want %d", n, size, i, dst[i], w)
				}
			}
			if slices.ContainsFunc(dst[want*size:], func(b byte) bool { return b != 0 }) {
				t.Fatalf("%d values of %d bytes: something is written behind them", n, size)
			}
		}
	}
}

func TestGroupsBecomeAddresses(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(11, 12))
	for n := range 20 {
		for spare := range 8 {
			src, records := make([]byte, n*groupBytes+spare), make([]byte, 4*n*eventSize+spare)
			for i := range src {
				src[i] = byte(random.Uint32())
			}
			got := UnpackGroups(records, src)
			if fast && got < n-2 || got > n || got%groupLanes != 0 {
				t.Fatalf("%d of %d groups", got, n)
			}
			for g := range got {
				a, b, c := binary.LittleEndian.Uint32(src[12*g:]), binary.LittleEndian.Uint32(src[12*g+4:]), binary.LittleEndian.Uint32(src[12*g+8:])
				for j, v := range [4]uint32{a >> 8, a&0xff | b>>16<<8, b&0xffff | c>>24<<16, c & 0xffffff} {
					r := records[(4*g+j)*eventSize:]
					want := uint64(v>>1&0x7ff) | uint64(v>>12&0x7ff)<<16 | uint64(v&1)<<32
					if address, at := binary.LittleEndian.Uint64(r), binary.LittleEndian.Uint64(r[8:]); address != want || at != 0 {
						t.Fatalf("record %d of group %d of %d is %x %x, want %x 0", j, g, n, address, at, want)
					}
				}
			}
			if slices.ContainsFunc(records[4*got*eventSize:], func(b byte) bool { return b != 0 }) {
				t.Fatalf("%d groups: something is written behind them", n)
			}
		}
	}
}

func BenchmarkUnshuffle(b *testing.B) {
	src, dst := make([]byte, 1<<16), make([]byte, 1<<16)
	b.ReportAllocs()
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		Unshuffle(dst, src, 4)
	}
}

func BenchmarkColumns(b *testing.B) {
	xs, ps, ts, out := make([]byte, 1024), make([]byte, 512), make([]int64, 512), make([]event, 512)
	b.ReportAllocs()
	for b.Loop() {
		MergeColumns(out, ts, xs, xs, ps, 5, 640, 480)
	}
	b.ReportMetric(float64(b.N)*512/b.Elapsed().Seconds(), "events/s")
}
