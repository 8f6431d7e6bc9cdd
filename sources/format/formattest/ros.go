package formattest

import (
	"ganglion/internal/sqlite/sqlitetest"
	"ganglion/pipeline"
)

// DVSText are the definitions of dvs_msgs, as a bag of ROS 1 holds them.
const (
	DVSText = "# a comment\nHeader header\nuint32 height\nuint32 width\nEvent[] events\n" +
		"================================================================================\n" +
		"MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n" +
		"================================================================================\n" +
		"MSG: dvs_msgs/Event\nuint16 x\nuint16 y\ntime ts\nbool polarity\n"
)

// ROSText is a string of ROS 1.
func ROSText(dst []byte, s string) []byte { return append(le.AppendUint32(dst, uint32(len(s))), s...) }

// ROS1EventArray is a message of ROS 1.
func ROS1EventArray(events []pipeline.Event, old bool) []byte {
	m := le.AppendUint32(nil, 7)
	m = ROSText(le.AppendUint64(m, 0), "cam")
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
	B      []byte
	widest int // alignment
}

// newCDR begins a message whose values are aligned to 8 bytes, or to 4 (XCDR2).
func newCDR(widest int) *cdr {
	if widest == 4 {
		return &cdr{B: []byte{0, 7, 0, 0}, widest: 4}
	}
	return &cdr{B: []byte{0, 1, 0, 0}, widest: 8}
}

func (c *cdr) align(n int) {
	for (len(c.B)-4)%min(n, c.widest) != 0 {
		c.B = append(c.B, 0xA5)
	}
}

// u8 appends a value, as U16, U32, U64 and Text do.
func (c *cdr) u8(v uint8)   { c.B = append(c.B, v) }
func (c *cdr) u16(v uint16) { c.align(2); c.B = le.AppendUint16(c.B, v) }
func (c *cdr) u32(v uint32) { c.align(4); c.B = le.AppendUint32(c.B, v) }
func (c *cdr) u64(v uint64) { c.align(8); c.B = le.AppendUint64(c.B, v) }
func (c *cdr) text(s string) {
	c.u32(uint32(len(s) + 1))
	c.B = append(append(c.B, s...), 0)
}

// ROS2EventArray is the same of ROS 2.
func ROS2EventArray(events []pipeline.Event, widest int) []byte {
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
	return c.B
}

// ROS2EventPacket is an EventPacket of ROS 2.
func ROS2EventPacket(encoding string, base uint64, words []byte, widest int) []byte {
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
	c.B = append(c.B, words...)
	return c.B
}

// ROSMessage is a message of a sample: where to, and what.
type ROSMessage struct {
	Conn uint32
	Data []byte
}

// ROSTopic is a connection of a sample.
type ROSTopic struct{ Name, Kind, Definition string }

// ROSBag makes a bag of ROS 1: a header, chunks of a few messages, and an index
// of connections if it was closed.
func ROSBag(topics []ROSTopic, messages []ROSMessage, compression string, pack func([]byte) []byte, closed bool) []byte {
	const perChunk = 4
	head := func(index uint64) []byte {
		h := ROSRecord([][2]string{{"op", "\x03"}, {"index_pos", string(le.AppendUint64(nil, index))}}, nil)
		pad := make([]byte, 4096-len(h)) // rosbag keeps room for it
		for i := range pad {
			pad[i] = ' '
		}
		return ROSRecord([][2]string{{"op", "\x03"}, {"index_pos", string(le.AppendUint64(nil, index))}}, pad)
	}
	var connections []byte
	for i, t := range topics {
		data := ROSField(ROSField(nil, "topic", t.Name), "type", t.Kind)
		data = ROSField(ROSField(data, "md5sum", "*"), "message_definition", t.Definition)
		connections = append(connections, ROSRecord([][2]string{
			{"op", "\x07"}, {"conn", string(le.AppendUint32(nil, uint32(i)))}, {"topic", t.Name}}, data)...)
	}
	var body []byte
	for first := true; len(messages) > 0; first = false {
		n := min(perChunk, len(messages))
		var chunk []byte
		if first {
			chunk = append(chunk, connections...)
		}
		for _, m := range messages[:n] {
			chunk = append(chunk, ROSRecord([][2]string{
				{"op", "\x02"}, {"conn", string(le.AppendUint32(nil, m.Conn))}, {"time", string(make([]byte, 8))}}, m.Data)...)
		}
		messages = messages[n:]
		body = append(body, ROSRecord([][2]string{
			{"op", "\x05"}, {"compression", compression}, {"size", string(le.AppendUint32(nil, uint32(len(chunk))))}}, pack(chunk))...)
		body = append(body, ROSRecord([][2]string{{"op", "\x04"}, {"ver", "\x01\x00\x00\x00"}}, make([]byte, 12*n))...)
	}
	b := append([]byte("#ROSBAG V2.0\n"), head(0)...)
	at := uint64(len(b) + len(body))
	if closed {
		b = append([]byte("#ROSBAG V2.0\n"), head(at)...)
		return append(append(b, body...), connections...)
	}
	return append(b, body...)
}

