package ros

import (
	"bytes"
	"compress/bzip2"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/pierrec/lz4/v4"

	"ganglion/sources/format"
)

// bagMagic begins a bag of format 2.0 (wiki.ros.org/Bags/Format/2.0). Records
// follow:
//
//	u32 length of the header, fields of it, u32 length of the data, data
//
// each field being u32 length, "name=value". Field op says what a record is.
const bagMagic = "#ROSBAG V2.0\n"

// What a record of a bag is, in its field op.
const (
	bagMessage    = 2
	bagHeader     = 3
	bagChunk      = 5
	bagConnection = 7
)

// maxBagHeader bounds the header of a record, bytes.
const maxBagHeader = 1 << 20

// Bag is the format of ROS 1.
func Bag() format.Format {
	return format.Format{
		Name:       "rosbag",
		Summary:    "ROS 1 bag: event arrays (dvs_msgs and others), event packets, IMU",
		Extensions: []string{".bag"},
		Sniff:      func(p format.Probe) format.Claim { return format.BeginsWith(p, bagMagic) },
		OpenAt: func(s *format.Stream, src io.ReaderAt, size int64) (format.BlockReader, error) {
			b := &bag{s: s, src: src, size: size, index: map[uint32]int{}, file: format.NewInput(nil), inner: format.NewInput(nil),
				outer: section{src: src}, part: section{src: src}}
			if err := b.open(); err != nil {
				return nil, err
			}
			return read(s, b)
		},
	}
}

// bag is a container.
type bag struct {
	s    *format.Stream
	src  io.ReaderAt
	size int64
	list []topic
	// index finds the topic of a connection.
	index map[uint32]int

	file, inner *format.Input
	outer, part section // what they read from
	inChunk     bool
	unpack      io.Reader // what inner reads from; nil for a chunk that is not compressed
	chunkAt     int64
	chunkEnd    int64
	unpacked    unpacking
	lz4         *lz4.Reader
	skip        int // bytes of the last message, to be passed over
}

// open finds the topics: behind the index that a closed bag has, or in its
// chunks.
func (b *bag) open() error {
	b.rewind(0)
	if h, _, err := b.record(b.file); err == nil && fieldByte(h, "op") == bagHeader {
		if at := int64(fieldUint(h, "index_pos")); at > 0 && at < b.size {
			b.rewind(at)
			b.scan()
		}
	}
	if len(b.list) == 0 {
		b.rewind(0)
		damage := b.s.Damage
		b.scan()
		b.s.Damage = damage // it is met again
	}
	b.rewind(0)
	return nil
}

// rewind reads on at an offset.
func (b *bag) rewind(at int64) {
	begin := max(at, int64(len(bagMagic)))
	b.file.Reset(b.outer.set(begin, b.size), begin)
	b.inChunk, b.skip = false, 0
	b.unpacked.rewind()
}

// scan goes through records for the connections in them.
func (b *bag) scan() {
	for {
		if _, err := b.next(); err != nil {
			return
		}
	}
}

func (b *bag) topics() []topic { return b.list }

func (b *bag) restart() { b.rewind(0) }

func (b *bag) offset() int64 {
	if b.inChunk {
		return b.chunkAt
	}
	return b.file.Offset()
}

// next returns the next message, out of a chunk or between chunks.
func (b *bag) next() (message, error) {
	for {
		in, at := b.file, b.file.Offset()
		if b.inChunk {
			in, at = b.inner, b.chunkAt
		}
		err := pass(in, int64(b.skip))
		b.skip = 0
		var header []byte
		var size int
		if err == nil {
			header, size, err = b.record(in)
		}
		if err != nil {
			if b.inChunk {
				b.leave(err)
				continue
			}
			if !errors.Is(err, io.EOF) {
				b.s.Damage.Add(format.Truncated, at, 0, 1)
			}
			return message{}, io.EOF
		}
		op := fieldByte(header, "op")
		if op == bagChunk && !b.inChunk {
			b.enter(header, size)
			continue
		}
		conn, compressed := uint32(fieldUint(header, "conn")), b.inChunk && b.unpack != nil
		name := ""
		if op == bagConnection {
			name = string(field(header, "topic"))
		}
		if op != bagMessage && op != bagConnection {
			b.skip = size
			continue
		}
		data, _, err := in.Window(size)
		if err != nil || len(data) < size {
			b.s.Damage.Add(format.Truncated, at, 0, 1)
			if b.inChunk {
				b.leave(io.EOF)
				continue
			}
			return message{}, io.EOF
		}
		b.skip = size
		if op == bagConnection {
			b.connection(conn, name, data[:size])
			continue
		}
		topic, ok := b.index[conn]
		if !ok {
			b.s.Damage.Add("unknown_connection", at, 0, 1)
			continue
		}
		if !compressed {
			at = in.Offset()
		}
		return message{topic: topic, data: data[:size], at: at}, nil
	}
}

