package ros

import (
	"encoding/binary"
	"hash/crc32"
	"strconv"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/evt"
)

// What a written file holds: one channel of EventPacket messages in evt3, in
// chunks that are not compressed, with an index.
const (
	mcapTopic      = "/event_camera/events"
	packetType     = "event_camera_msgs/msg/EventPacket"
	packetSpan     = 10_000 // µs of a packet, at most
	packetEvents   = 8192   // of a packet, at most
	chunkBytes     = 1 << 20
	mcapSchemaText = "std_msgs/Header header\nuint32 height\nuint32 width\nuint64 seq\nuint64 time_base\nstring encoding\nbool " +
		"is_bigendian\n" +
		"uint8[] events\n" +
		"================================================================================\nMSG: std_msgs/Header\n" +
		"builtin_interfaces/Time stamp\nstring frame_id\n" +
		"================================================================================\nMSG: builtin_interfaces/Time\n" +
		"int32 sec\nuint32 nanosec\n"
)

// mcapEncoder writes events as packets of at most 10 ms, whose stamp and log
// time are sensor time.
type mcapEncoder struct {
	s     *format.Sink
	words format.Encoder // of evt3

	packet []byte // words of the packet that is being filled
	first  int64  // time of its first event, µs
	events int

	messages []byte // records of the chunk
	entries  []mcapEntry
	sequence uint32
	written  int64
	fields   format.Header
	chunks   []mcapChunkRecord
	began    bool
}

// mcapEntry is where a message stands in its chunk.
type mcapEntry struct{ time, offset uint64 }

// mcapChunkRecord is what the index says of a chunk.
type mcapChunkRecord struct{ first, last, at, size, indexAt, indexSize, bytes uint64 }

func newMCAPEncoder(s *format.Sink) (format.Encoder, error) {
	words, err := evt.EVT3().Create(s)
	return &mcapEncoder{s: s, words: words}, err
}

func (e *mcapEncoder) Events(dst []byte, events []pipeline.Event) []byte {
	for len(events) > 0 {
		if e.events == 0 {
			e.first = events[0].T
		}
		n := 0
		for n < len(events) && e.events+n < packetEvents && events[n].T < e.first+packetSpan && events[n].T >= e.first {
			n++
		}
		if n == 0 {
			dst = e.send(dst)
			continue
		}
		e.packet = e.words.Events(e.packet, events[:n])
		e.events += n
		events = events[n:]
	}
	return dst
}

// Side counts what is not written.
func (e *mcapEncoder) Side(dst []byte, s *format.Side) []byte {
	e.s.Lose(s)
	return dst
}

func (e *mcapEncoder) Finish(dst []byte) []byte {
	dst = e.send(dst)
	dst = e.chunk(dst)
	if e.sequence == 0 { // without events the header is all there is
		e.packet = e.words.Finish(e.packet)
		e.takeHeader()
	}
	dst = e.begin(dst)
	return e.summary(dst)
}

// begin writes what stands in front of the first chunk: the header, and as
// metadata the fields that a RAW file has in its own.
func (e *mcapEncoder) begin(dst []byte) []byte {
	if e.began {
		return dst
	}
	e.began = true
	from := len(dst)
	dst = append(dst, mcapMagic...)
	dst = appendRecord(dst, mcapHeader, appendText(appendText(nil, "ros2"), "ganglion"))
	var fields []byte
	for _, f := range e.fields {
		fields = appendText(appendText(fields, f.Key), f.Value)
	}
	if len(fields) > 0 {
		m := binary.LittleEndian.AppendUint32(appendText(nil, mcapMetadataName), uint32(len(fields)))
		dst = appendRecord(dst, mcapMetadata, append(m, fields...))
	}
	e.written += int64(len(dst) - from)
	return dst
}

// takeHeader cuts the header off the first words and keeps its fields.
func (e *mcapEncoder) takeHeader() {
	in := format.InputOf(e.packet)
	h, err := evt.ReadHeader(in)
	if err != nil || len(h) == 0 {
		return // every packet but the first begins with words
	}
	for _, f := range h {
		switch f.Key {
		case "evt", "format", "geometry": // the messages say it
		default:
			e.fields = append(e.fields, f)
		}
	}
	e.packet = e.packet[in.Offset():]
}

// schemaAndChannel are the records that say what the messages are; the channel
// has the sensor's size too, for a file without messages.
func (e *mcapEncoder) schemaAndChannel(dst []byte) []byte {
	schema := appendText(appendText([]byte{1, 0}, packetType), "ros2msg")
	dst = appendRecord(dst, mcapSchema, appendText(schema, mcapSchemaText))
	channel := appendText(appendText([]byte{0, 0, 1, 0}, mcapTopic), "cdr")
	size := appendText(appendText(nil, "height"), strconv.Itoa(e.s.Info.Height))
	size = appendText(appendText(size, "width"), strconv.Itoa(e.s.Info.Width))
	channel = binary.LittleEndian.AppendUint32(channel, uint32(len(size)))
	return appendRecord(dst, mcapChannel, append(channel, size...))
}

func appendRecord(dst []byte, op byte, content []byte) []byte {
	dst = append(dst, op)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(content)))
	return append(dst, content...)
}

func appendText(dst []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint32(dst, uint32(len(s))), s...)
}

