package evt

import (
	"encoding/binary"
	"os"
	"testing"

	"ganglion/internal/shareddata"
	"ganglion/pipeline"
	"ganglion/sources/format/formattest"
)

// The benchmark behind the section "Layout of events" of docs/decisions.md:
// EVT2 words are decoded into each layout and read again as an encoder reads
// them, a block of 4096 at a time, so that everything stays in the cache.

// eventColumns is the struct-of-arrays layout: 13 bytes an event.
type eventColumns struct {
	t    []int64
	x, y []uint16
	p    []uint8
}

// packedEvent is time since the start of the batch in bits 63..32 (71 min),
// row in 30..16, polarity in 15, column in 14..0: 8 bytes an event.
type packedEvent uint64

const layoutBlock = 4096

// layoutInput is the words of a real recording.
func layoutInput(b *testing.B) []byte {
	data, err := os.ReadFile(shareddata.Path(b, "events", "evt2", "spinner.raw"))
	if err != nil {
		b.Fatal(err)
	}
	words := make([]byte, 0, len(data))
	for _, e := range kit.MustDecode(b, data, "evt2").Events {
		words = binary.LittleEndian.AppendUint32(words, uint32(e.P)<<28|uint32(e.T&lowMask)<<22|uint32(e.X)<<11|uint32(e.Y))
	}
	return words
}

// decodeColumns is evt2Run for columns.
func decodeColumns(c *eventColumns, src []byte, base int64, width, height uint32) (k int) {
	n := min(len(src)/4, len(c.t), len(c.x), len(c.y), len(c.p))
	t, x, y, p := c.t[:n], c.x[:n], c.y[:n], c.p[:n]
	for ; k < n; k++ {
		w := binary.LittleEndian.Uint32(src[4*k : 4*k+4])
		ex, ey := w>>11&evtAddress, w&evtAddress
		if w>>29 != 0 || ex >= width || ey >= height {
			break
		}
		t[k], x[k], y[k], p[k] = base+int64(w>>22&lowMask), uint16(ex), uint16(ey), uint8(w>>28)
	}
	return k
}

// decodePacked is evt2Run for packed events; base counts from the batch.
func decodePacked(out []packedEvent, src []byte, base, width, height uint32) (k int) {
	for i := 0; i+4 <= len(src) && k < len(out); i += 4 {
		w := binary.LittleEndian.Uint32(src[i : i+4])
		x, y := w>>11&evtAddress, w&evtAddress
		if w>>29 != 0 || x >= width || y >= height {
			break
		}
		out[k] = packedEvent(base+w>>22&lowMask)<<32 | packedEvent(y<<16|w>>28<<15|x)
		k++
	}
	return k
}

// layoutRegion is the region of interest of the reading side, px.
const layoutRegion = 600

// layoutWidth is the width of the reading side's layer, neurons.
const layoutWidth = 640

func readEvents(events []pipeline.Event, ids []uint32) (n int, last int64) {
	for i := range events {
		e := &events[i]
		if e.X < layoutRegion && n < len(ids) {
			ids[n] = (uint32(e.P)*layoutWidth+uint32(e.Y))*layoutWidth + uint32(e.X)
			n++
		}
		last = max(last, e.T)
	}
	return n, last
}

func readColumns(c *eventColumns, m int, ids []uint32) (n int, last int64) {
	t, x, y, p := c.t[:m], c.x[:m], c.y[:m], c.p[:m]
	for i := range m {
		if x[i] < layoutRegion && n < len(ids) {
			ids[n] = (uint32(p[i])*layoutWidth+uint32(y[i]))*layoutWidth + uint32(x[i])
			n++
		}
		last = max(last, t[i])
	}
	return n, last
}

func readPacked(events []packedEvent, ids []uint32) (n int, last int64) {
	for _, e := range events {
		x := uint32(e & 0x7FFF)
		if x < layoutRegion && n < len(ids) {
			ids[n] = (uint32(e>>15&1)*layoutWidth+uint32(e>>16&0x7FFF))*layoutWidth + x
			n++
		}
		last = max(last, int64(e>>32))
	}
	return n, last
}

func BenchmarkLayout(b *testing.B) {
	words := layoutInput(b)
	ids := make([]uint32, layoutBlock)
	run := func(name string, block func(src []byte) int) {
		b.Run(name, func(b *testing.B) {
			events, cpu := 0, formattest.CPUSeconds()
			for b.Loop() {
				for src := words; len(src) >= 4; {
					n := block(src)
					events += n
					src = src[4*n:]
				}
			}
			formattest.ReportRate(b, events, cpu)
		})
	}
	events := make([]pipeline.Event, layoutBlock)
	columns := eventColumns{
		t: make([]int64, layoutBlock), x: make([]uint16, layoutBlock),
		y: make([]uint16, layoutBlock), p: make([]uint8, layoutBlock),
	}
	packed := make([]packedEvent, layoutBlock)
	// Only the inner loops differ: all three check addresses nowhere but here.
	run("decode/structs", func(src []byte) int { return evt2Run(events, src, 0, 640, 480) })
	run("decode/columns", func(src []byte) int { return decodeColumns(&columns, src, 0, 640, 480) })
	run("decode/packed", func(src []byte) int { return decodePacked(packed, src, 0, 640, 480) })
	run("decode and read/structs", func(src []byte) int {
		n := evt2Run(events, src, 0, 640, 480)
		readEvents(events[:n], ids)
		return n
	})
	run("decode and read/columns", func(src []byte) int {
		n := decodeColumns(&columns, src, 0, 640, 480)
		readColumns(&columns, n, ids)
		return n
	})
	run("decode and read/packed", func(src []byte) int {
		n := decodePacked(packed, src, 0, 640, 480)
		readPacked(packed[:n], ids)
		return n
	})
}