// record reads the header of a record and the length of its data. The header
// is valid until the input is read again.
func (b *bag) record(in *format.Input) (header []byte, size int, err error) {
	head, _, err := in.Window(4)
	if err != nil || len(head) == 0 {
		return nil, 0, endOr(err)
	}
	if len(head) < 4 {
		return nil, 0, io.ErrUnexpectedEOF
	}
	n := int(binary.LittleEndian.Uint32(head))
	if n > maxBagHeader {
		return nil, 0, fmt.Errorf("a record with a header of %d bytes", n)
	}
	head, _, err = in.Window(n + 8)
	if err != nil || len(head) < n+8 {
		return nil, 0, io.ErrUnexpectedEOF
	}
	size = int(binary.LittleEndian.Uint32(head[4+n:]))
	header = head[4 : 4+n]
	in.Advance(n + 8)
	if size > maxMessage && fieldByte(header, "op") != bagChunk {
		return nil, 0, fmt.Errorf("a record of %d bytes", size)
	}
	return header, size, nil
}

// enter begins a chunk.
func (b *bag) enter(header []byte, size int) {
	b.chunkAt = b.file.Offset()
	b.chunkEnd = min(b.chunkAt+int64(size), b.size)
	part := b.part.set(b.chunkAt, b.chunkEnd)
	var from io.Reader = part
	b.unpack = nil
	switch kind := string(field(header, "compression")); kind {
	case "none":
	case "bz2":
		b.unpack = bzip2.NewReader(part)
	case "lz4":
		if b.lz4 == nil {
			b.lz4 = lz4.NewReader(nil)
		}
		b.lz4.Reset(part)
		b.unpack = b.lz4
	default:
		b.s.Damage.Add("unknown_compression", b.chunkAt, 0, 1)
		b.toEnd()
		return
	}
	if b.unpack != nil {
		from = b.unpacked.begin(b.unpack, b.chunkEnd-b.chunkAt)
	}
	b.inner.Reset(from, b.chunkAt)
	b.inChunk = true
}

// leave ends a chunk, whose reading ended with an error.
func (b *bag) leave(err error) {
	if !errors.Is(err, io.EOF) {
		b.s.Damage.Add("broken_chunk", b.chunkAt, 0, 1)
	}
	b.inChunk = false
	b.toEnd()
}

// toEnd moves the file behind the chunk.
func (b *bag) toEnd() {
	ahead, _, err := b.file.Window(0)
	if n := b.chunkEnd - b.file.Offset(); err == nil && n <= int64(len(ahead)) {
		b.file.Advance(int(n))
		return
	}
	b.file.Reset(b.outer.set(b.chunkEnd, b.size), b.chunkEnd)
}

// connection keeps a topic, unless it is known.
func (b *bag) connection(conn uint32, name string, data []byte) {
	if _, known := b.index[conn]; known {
		return
	}
	b.index[conn] = len(b.list)
	b.list = append(b.list, topic{
		name: name, kind: string(field(data, "type")), definition: string(field(data, "message_definition")),
	})
}

// field returns the value of a field of a header, or nil.
func field(header []byte, name string) []byte {
	for len(header) >= 4 {
		n := int(binary.LittleEndian.Uint32(header))
		header = header[4:]
		if n > len(header) {
			return nil
		}
		if key, value, ok := bytes.Cut(header[:n], []byte("=")); ok && string(key) == name {
			return value
		}
		header = header[n:]
	}
	return nil
}

func fieldByte(header []byte, name string) byte {
	if v := field(header, name); len(v) == 1 {
		return v[0]
	}
	return 0
}

// fieldUint is a field of four or eight bytes.
func fieldUint(header []byte, name string) uint64 {
	switch v := field(header, name); len(v) {
	case 4:
		return uint64(binary.LittleEndian.Uint32(v))
	case 8:
		return binary.LittleEndian.Uint64(v)
	}
	return 0
}
