package recording

import (
	"encoding/binary"
	"io"

	"ganglion/pipeline/flatbuf"
)

// lookUp finds in the file table at which offset the first packet lies that
// holds an event at or after time t. A table that is damaged, or does not
// agree with the packet it points to, finds nothing.
func (d *aedat4Decoder) lookUp(src io.ReaderAt, size, t int64) (offset int64, ok bool) {
	if d.end < 0 || size-d.end > aedat4Packet || size-d.end < aedat4Least || d.camera < 0 {
		return 0, false
	}
	raw := make([]byte, size-d.end)
	if _, err := src.ReadAt(raw, d.end); err != nil {
		return 0, false
	}
	content, err := d.unpack.Append(nil, raw, d.codec, 4*len(raw)+aedat4Slack)
	if err != nil || len(content) < aedat4Least {
		return 0, false
	}
	f := flatbuf.New(content[4:])
	if id := f.Identifier(); string(id[:]) != aedat4Table {
		return 0, false
	}
	pos, n := f.Root().Vector(0, 4)
	for i := 0; i < n && !f.Bad(); i++ {
		row := f.Table(f.Follow(pos + 4*i))
		at, _ := row.Field(1)
		stream, length := f.U32(at), f.U32(at+4)
		if int32(stream) != d.camera || row.I64(4) < t || f.Bad() {
			continue
		}
		var head [aedat4Head]byte
		offset = row.I64(0) - aedat4Head
		if offset < 0 || offset >= d.end {
			return 0, false
		}
		_, err := src.ReadAt(head[:], offset)
		agrees := binary.LittleEndian.Uint32(head[:]) == stream && binary.LittleEndian.Uint32(head[4:]) == length
		return offset, err == nil && agrees
	}
	return 0, false
}
