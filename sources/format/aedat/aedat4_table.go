package aedat

import (
	"encoding/binary"
	"io"
	"math"

	"ganglion/internal/flatbuf"
)

// LookUp finds in the file table at which offset the first packet lies, of any
// stream, that holds something at or after time t. A table that is damaged, or
// does not agree with the packet it points to, finds nothing.
func (d *aedat4Decoder) LookUp(src io.ReaderAt, size, t int64) (offset int64, ok bool) {
	f, ok := d.table(src, size)
	if !ok {
		return 0, false
	}
	first := aedat4Row{offset: math.MaxInt64}
	pos, n := f.Root().Vector(0, 4)
	latest := int64(math.MinInt64) // of the camera
	for i := 0; i < n && !f.Bad(); i++ {
		row := f.Table(f.Follow(pos + 4*i))
		if at, _ := row.Field(1); int32(f.U32(at)) == d.camera {
			if row.I64(3) < latest {
				return 0, false // the clock was set back: times do not say where
			}
			latest = row.I64(4)
		}
		if at, _ := row.Field(1); row.I64(4) >= t && row.I64(0) < first.offset {
			first = aedat4Row{offset: row.I64(0), stream: int32(f.U32(at)), size: int32(f.U32(at + 4))}
		}
	}
	offset = first.offset - aedat4Head
	if f.Bad() || offset < 0 || offset >= d.end {
		return 0, false
	}
	var head [aedat4Head]byte
	_, err := src.ReadAt(head[:], offset)
	agrees := binary.LittleEndian.Uint32(head[:]) == uint32(first.stream) && binary.LittleEndian.Uint32(head[4:]) == uint32(first.size)
	return offset, err == nil && agrees
}

// table reads the file table.
func (d *aedat4Decoder) table(src io.ReaderAt, size int64) (*flatbuf.Buffer, bool) {
	if d.end < 0 || size-d.end > aedat4Packet || size-d.end < aedat4Least || d.camera < 0 {
		return nil, false
	}
	raw := make([]byte, size-d.end)
	if _, err := src.ReadAt(raw, d.end); err != nil {
		return nil, false
	}
	content, err := d.unpack.Append(nil, raw, d.codec, 4*len(raw)+aedat4Slack)
	if err != nil || len(content) < aedat4Least {
		return nil, false
	}
	f := flatbuf.New(content[4:])
	id := f.Identifier()
	return f, string(id[:]) == aedat4Table
}

// Leap forgets the packet that was being delivered.
func (d *aedat4Decoder) Leap() { d.packet, d.lost = aedat4Open{}, false }
