package ros

import (
	"encoding/binary"

	"ganglion/pipeline"
	"ganglion/sources/format/formattest"
)

var le = binary.LittleEndian

func optionsOf(stream string) formattest.Options { return formattest.Options{Stream: stream} }

const (
	// oldText is what bags of 2014 hold: the time as one number.
	oldText = "Header header\nuint32 height\nuint32 width\nEvent[] events\n" +
		"================================================================================\n" +
		"MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n" +
		"================================================================================\n" +
		"MSG: dvs_msgs/Event\nuint16 x\nuint16 y\nuint64 time\nbool polarity\n"
)

// sent is a message of a sample: where to, and what.
type sent struct {
	conn uint32
	data []byte
}

// bagTopic is a connection of a sample.
type bagTopic struct{ name, kind, definition string }

func topicsOf(topics []bagTopic) (all []formattest.ROSTopic) {
	for _, t := range topics {
		all = append(all, formattest.ROSTopic{Name: t.name, Kind: t.kind, Definition: t.definition})
	}
	return all
}

func messagesOf(messages []sent) (all []formattest.ROSMessage) {
	for _, m := range messages {
		all = append(all, formattest.ROSMessage{Conn: m.conn, Data: m.data})
	}
	return all
}

// bagOf makes a bag of ROS 1.
func bagOf(topics []bagTopic, messages []sent, compression string, pack func([]byte) []byte, closed bool) []byte {
	return formattest.ROSBag(topicsOf(topics), messagesOf(messages), compression, pack, closed)
}

// databaseOf makes a bag of ROS 2.
func databaseOf(topics []bagTopic, messages []sent) []byte {
	return formattest.ROSDatabase(topicsOf(topics), messagesOf(messages))
}

// asIs is the compression "none".
func asIs(b []byte) []byte { return b }

// pieces cuts events into messages.
func pieces(events []pipeline.Event, message func([]pipeline.Event) []byte) (all []sent) {
	for _, m := range formattest.ROSPieces(events, message) {
		all = append(all, sent{m.Conn, m.Data})
	}
	return all
}

var dvsTopic = bagTopic{"/dvs/events", "dvs_msgs/EventArray", formattest.DVSText}

var (
	eventArray1  = formattest.ROS1EventArray
	eventArray2  = formattest.ROS2EventArray
	eventPacket2 = formattest.ROS2EventPacket
	record1      = formattest.ROSRecord
)