// ROSField appends a field of a record of a bag of ROS 1.
func ROSField(dst []byte, key, value string) []byte {
	return append(le.AppendUint32(dst, uint32(len(key)+1+len(value))), key+"="+value...)
}

// ROSRecord is a record of such a bag.
func ROSRecord(header [][2]string, data []byte) []byte {
	var h []byte
	for _, f := range header {
		h = ROSField(h, f[0], f[1])
	}
	b := append(le.AppendUint32(nil, uint32(len(h))), h...)
	return append(le.AppendUint32(b, uint32(len(data))), data...)
}

// asIs is the compression "none".
func asIs(b []byte) []byte { return b }

// ROSPieces cuts events into messages.
func ROSPieces(events []pipeline.Event, message func([]pipeline.Event) []byte) (all []ROSMessage) {
	most := 37
	if len(events) > 10_000 {
		most = 5000 // as cameras send them
	}
	for len(events) > 0 {
		n := min(most, len(events))
		all = append(all, ROSMessage{0, message(events[:n])})
		events = events[n:]
	}
	return all
}

// dvsTopic is the connection of a camera whose messages are [ROS1EventArray].
func dvsTopic() ROSTopic { return ROSTopic{"/dvs/events", "dvs_msgs/EventArray", DVSText} }

// Bag makes a bag of ROS 1 with n events.
func Bag(n int) []byte {
	messages := ROSPieces(Events(n), func(e []pipeline.Event) []byte { return ROS1EventArray(e, false) })
	return ROSBag([]ROSTopic{dvsTopic()}, messages, "none", asIs, true)
}

// DB3 makes a bag of ROS 2, an SQLite database, with n events.
func DB3(n int) []byte {
	messages := ROSPieces(Events(n), func(e []pipeline.Event) []byte { return ROS2EventArray(e, 8) })
	return ROSDatabase([]ROSTopic{{"/dvs/events", "dvs_msgs/msg/EventArray", ""}}, messages)
}

// ROSDatabase makes a bag of ROS 2: topics and messages.
func ROSDatabase(topics []ROSTopic, messages []ROSMessage) []byte {
	t := sqlitetest.Table{Name: "topics", SQL: "CREATE TABLE topics(id INTEGER PRIMARY KEY,name TEXT NOT NULL,type TEXT NOT NULL," +
		"serialization_format TEXT NOT NULL)"}
	for _, topic := range topics {
		t.Rows = append(t.Rows, []any{nil, topic.Name, topic.Kind, "cdr"})
	}
	m := sqlitetest.Table{Name: "messages", SQL: "CREATE TABLE messages(id INTEGER PRIMARY KEY,topic_id INTEGER NOT NULL," +
		"timestamp INTEGER NOT NULL, data BLOB NOT NULL)"}
	for i, message := range messages {
		m.Rows = append(m.Rows, []any{nil, int64(message.Conn + 1), int64(i) * 1000, message.Data})
	}
	return sqlitetest.File(m, t)
}
