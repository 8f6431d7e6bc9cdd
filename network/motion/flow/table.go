package flow

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"

	"ganglion/internal/arrowipc"
	"ganglion/internal/flatbuf"
	"ganglion/network/motion/track"
)

// rows is how many rows a batch has.
const rows = 16 << 10

var columns = []arrowipc.Column{{Name: "t", Bits: 64, Signed: true}, {Name: "x", Bits: 16}, {Name: "y", Bits: 16}, {Name: "on", Bits: 1},
	{Name: "vx", Bits: 32, Float: true}, {Name: "vy", Bits: 32, Float: true}}

// table makes an Arrow file. Its methods append to dst and return it.
type table struct {
	w       flatbuf.Builder
	schema  []byte
	begun   bool
	blocks  []arrowipc.Block
	written int64

	rows                int // of the batch that is being filled
	t, x, y, on, vx, vy []byte
}

func newTable(metadata map[string]string) *table {
	var pairs []arrowipc.Pair
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		pairs = append(pairs, arrowipc.Pair{Key: key, Value: metadata[key]})
	}
	b := &table{}
	arrowipc.AppendSchema(&b.w, columns, pairs)
	b.schema = slices.Clone(b.w.B)
	return b
}

func (b *table) add(dst []byte, t int64, x, y int, on bool, v track.Vec) []byte {
	le := binary.LittleEndian
	b.t = le.AppendUint64(b.t, uint64(t))
	b.x, b.y = le.AppendUint16(b.x, uint16(x)), le.AppendUint16(b.y, uint16(y))
	b.vx = le.AppendUint32(b.vx, math.Float32bits(float32(v.X)))
	b.vy = le.AppendUint32(b.vy, math.Float32bits(float32(v.Y)))
	if b.rows%8 == 0 {
		b.on = append(b.on, 0)
	}
	if on {
		b.on[b.rows/8] |= 1 << (b.rows % 8)
	}
	if b.rows++; b.rows == rows {
		return b.flush(dst)
	}
	return dst
}

func (b *table) finish(dst []byte) []byte {
	return arrowipc.AppendTail(b.flush(dst), b.schema, b.blocks)
}

// flush appends the batch that is being filled, behind the head of the file when it
// is the first.
func (b *table) flush(dst []byte) []byte {
	at := len(dst)
	if !b.begun {
		b.begun = true
		dst = append(append(dst, arrowipc.FileMagic...), b.schema...)
		b.written = int64(len(dst) - at)
		at = len(dst)
	}
	if b.rows == 0 {
		return dst
	}
	b.w.B = dst
	arrowipc.AppendBatch(&b.w, b.rows, b.t, b.x, b.y, b.on, b.vx, b.vy)
	dst = b.w.B
	metadata := arrowipc.FrameSize + int(binary.LittleEndian.Uint32(dst[at+4:]))
	b.blocks = append(b.blocks, arrowipc.Block{Offset: b.written, Metadata: int32(metadata), Body: int64(len(dst) - at - metadata)})
	b.written += int64(len(dst) - at)
	b.rows = 0
	b.t, b.x, b.y, b.on, b.vx, b.vy = b.t[:0], b.x[:0], b.y[:0], b.on[:0], b.vx[:0], b.vy[:0]
	return dst
}
