package ros

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"ganglion/sources/format"
)

// mcapMagic begins and ends an MCAP file (mcap.dev/spec). Between them are
// records: u8 opcode, u64 length, content.
const mcapMagic = "\x89MCAP0\r\n"

// Opcodes.
const (
	mcapHeader       = 0x01
	mcapFooter       = 0x02
	mcapSchema       = 0x03
	mcapChannel      = 0x04
	mcapMessage      = 0x05
	mcapChunk        = 0x06
	mcapMessageIndex = 0x07
	mcapChunkIndex   = 0x08
	mcapStatistics   = 0x0B
	mcapMetadata     = 0x0C
	mcapDataEnd      = 0x0F
)

// mcapMetadataName is the metadata that the program writes: the fields of a
// RAW header, with t0, which packets of evt3 cannot hold.
const mcapMetadataName = "ganglion"

// Lengths of the parts of records in front of what varies.
const (
	mcapRecordHead  = 9
	mcapMessageHead = 22 // channel u16, sequence u32, log time u64, publish time u64
	mcapFooterSize  = 20 // summary start u64, summary offset start u64, crc u32
)

// MCAP is the container that ROS 2 records by default since its release Iron.
func MCAP() format.Format {
	return format.Format{
		Name:       "mcap",
		Summary:    "MCAP: event packets (evt3, mono, trigger, libcaer) and event arrays of ROS, IMU; written as evt3 packets",
		Extensions: []string{".mcap"},
		Sniff:      func(p format.Probe) format.Claim { return format.BeginsWith(p, mcapMagic) },
		OpenAt: func(s *format.Stream, src io.ReaderAt, size int64) (format.BlockReader, error) {
			m := &mcap{
				s: s, src: src, size: size, file: format.NewInput(nil), inner: format.NewInput(nil),
				outer: section{src: src}, part: section{src: src},
				schemas: map[uint16]mcapSchemaRecord{}, index: map[uint16]int{},
			}
			m.open()
			return read(s, m)
		},
		Create: newMCAPEncoder,
	}
}

// mcapSchemaRecord is the definition of a type.
type mcapSchemaRecord struct{ name, encoding, text string }

// mcap is a container.
type mcap struct {
	s    *format.Stream
	src  io.ReaderAt
	size int64
	list []topic

	schemas map[uint16]mcapSchemaRecord
	index   map[uint16]int // the topic of a channel

	file, inner *format.Input
	outer, part section // what they read from
	inChunk     bool
	packed      bool // the chunk is compressed
	chunkAt     int64
	chunkEnd    int64
	unpacked    unpacking
	lz4         *lz4.Reader
	zstd        *zstd.Decoder
	skip        int64
}

func (m *mcap) rewind(at int64) {
	begin := max(at, int64(len(mcapMagic)))
	m.file.Reset(m.outer.set(begin, m.size), begin)
	m.inChunk, m.skip = false, 0
	m.unpacked.rewind()
}

func (m *mcap) scan() {
	for {
		if _, err := m.next(); err != nil {
			return
		}
	}
}

func (m *mcap) topics() []topic { return m.list }

func (m *mcap) restart() { m.rewind(0) }

func (m *mcap) offset() int64 {
	if m.inChunk {
		return m.chunkAt
	}
	return m.file.Offset()
}

// errBroken means that a record cannot be what it says.
var errBroken = errors.New("broken record")

// next returns the next message, out of a chunk or between chunks.
func (m *mcap) next() (message, error) {
	for {
		in, at := m.file, m.file.Offset()
		if m.inChunk {
			in, at = m.inner, m.chunkAt
		}
		got, found, err := m.record(in)
		switch {
		case err != nil && m.inChunk:
			m.leave(err)
		case err != nil:
			if !errors.Is(err, io.EOF) {
				m.s.Damage.Add(format.Truncated, at, 0, 1)
			}
			return message{}, io.EOF
		case found:
			return got, nil
		}
	}
}

