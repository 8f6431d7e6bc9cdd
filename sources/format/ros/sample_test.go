package ros

import (
	"encoding/binary"

	"ganglion/pipeline"
	"ganglion/sources/format/formattest"
)

var le = binary.LittleEndian

func optionsOf(stream string) formattest.Options { return formattest.Options{Stream: stream} }

// bagText are the definitions of dvs_msgs, as a bag of ROS 1 holds them.
const (
	bagText = "# a comment\nHeader header\nuint32 height\nuint32 width\nEvent[] events\n" +
		"================================================================================\n" +
		"MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n" +
		"================================================================================\n" +
		"MSG: dvs_msgs/Event\nuint16 x\nuint16 y\ntime ts\nbool polarity\n"
	// oldText is what bags of 2014 hold: the time as one number.
	oldText = "Header header\nuint32 height\nuint32 width\nEvent[] events\n" +
		"================================================================================\n" +
		"MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n" +
		"================================================================================\n" +
		"MSG: dvs_msgs/Event\nuint16 x\nuint16 y\nuint64 time\nbool polarity\n"
)

// text1 is a string of ROS 1.
func text1(dst []byte, s string) []byte { return append(le.AppendUint32(dst, uint32(len(s))), s...) }

// eventArray1 is a message of ROS 1.
func eventArray1(events []pipeline.Event, old bool) []byte {
	m := le.AppendUint32(nil, 7)
	m = text1(le.AppendUint64(m, 0), "cam")
	m = le.AppendUint32(le.AppendUint32(m, 180), 240)
	m = le.AppendUint32(m, uint32(len(events)))
	for _, e := range events {
		m = le.AppendUint16(le.AppendUint16(m, e.X), e.Y)
		if old {
			m = le.AppendUint64(m, uint64(e.T))
		} else {
			m = le.AppendUint32(m, uint32(e.T/1_000_000))
			m = le.AppendUint32(m, uint32(e.T%1_000_000*1000))
		}
		m = append(m, e.P)
	}
	return m
}

// cdr writes an aligned message of ROS 2, whose padding is not zero.
type cdr struct {
	b      []byte
	widest int // alignment
}

func newCDR(widest int) *cdr {
	if widest == 4 {
		return &cdr{b: []byte{0, 7, 0, 0}, widest: 4}
	}
	return &cdr{b: []byte{0, 1, 0, 0}, widest: 8}
}

func (c *cdr) align(n int) {
	for (len(c.b)-4)%min(n, c.widest) != 0 {
		c.b = append(c.b, 0xA5)
	}
}

func (c *cdr) u8(v uint8)   { c.b = append(c.b, v) }
func (c *cdr) u16(v uint16) { c.align(2); c.b = le.AppendUint16(c.b, v) }
func (c *cdr) u32(v uint32) { c.align(4); c.b = le.AppendUint32(c.b, v) }
func (c *cdr) u64(v uint64) { c.align(8); c.b = le.AppendUint64(c.b, v) }
func (c *cdr) text(s string) {
	c.u32(uint32(len(s) + 1))
	c.b = append(append(c.b, s...), 0)
}

// eventArray2 is the same of ROS 2.
func eventArray2(events []pipeline.Event, widest int) []byte {
	c := newCDR(widest)
	c.u32(3)
	c.u32(4)
	c.text("camera")
	c.u32(180)
	c.u32(240)
	c.u32(uint32(len(events)))
	for _, e := range events {
		c.u16(e.X)
		c.u16(e.Y)
		c.u32(uint32(e.T / 1_000_000))
		c.u32(uint32(e.T % 1_000_000 * 1000))
		c.u8(e.P)
	}
	return c.b
}

// eventPacket2 is an EventPacket of ROS 2.
func eventPacket2(encoding string, base uint64, words []byte, widest int) []byte {
	c := newCDR(widest)
	c.u32(3)
	c.u32(4)
	c.text("camera")
	c.u32(180)
	c.u32(240)
	c.u64(1)
	c.u64(base)
	c.text(encoding)
	c.u8(0)
	c.u32(uint32(len(words)))
	c.b = append(c.b, words...)
	return c.b
}