// send ends the packet and puts it into the chunk.
func (e *mcapEncoder) send(dst []byte) []byte {
	if e.events == 0 {
		return dst
	}
	e.packet = e.words.Finish(e.packet)
	if e.sequence == 0 {
		e.takeHeader()
	}
	le := binary.LittleEndian
	if len(e.messages) == 0 {
		e.messages = e.schemaAndChannel(e.messages)
	}
	stamp := uint64(max(e.first, 0)) // µs
	nanoseconds := stamp * 1000
	e.entries = append(e.entries, mcapEntry{nanoseconds, uint64(len(e.messages))})
	m := append(e.messages, mcapMessage)
	lengthAt := len(m)
	m = append(le.AppendUint64(m, 0), 0, 0)
	m = le.AppendUint32(m, e.sequence)
	m = le.AppendUint64(le.AppendUint64(m, nanoseconds), nanoseconds)
	m = append(m, 0, 1, 0, 0) // CDR, little-endian
	begin := len(m)
	m = le.AppendUint32(m, uint32(stamp/1_000_000))
	m = le.AppendUint32(m, uint32(stamp%1_000_000*1000))
	m = appendCDRText(m, "")
	m = pad(m, begin, 4)
	m = le.AppendUint32(le.AppendUint32(m, uint32(e.s.Info.Height)), uint32(e.s.Info.Width))
	m = pad(m, begin, 8)
	m = le.AppendUint64(m, uint64(e.sequence))
	m = le.AppendUint64(m, 0) // evt3 holds its own time
	m = appendCDRText(m, "evt3")
	m = append(m, 0)
	m = pad(m, begin, 4)
	m = le.AppendUint32(m, uint32(len(e.packet)))
	m = append(m, e.packet...)
	le.PutUint64(m[lengthAt:], uint64(len(m)-lengthAt-8))
	e.messages = m
	e.packet, e.events = e.packet[:0], 0
	e.sequence++
	if len(e.messages) >= chunkBytes {
		dst = e.chunk(dst)
	}
	return dst
}

// appendCDRText writes a string with its length and a zero.
func appendCDRText(dst []byte, s string) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s)+1))
	return append(append(dst, s...), 0)
}

// pad aligns the end of a message that begins at begin.
func pad(dst []byte, begin, align int) []byte {
	for (len(dst)-begin)%align != 0 {
		dst = append(dst, 0)
	}
	return dst
}

// chunk writes the chunk and the index of its messages.
func (e *mcapEncoder) chunk(dst []byte) []byte {
	if len(e.entries) == 0 {
		return dst
	}
	le := binary.LittleEndian
	dst = e.begin(dst)
	from := len(dst)
	c := mcapChunkRecord{first: e.entries[0].time, last: e.entries[0].time, at: uint64(e.written), bytes: uint64(len(e.messages))}
	for _, entry := range e.entries {
		c.first, c.last = min(c.first, entry.time), max(c.last, entry.time)
	}
	dst = append(dst, mcapChunk)
	dst = le.AppendUint64(dst, uint64(28+4+8+len(e.messages)))
	dst = le.AppendUint64(le.AppendUint64(dst, c.first), c.last)
	dst = le.AppendUint64(dst, uint64(len(e.messages)))
	dst = le.AppendUint32(dst, crc32.ChecksumIEEE(e.messages))
	dst = appendText(dst, "")
	dst = le.AppendUint64(dst, uint64(len(e.messages)))
	dst = append(dst, e.messages...)
	c.size = uint64(len(dst) - from)
	c.indexAt = c.at + c.size
	dst = append(dst, mcapMessageIndex)
	dst = le.AppendUint64(dst, uint64(2+4+16*len(e.entries)))
	dst = le.AppendUint32(append(dst, 0, 0), uint32(16*len(e.entries)))
	for _, entry := range e.entries {
		dst = le.AppendUint64(le.AppendUint64(dst, entry.time), entry.offset)
	}
	c.indexSize = uint64(len(dst)-from) - c.size
	e.written += int64(len(dst) - from)
	e.chunks = append(e.chunks, c)
	e.messages, e.entries = e.messages[:0], e.entries[:0]
	return dst
}

// summary writes the end of the data, the summary section and the footer.
func (e *mcapEncoder) summary(dst []byte) []byte {
	le := binary.LittleEndian
	from := len(dst)
	dst = appendRecord(dst, mcapDataEnd, make([]byte, 4))
	start := uint64(e.written) + uint64(len(dst)-from)
	dst = e.schemaAndChannel(dst)
	var first, last uint64
	for i, c := range e.chunks {
		if i == 0 {
			first = c.first
		}
		first, last = min(first, c.first), max(last, c.last)
	}
	s := le.AppendUint64(nil, uint64(e.sequence))
	s = le.AppendUint32(append(s, 1, 0), 1)                                   // schemas, channels
	s = le.AppendUint32(le.AppendUint32(s, 0), uint32(min(len(e.fields), 1))) // attachments, metadata
	s = le.AppendUint32(s, uint32(len(e.chunks)))
	s = le.AppendUint64(le.AppendUint64(s, first), last)
	s = le.AppendUint32(s, 10) // bytes of the map: a count for each channel
	s = le.AppendUint64(append(s, 0, 0), uint64(e.sequence))
	dst = appendRecord(dst, mcapStatistics, s)
	for _, c := range e.chunks {
		r := le.AppendUint64(le.AppendUint64(nil, c.first), c.last)
		r = le.AppendUint64(le.AppendUint64(r, c.at), c.size)
		r = le.AppendUint64(append(le.AppendUint32(r, 10), 0, 0), c.indexAt)
		r = appendText(le.AppendUint64(r, c.indexSize), "")
		dst = appendRecord(dst, mcapChunkIndex, le.AppendUint64(le.AppendUint64(r, c.bytes), c.bytes))
	}
	footer := le.AppendUint64(nil, start)
	dst = appendRecord(dst, mcapFooter, append(footer, make([]byte, 12)...))
	return append(dst, mcapMagic...)
}