// record reads one record; found says that it is a message.
func (m *mcap) record(in *format.Input) (got message, found bool, err error) {
	if err := pass(in, m.skip); err != nil {
		return got, false, err
	}
	m.skip = 0
	head, _, err := in.Window(mcapRecordHead)
	if err != nil || len(head) == 0 {
		return got, false, endOr(err)
	}
	if !m.inChunk && string(head) == mcapMagic {
		return got, false, io.EOF
	}
	if len(head) < mcapRecordHead {
		return got, false, io.ErrUnexpectedEOF
	}
	op, size := head[0], binary.LittleEndian.Uint64(head[1:])
	if op == mcapDataEnd || op == mcapFooter {
		return got, false, io.EOF
	}
	if size > uint64(m.size) && !m.packed || size > 1<<62 {
		return got, false, fmt.Errorf("%w of %d bytes", errBroken, size)
	}
	in.Advance(mcapRecordHead)
	switch {
	case op == mcapChunk && !m.inChunk:
		return got, false, m.enter(int64(size))
	case op != mcapMessage && op != mcapSchema && op != mcapChannel:
		m.skip = int64(size)
		return got, false, nil
	case size > maxMessage:
		return got, false, fmt.Errorf("%w of %d bytes", errBroken, size)
	}
	at := in.Offset()
	if m.inChunk && m.packed {
		at = m.chunkAt
	}
	data, _, err := in.Window(int(size))
	if err != nil || uint64(len(data)) < size {
		return got, false, io.ErrUnexpectedEOF
	}
	data, m.skip = data[:size], int64(size)
	switch op {
	case mcapSchema:
		m.schema(data)
	case mcapChannel:
		m.channel(data)
	default:
		return m.message(data, at)
	}
	return got, false, nil
}

func (m *mcap) message(data []byte, at int64) (got message, found bool, err error) {
	if len(data) < mcapMessageHead {
		return got, false, errBroken
	}
	topic, ok := m.index[binary.LittleEndian.Uint16(data)]
	if !ok {
		m.s.Damage.Add("unknown_connection", at, 0, 1)
		return got, false, nil
	}
	return message{topic: topic, data: data[mcapMessageHead:], at: at + mcapMessageHead}, true, nil
}

// pass moves forward in an input.
func pass(in *format.Input, n int64) error {
	for n > 0 {
		src, last, err := in.Window(int(min(n, format.InputBlock)))
		took := min(int64(len(src)), n)
		in.Advance(int(took))
		if n -= took; n > 0 && (err != nil || last) {
			return io.ErrUnexpectedEOF
		}
	}
	return nil
}

// enter begins a chunk of size bytes: u64 first and last time, u64 size
// unpacked, u32 crc of that, compression, u64 size, records.
func (m *mcap) enter(size int64) error {
	const fixed = 28
	begin := m.file.Offset()
	head, _, err := m.file.Window(int(min(size, fixed+4+64+8)))
	if err != nil || len(head) < fixed+4+8 {
		return io.ErrUnexpectedEOF
	}
	r := fields{head[fixed:]}
	kind := r.text()
	length := int64(r.u64())
	m.chunkAt = begin + fixed + 4 + int64(len(kind)) + 8
	m.chunkEnd = min(begin+size, m.size)
	if length < 0 || m.chunkAt+length > begin+size {
		m.s.Damage.Add("broken_chunk", begin, 0, 1)
		m.toEnd()
		return nil
	}
	length = min(length, m.chunkEnd-m.chunkAt)
	from := io.Reader(m.part.set(m.chunkAt, m.chunkAt+length))
	switch m.packed = kind != ""; kind {
	case "":
	case "lz4":
		if m.lz4 == nil {
			m.lz4 = lz4.NewReader(nil)
		}
		m.lz4.Reset(from)
		from = m.unpacked.begin(m.lz4, length)
	case "zstd":
		if m.zstd == nil {
			if m.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(32<<20),
				zstd.WithDecoderLowmem(true)); err != nil {
				return err
			}
		}
		if err := m.zstd.Reset(from); err != nil {
			return err
		}
		from = m.unpacked.begin(m.zstd, length)
	default:
		m.s.Damage.Add("unknown_compression", begin, 0, 1)
		m.packed = false
		m.toEnd()
		return nil
	}
	m.inner.Reset(from, m.chunkAt)
	m.inChunk = true
	return nil
}

// leave ends a chunk, whose reading ended with an error.
func (m *mcap) leave(err error) {
	if !errors.Is(err, io.EOF) {
		m.s.Damage.Add("broken_chunk", m.chunkAt, 0, 1)
	}
	m.inChunk, m.packed, m.skip = false, false, 0
	m.toEnd()
}

// toEnd moves the file behind the chunk.
func (m *mcap) toEnd() {
	ahead, _, err := m.file.Window(0)
	if n := m.chunkEnd - m.file.Offset(); err == nil && n <= int64(len(ahead)) {
		m.file.Advance(int(n))
		return
	}
	m.file.Reset(m.outer.set(m.chunkEnd, m.size), m.chunkEnd)
}

// Close implements [io.Closer].
func (m *mcap) Close() error {
	if m.zstd != nil {
		m.zstd.Close()
	}
	return nil
}