// sent is a message of a sample: where to, and what.
type sent struct {
	conn uint32
	data []byte
}

// bagTopic is a connection of a sample.
type bagTopic struct{ name, kind, definition string }

// bagOf makes a bag of ROS 1: a header, chunks of a few messages, and an index
// of connections if it was closed.
func bagOf(topics []bagTopic, messages []sent, compression string, pack func([]byte) []byte, closed bool) []byte {
	const perChunk = 4
	head := func(index uint64) []byte {
		h := record1([][2]string{{"op", "\x03"}, {"index_pos", string(le.AppendUint64(nil, index))}}, nil)
		pad := make([]byte, 4096-len(h)) // rosbag keeps room for it
		for i := range pad {
			pad[i] = ' '
		}
		return record1([][2]string{{"op", "\x03"}, {"index_pos", string(le.AppendUint64(nil, index))}}, pad)
	}
	var connections []byte
	for i, t := range topics {
		data := field1(field1(nil, "topic", t.name), "type", t.kind)
		data = field1(field1(data, "md5sum", "*"), "message_definition", t.definition)
		connections = append(connections, record1([][2]string{
			{"op", "\x07"}, {"conn", string(le.AppendUint32(nil, uint32(i)))}, {"topic", t.name}}, data)...)
	}
	var body []byte
	for first := true; len(messages) > 0; first = false {
		n := min(perChunk, len(messages))
		var chunk []byte
		if first {
			chunk = append(chunk, connections...)
		}
		for _, m := range messages[:n] {
			chunk = append(chunk, record1([][2]string{
				{"op", "\x02"}, {"conn", string(le.AppendUint32(nil, m.conn))}, {"time", string(make([]byte, 8))}}, m.data)...)
		}
		messages = messages[n:]
		body = append(body, record1([][2]string{
			{"op", "\x05"}, {"compression", compression}, {"size", string(le.AppendUint32(nil, uint32(len(chunk))))}}, pack(chunk))...)
		body = append(body, record1([][2]string{{"op", "\x04"}, {"ver", "\x01\x00\x00\x00"}}, make([]byte, 12*n))...)
	}
	b := append([]byte(bagMagic), head(0)...)
	at := uint64(len(b) + len(body))
	if closed {
		b = append([]byte(bagMagic), head(at)...)
		return append(append(b, body...), connections...)
	}
	return append(b, body...)
}

func field1(dst []byte, key, value string) []byte {
	return append(le.AppendUint32(dst, uint32(len(key)+1+len(value))), key+"="+value...)
}

func record1(header [][2]string, data []byte) []byte {
	var h []byte
	for _, f := range header {
		h = field1(h, f[0], f[1])
	}
	b := append(le.AppendUint32(nil, uint32(len(h))), h...)
	return append(le.AppendUint32(b, uint32(len(data))), data...)
}

// asIs is the compression "none".
func asIs(b []byte) []byte { return b }

// pieces cuts events into messages.
func pieces(events []pipeline.Event, message func([]pipeline.Event) []byte) (all []sent) {
	most := 37
	if len(events) > 10_000 {
		most = 5000 // as cameras send them
	}
	for len(events) > 0 {
		n := min(most, len(events))
		all = append(all, sent{0, message(events[:n])})
		events = events[n:]
	}
	return all
}

var dvsTopic = bagTopic{"/dvs/events", "dvs_msgs/EventArray", bagText}

func sampleBag(n int) []byte {
	messages := pieces(formattest.Events(n), func(e []pipeline.Event) []byte { return eventArray1(e, false) })
	return bagOf([]bagTopic{dvsTopic}, messages, "none", asIs, true)
}

func sampleDB3(n int) []byte {
	messages := pieces(formattest.Events(n), func(e []pipeline.Event) []byte { return eventArray2(e, 8) })
	return databaseOf([]bagTopic{{"/dvs/events", "dvs_msgs/msg/EventArray", ""}}, messages)
}
