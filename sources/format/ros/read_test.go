package ros

import (
	"bytes"
	"encoding/base64"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

// few are events whose times need seconds and nanoseconds.
var few = []pipeline.Event{
	{T: 1_000_001, X: 3, Y: 4, P: 1}, {T: 1_000_002, X: 239, Y: 179}, {T: 2_999_999, X: 0, Y: 0, P: 1}, {T: 3_000_000, X: 7, Y: 8},
	{T: 3_000_000, X: 8, Y: 8, P: 1},
}

func decode(t *testing.T, data []byte, stream string) formattest.Data {
	t.Helper()
	d, err := kit.Decode(bytes.NewReader(data), optionsOf(stream), 64)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func wantEvents(t *testing.T, want []pipeline.Event, d formattest.Data) {
	t.Helper()
	if diff := cmp.Diff(want, d.Events); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(d.Damage) > 0 {
		t.Errorf("damage: %v", d.Damage)
	}
	if d.Info.Width != 240 || d.Info.Height != 180 {
		t.Errorf("size %dx%d", d.Info.Width, d.Info.Height)
	}
}

func packed(w io.WriteCloser, buf *bytes.Buffer, b []byte) []byte {
	if _, err := w.Write(b); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return buf.Bytes()
}

func lz4Frame(b []byte) []byte {
	var buf bytes.Buffer
	return packed(lz4.NewWriter(&buf), &buf, b)
}

func zstdFrame(b []byte) []byte {
	var buf bytes.Buffer
	w, err := zstd.NewWriter(&buf)
	if err != nil {
		panic(err)
	}
	return packed(w, &buf, b)
}

func TestChunksAreUnpackedWithAndWithoutAnIndex(t *testing.T) {
	t.Parallel()
	for name, pack := range map[string]func([]byte) []byte{"none": asIs, "lz4": lz4Frame} {
		for _, closed := range []bool{true, false} {
			messages := pieces(few, func(e []pipeline.Event) []byte { return eventArray1(e, false) })
			wantEvents(t, few, decode(t, bagOf([]bagTopic{dvsTopic}, messages, name, pack, closed), ""))
		}
	}
}

// TestTheDefinitionInTheBagDecides: the type's name is today's, its event has
// the time as one number.
func TestTheDefinitionInTheBagDecides(t *testing.T) {
	t.Parallel()
	messages := pieces(few, func(e []pipeline.Event) []byte { return eventArray1(e, true) })
	wantEvents(t, few, decode(t, bagOf([]bagTopic{{"/dvs/events", "dvs_msgs/EventArray", oldText}}, messages, "none", asIs, true), ""))
}

// TestDefinitionsThatAreLeftOutAreThoseOfTheROS: a header of ROS 1 has a number.
func TestDefinitionsThatAreLeftOutAreThoseOfTheROS(t *testing.T) {
	t.Parallel()
	short, _, _ := strings.Cut(formattest.DVSText, "===")
	messages := pieces(few, func(e []pipeline.Event) []byte { return eventArray1(e, false) })
	wantEvents(t, few, decode(t, bagOf([]bagTopic{{"/dvs/events", "dvs_msgs/EventArray", short}}, messages, "none", asIs, true), ""))
	wantEvents(t, few, decode(t, bagOf([]bagTopic{{"/dvs/events", "dvs_msgs/EventArray", ""}}, messages, "none", asIs, true), ""))
}

func TestAlignmentIsThatOfTheMessage(t *testing.T) {
	t.Parallel()
	for _, widest := range []int{8, 4} {
		messages := pieces(few, func(e []pipeline.Event) []byte { return eventArray2(e, widest) })
		wantEvents(t, few, decode(t, databaseOf([]bagTopic{{"/cd", "prophesee_event_msgs/msg/EventArray", ""}}, messages), ""))
		var words []byte
		for _, e := range few {
			words = le.AppendUint64(words, uint64(e.T)*1000|uint64(e.X)<<32|uint64(e.Y)<<48|uint64(e.P)<<63)
		}
		packets := []sent{{0, eventPacket2("mono", 0, words, widest)}}
		wantEvents(t, few, decode(t, databaseOf([]bagTopic{{"/p", "event_camera_msgs/msg/EventPacket", ""}}, packets), ""))
	}
}

func TestEncodingsOfPackets(t *testing.T) {
	t.Parallel()
	u16s := func(w ...uint16) (b []byte) {
		for _, w := range w {
			b = le.AppendUint16(b, w)
		}
		return b
	}
	libcaerWord := func(x, y, p uint32, t int32) []byte {
		return le.AppendUint32(le.AppendUint32(nil, x<<17|y<<2|p<<1), uint32(t))
	}
	for name, test := range map[string]struct {
		encoding string
		base     uint64 // ns
		words    []byte
		events   []pipeline.Event
		side     []format.Side
	}{
		"mono counts ns from the base": {"mono", 5_000_000, le.AppendUint64(nil, 1<<63|9<<48|7<<32|2999),
			[]pipeline.Event{{T: 5002, X: 7, Y: 9, P: 1}}, nil},
		"a trigger is side data": {"trigger", 5_000_000, le.AppendUint64(nil, 1<<63|3<<48|1000), nil,
			[]format.Side{{Kind: format.Trigger, T: 5001, Code: 3, Value: 1}}},
		"a fall of libcaer's time adds 2^31 µs": {"libcaer", 1_000_000, append(libcaerWord(5, 6, 1, 1<<31-1), libcaerWord(7, 8, 0, 2)...),
			[]pipeline.Event{{T: 1000 + 1<<31 - 1, X: 5, Y: 6, P: 1}, {T: 1000 + 1<<31 + 2, X: 7, Y: 8}}, nil},
		"vectors of libcaer_cmp are columns": {"libcaer_cmp", 2_000_000,
			u16s(0x0001, 0x1002, 0x2000|10, 0x3800|20, 0x4000|170, 0x5000|0b101, 0x5000|0b11, 0x5000|0xff),
			[]pipeline.Event{{T: 2000 + 4098, X: 10, Y: 20, P: 1}, {T: 6098, X: 10, Y: 170}, {T: 6098, X: 10, Y: 172}, {T: 6098, X: 10, Y: 178},
				{T: 6098, X: 10, Y: 179}}, nil},
		"evt3": {"evt3", 77, u16s(0x8001, 0x6002, 0x0014, 0x2800|5), []pipeline.Event{{T: 4098, X: 5, Y: 20, P: 1}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := decode(t, databaseOf([]bagTopic{{"/p", "event_camera_msgs/msg/EventPacket", ""}},
				[]sent{{0, eventPacket2(test.encoding, test.base, test.words, 8)}}), "")
			wantEvents(t, test.events, d)
			if diff := cmp.Diff(test.side, d.Side); diff != "" {
				t.Errorf("side data: -want +got:\n%s", diff)
			}
		})
	}
}

// TestStateOfEVT3LastsFromPacketToPacket cuts words anywhere.
func TestStateOfEVT3LastsFromPacketToPacket(t *testing.T) {
	t.Parallel()
	events := formattest.Events(2000)
	words := kit.Encode(t, "mcap", formattest.Info, &format.Block{Events: events})
	whole := decode(t, words, "")
	wantEvents(t, events, whole)
	raw := rawWords(t, events)
	for _, size := range []int{1, 7, 100} {
		var packets []sent
		for rest := raw; len(rest) > 0; {
			n := min(size, len(rest))
			packets = append(packets, sent{0, eventPacket2("evt3", 0, rest[:n], 8)})
			rest = rest[n:]
		}
		wantEvents(t, events, decode(t, databaseOf([]bagTopic{{"/p", "event_camera_msgs/msg/EventPacket", ""}}, packets), ""))
	}
}

// rawWords are the words of a RAW file behind its header.
func rawWords(t *testing.T, events []pipeline.Event) []byte {
	t.Helper()
	raw := formattest.Kit{Formats: rawFormatList()}.Encode(t, "evt3", formattest.Info, &format.Block{Events: events})
	return raw[bytes.Index(raw, []byte("% end\n"))+6:]
}

func rawFormatList() []format.Format { return []format.Format{rawFormats["evt3"]()} }

func TestOneOfSeveralCamerasIsReadAndTheOthersAreCounted(t *testing.T) {
	t.Parallel()
	left, right := few[:3], few[3:]
	imu := sent{2, imuMessage()}
	bag := bagOf([]bagTopic{
		{"/davis/left/events", "dvs_msgs/EventArray", formattest.DVSText}, {"/davis/right/events", "dvs_msgs/EventArray", formattest.DVSText},
		{"/davis/right/imu", "sensor_msgs/Imu", imuText}, {"/clock", "rosgraph_msgs/Clock", "time clock\n"},
	}, []sent{{0, eventArray1(left, false)}, {1, eventArray1(right, false)}, imu, {3, make([]byte, 8)}}, "none", asIs, true)
	wantEvents(t, left, decode(t, bag, ""))
	d := decode(t, bag, "/davis/right/events")
	wantEvents(t, right, d)
	want := []format.Side{{Kind: format.IMUSample, T: 2_000_000, Before: 2, IMU: &format.IMU{Accel: [3]float32{1, 0, -2},
		Gyro: [3]float32{180, 0, 0}}}}
	if diff := cmp.Diff(want, d.Side); diff != "" {
		t.Errorf("side data: -want +got:\n%s", diff)
	}
	r, err := kit.NewReader(bytes.NewReader(bag), "", optionsOf(""))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := formattest.Drain(r, 64); err != nil {
		t.Fatal(err)
	}
	var unread []uint64
	for _, s := range r.Streams() {
		unread = append(unread, s.Unread)
	}
	if diff := cmp.Diff([]uint64{0, 1, 1, 1}, unread); diff != "" {
		t.Errorf("unread messages: -want +got:\n%s", diff)
	}
	if _, err := kit.Decode(bytes.NewReader(bag), optionsOf("/nothing"), 64); err == nil ||
		!strings.Contains(err.Error(), "/davis/left/events, /davis/right/events") {
		t.Errorf("a stream that is not there: %v", err)
	}
}

const imuText = "Header header\ngeometry_msgs/Quaternion orientation\nfloat64[9] orientation_covariance\n" +
	"geometry_msgs/Vector3 angular_velocity\nfloat64[9] angular_velocity_covariance\n" +
	"geometry_msgs/Vector3 linear_acceleration\nfloat64[9] linear_acceleration_covariance\n" +
	"===\nMSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n" +
	"===\nMSG: geometry_msgs/Quaternion\nfloat64 x\nfloat64 y\nfloat64 z\nfloat64 w\n" +
	"===\nMSG: geometry_msgs/Vector3\nfloat64 x\nfloat64 y\nfloat64 z\n"

// imuMessage is a sample at 2 s: pi rad/s about x, 1 g and -2 g along x and z.
func imuMessage() []byte {
	m := le.AppendUint32(nil, 1)
	m = formattest.ROSText(le.AppendUint32(le.AppendUint32(m, 2), 0), "")
	for i := range 37 {
		v := uint64(0)
		switch i {
		case 13:
			v = 0x400921FB54442D18 // pi
		case 25:
			v = 0x40239D013A92A305 // 9.80665
		case 27:
			v = 0xC0339D013A92A305 // -19.6133
		}
		m = le.AppendUint64(m, v)
	}
	return m
}

// TestDamageIsCountedAndTheRestIsRead breaks one chunk of several.
func TestDamageIsCountedAndTheRestIsRead(t *testing.T) {
	t.Parallel()
	events := formattest.Events(37 * 12) // three chunks of four messages
	messages := pieces(events, func(e []pipeline.Event) []byte { return eventArray1(e, false) })
	chunk := 0
	bag := bagOf([]bagTopic{dvsTopic}, messages, "lz4", func(b []byte) []byte {
		packed := lz4Frame(b)
		if chunk++; chunk == 2 {
			for i := 20; i < 60; i++ {
				packed[i] ^= 0xff
			}
		}
		return packed
	}, true)
	d := decode(t, bag, "")
	if got := formattest.DamageCounts(d.Damage)["broken_chunk"]; got != 1 {
		t.Errorf("damage %v", d.Damage)
	}
	if n := len(d.Events); n < 37*8 || n >= 37*12 || d.Events[n-1] != events[len(events)-1] {
		t.Errorf("%d events of %d, the last %v", n, len(events), d.Events[n-1])
	}
	broken := databaseOf([]bagTopic{{"/p", "event_camera_msgs/msg/EventPacket", ""}}, []sent{
		{0, eventPacket2("evt9", 0, []byte{1}, 8)}, {0, []byte{0, 1, 0, 0, 9}}, {5, nil}, {0, []byte{0, 0, 0, 0}},
	})
	want := map[string]uint64{"unknown_encoding": 1, "broken_message": 2, "unknown_connection": 1}
	if diff := cmp.Diff(want, formattest.DamageCounts(decode(t, broken, "").Damage)); diff != "" {
		t.Errorf("damage: -want +got:\n%s", diff)
	}
}

func TestFilesWithoutEventsSayWhatTheyHold(t *testing.T) {
	t.Parallel()
	bag := bagOf([]bagTopic{{"/clock", "rosgraph_msgs/Clock", "time clock\n"}}, []sent{{0, make([]byte, 8)}}, "none", asIs, true)
	for want, data := range map[string][]byte{
		"its topics: /clock (rosgraph_msgs/Clock)": bag,
		"it holds no topics":                       bagOf(nil, nil, "none", asIs, false),
		"is not a ROS 2 bag":                       bytes.ReplaceAll(databaseOf(nil, nil), []byte("messages"), []byte("massages")),
	} {
		if _, err := kit.Decode(bytes.NewReader(data), optionsOf(""), 64); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// bzip2Bag is a bag of the first two events, whose chunk was packed by bzip2 1.0.8.
func bzip2Bag(t *testing.T) []byte {
	t.Helper()
	messages := pieces(few[:2], func(e []pipeline.Event) []byte { return eventArray1(e, false) })
	chunk := record1([][2]string{{"op", "\x07"}, {"conn", "\x00\x00\x00\x00"}, {"topic", "/dvs/events"}},
		formattest.ROSField(formattest.ROSField(nil, "type", "dvs_msgs/EventArray"), "message_definition", formattest.DVSText))
	chunk = append(chunk, record1([][2]string{{"op", "\x02"}, {"conn", "\x00\x00\x00\x00"}, {"time", "12345678"}}, messages[0].data)...)
	packed, err := base64.StdEncoding.DecodeString(bzipped)
	if err != nil {
		t.Fatal(err)
	}
	bag := append([]byte(bagMagic), record1([][2]string{{"op", "\x03"}, {"index_pos", "\x00\x00\x00\x00\x00\x00\x00\x00"}}, nil)...)
	return append(bag, record1([][2]string{{"op", "\x05"}, {"compression", "bz2"}, {"size", string(le.AppendUint32(nil, uint32(len(chunk))))}},
		packed)...)
}

func TestBzip2ChunksAreRead(t *testing.T) {
	t.Parallel()
	wantEvents(t, few[:2], decode(t, bzip2Bag(t), ""))
}

// What a chunk may unpack to goes by its bytes that are there, whatever it says of them.
func TestAChunkCannotLieAboutItsLength(t *testing.T) {
	t.Parallel()
	packed, err := base64.StdEncoding.DecodeString(bzippedZeros)
	if err != nil {
		t.Fatal(err)
	}
	bag := append(bzip2Bag(t), record1([][2]string{{"op", "\x05"}, {"compression", "bz2"}}, packed)...)
	le.PutUint32(bag[len(bag)-len(packed)-4:], 1<<30)
	d := decode(t, bag, "")
	if got := formattest.DamageCounts(d.Damage)["broken_chunk"]; got != 1 || len(d.Events) != 2 {
		t.Errorf("%d events, damage %v", len(d.Events), d.Damage)
	}
}

// bzippedZeros are six records of 16 MiB.
const bzippedZeros = "QlpoOTFBWSZTWWRjQ2UAAABAAOwAAAggAFBmgClE06QlShuElVBjSSSqBztKhVUnzFBWSZTWZAdR5sAZeBAAOQAAAggAFBmmgmqDhUhFW5KQKrLa" +
	"SSCquZQqAl5igrJMprN66xNAAIfUgAGAAAAQQABBSBBiSqg0JKqDi7kinChIBmEFgQA="

const bzipped = "QlpoOTFBWSZTWQ1kkiEAAEF/q/yyIEBJEL/yIsYICr/n/+BAAAwAQAAAQMAAMAD6NoaTKaI000GQNAANDQA00MQ0GimI1PUzU0PUAAAAAAAPUG" +
	"hUwaDRGgZGgAAAABo0lDSChmGKVkmlPB4QLhWJ21ACkYBmAJ3EIMGRFQZD74MPO0IQoUw+ujnNHPEEcmaXR8B1Sy94u3pqGVXplR8BbhcskilO" +
	"iIojKkm9gcG+PLqJxAFe7FgVgR1uoYkBmsKEgX5aD4zRoSQMuQI3NBTUDa94ySuzXnJ/GeqUPGn4g8wSJjHQVWtWUqhI2V7ISd9eQRIl4kJstN" +
	"KIyOIIhBiaEIGAkEjBihQf0vuBDqOgRQtr/IIysFWU+TqC03GJDIohWUJ7jSpZpSog8mBZRBhzoGLjMdj/i7kinChIBrJJEIA="

// TestChunksOfMCAPAreUnpacked packs the messages of one chunk, with and without
// a summary behind it.
func TestChunksOfMCAPAreUnpacked(t *testing.T) {
	t.Parallel()
	words := rawWords(t, few)
	message := append(make([]byte, mcapMessageHead), eventPacket2("evt3", 0, words, 8)...)
	records := appendRecord((&mcapEncoder{s: &format.Sink{Info: formattest.Info}}).schemaAndChannel(nil), mcapMessage, message)
	for kind, pack := range map[string]func([]byte) []byte{"": asIs, "lz4": lz4Frame, "zstd": zstdFrame, "xz": asIs} {
		packed := pack(records)
		chunk := le.AppendUint64(make([]byte, 16), uint64(len(records)))
		chunk = appendText(le.AppendUint32(chunk, 0), kind)
		chunk = append(le.AppendUint64(chunk, uint64(len(packed))), packed...)
		file := appendRecord([]byte(mcapMagic), mcapHeader, appendText(appendText(nil, "ros2"), "test"))
		file = appendRecord(file, mcapChunk, chunk)
		if kind == "xz" {
			if _, err := kit.Decode(bytes.NewReader(file), optionsOf(""), 64); err == nil || !strings.Contains(err.Error(), "no topic") {
				t.Errorf("a chunk of another compression: %v", err)
			}
			continue
		}
		wantEvents(t, few, decode(t, file, ""))
		wantEvents(t, few, decode(t, append(appendRecord(file, mcapDataEnd, make([]byte, 4)), mcapMagic...), ""))
	}
}

// TestAChunkThatUnpacksWithoutEndCostsItselfAlone has a chunk of some 40 kB, which unpacks
// to 1 GiB of metadata, between two of events.
func TestAChunkThatUnpacksWithoutEndCostsItselfAlone(t *testing.T) {
	t.Parallel()
	head := (&mcapEncoder{s: &format.Sink{Info: formattest.Info}}).schemaAndChannel(nil)
	message := append(make([]byte, mcapMessageHead), eventPacket2("evt3", 0, rawWords(t, few), 8)...)
	events := zstdFrame(appendRecord(head, mcapMessage, message))
	long := appendRecord(nil, mcapMetadata, make([]byte, 16<<20))
	var buf bytes.Buffer
	w, err := zstd.NewWriter(&buf)
	if err != nil {
		t.Fatal(err)
	}
	for range 64 {
		if _, err := w.Write(long); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file := []byte(mcapMagic)
	for _, packed := range [][]byte{events, buf.Bytes(), events} {
		chunk := appendText(make([]byte, 28), "zstd")
		chunk = append(le.AppendUint64(chunk, uint64(len(packed))), packed...)
		file = appendRecord(file, mcapChunk, chunk)
	}
	d := decode(t, file, "")
	if diff := cmp.Diff(slices.Concat(few, few), d.Events); diff != "" {
		t.Errorf("events: -want +got:\n%s", diff)
	}
	if got := formattest.DamageCounts(d.Damage)["broken_chunk"]; got != 1 {
		t.Errorf("damage %v", d.Damage)
	}
}
