package ros

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"path"

	"ganglion/sources/format"
)

// topic is what a container says of one of its topics.
type topic struct {
	name, kind string // as "/dvs/events", "dvs_msgs/EventArray"
	definition string // "" where the container holds none
	cdr        bool   // messages are those of ROS 2
	width      int    // px, where the container says it; else 0
	height     int
}

// message is one record of a topic.
type message struct {
	topic int
	data  []byte // valid until the next one is asked for
	at    int64  // where data stands in the recording, or the chunk that it is in
}

// container is a file of messages.
type container interface {
	topics() []topic
	// next returns the next message in the order of the file, or io.EOF. What
	// is damaged is counted and skipped.
	next() (message, error)
	// offset is how far the reading has come, bytes.
	offset() int64
	// restart begins again with the first message.
	restart()
}

// maxMessage bounds a message, bytes.
const maxMessage = 256 << 20

// use is what the messages of a topic are read for.
type use struct {
	nodes  []node // nil: they are not read
	layout layout
	cdr    bool
	stream int  // among the streams
	events bool // its events are delivered; else triggers and IMU samples
	imu    bool
}

// reader turns the messages of a container into blocks.
type reader struct {
	s    *format.Stream
	c    container
	uses []use // by topic

	encodings map[string]words
	current   words  // a packet that is being read, or nil
	array     *array // an array that is being read, or nil
	spare     array
	imu       []format.IMU
}

// read makes a reader of a container: it chooses the stream of events.
func read(s *format.Stream, c container) (format.BlockReader, error) {
	r := &reader{s: s, c: c, encodings: map[string]words{}}
	topics := c.topics()
	streams, index := []format.StreamInfo{}, map[string]int{}
	first := -1
	for _, t := range topics {
		at, ok := index[t.name]
		if !ok {
			at = len(streams)
			index[t.name] = at
			streams = append(streams, format.StreamInfo{Name: t.name, Kind: "other", Detail: t.kind, Width: pixels(uint64(t.width)),
				Height: pixels(uint64(t.height))})
		}
		u := use{stream: at, cdr: t.cdr, imu: shortName(t.kind) == "sensor_msgs/Imu"}
		if err := u.prepare(t); err == nil && u.nodes != nil {
			if u.imu {
				streams[at].Kind = "imu"
			} else {
				streams[at].Kind = format.StreamEvents
				if first < 0 {
					first = at
				}
			}
		} else if err != nil {
			streams[at].Detail += ": " + err.Error()
		}
		r.uses = append(r.uses, u)
	}
	chosen, err := s.Choose(streams, first)
	if err != nil {
		return nil, err
	}
	if chosen < 0 {
		return nil, errors.New("holds no topic with events of a type that is known" + listed(streams))
	}
	r.assign(streams, chosen)
	damage := s.Damage
	r.findSize()
	s.Damage = damage // it is met again
	c.restart()
	return r, nil
}

// findSize takes the sensor's size from the first message with events.
func (r *reader) findSize() {
	for {
		m, err := r.c.next()
		if err != nil {
			return
		}
		if m.topic >= len(r.uses) || !r.uses[m.topic].events {
			continue
		}
		u := &r.uses[m.topic]
		var v values
		if c, err := newCursor(m.data, u.cdr); err == nil && v.walk(u.nodes, &c) == nil {
			r.s.Size(v.width, v.height)
			r.s.Info.Unix = v.timeBase >= laterThanNS || v.stamp >= laterThanNS/1000 && v.array != nil
			return
		}
	}
}

// listed names the topics of a recording without events.
func listed(streams []format.StreamInfo) string {
	text := ""
	for i, s := range streams {
		if i == 8 {
			text += ", ..."
			break
		}
		text += ", " + s.Name + " (" + s.Detail + ")"
	}
	if text == "" {
		return ": it holds no topics"
	}
	return "; its topics:" + text[1:]
}

// prepare compiles the definition of a topic that may be read; others keep no nodes.
func (u *use) prepare(t topic) error {
	nodes, err := compile(t.kind, t.definition, t.cdr)
	if err != nil {
		if _, known := builtin[shortName(t.kind)]; known {
			return err
		}
		return nil // of no concern
	}
	align := 0
	if t.cdr {
		align = 8
	}
	list, err := u.find(nodes, align)
	if err != nil && !u.events {
		return err
	}
	if list != nil {
		list.role, u.events = arrayOfEvents, true
	}
	if u.events || u.imu {
		u.nodes = nodes
	}
	return nil
}

// find looks for the array of events: the one that is called so, or the only one
// whose elements have x, y, polarity and a time.
func (u *use) find(nodes []node, align int) (list *node, err error) {
	for i := range nodes {
		n := &nodes[i]
		if n.role == bytesOfEvents {
			u.events = u.events || hasRole(nodes, encoding)
		}
		if n.array == 0 || n.prim != notPrimitive {
			continue
		}
		switch l, bad := layoutOf(n, align); {
		case n.path == "events" && bad != nil:
			return nil, bad
		case n.path == "events":
			u.layout = l
			return n, nil
		case bad == nil && list != nil:
			err = fmt.Errorf("%s or %s may be the events", list.path, n.path)
		case bad == nil:
			list, u.layout = n, l
		}
	}
	if err != nil {
		return nil, err
	}
	return list, nil
}

func hasRole(nodes []node, r role) bool {
	for i := range nodes {
		if nodes[i].role == r {
			return true
		}
	}
	return false
}

// assign says of each topic what it is read for, once the stream is chosen:
// other cameras are not; triggers and IMU samples are those beside the camera.
func (r *reader) assign(streams []format.StreamInfo, chosen int) {
	cameras := 0
	for _, s := range streams {
		if s.Kind == format.StreamEvents && !isTrigger(s.Name) {
			cameras++
		}
	}
	beside := path.Dir(streams[chosen].Name)
	for i := range r.uses {
		u := &r.uses[i]
		u.events = u.stream == chosen
		name := streams[u.stream].Name
		if !u.events && !((u.imu || isTrigger(name)) && (cameras <= 1 || path.Dir(name) == beside)) {
			u.nodes = nil
		}
	}
}

// isTrigger reports whether a topic is named as one of triggers.
func isTrigger(name string) bool { return bytes.Contains([]byte(path.Base(name)), []byte("trigger")) }

// ReadBlock implements [format.BlockReader].
func (r *reader) ReadBlock(b *format.Block) (int64, error) {
	r.imu = r.imu[:0]
	for !b.Full() {
		if r.array != nil {
			if !r.array.decode(r.s, b) {
				r.array = nil
			}
			continue
		}
		if r.current != nil {
			if !r.current.decode(b) {
				r.current = nil
			}
			continue
		}
		m, err := r.c.next()
		if errors.Is(err, io.EOF) && len(b.Events)+len(b.Side) > 0 {
			return r.c.offset(), nil
		}
		if err != nil {
			return r.c.offset(), err
		}
		r.take(b, m)
	}
	return r.c.offset(), nil
}

// take begins a message.
func (r *reader) take(b *format.Block, m message) {
	if m.topic >= len(r.uses) { // the index does not know it
		r.s.Damage.Add("unknown_connection", m.at, 0, 1)
		return
	}
	u := &r.uses[m.topic]
	if u.nodes == nil {
		r.s.Info.Streams[u.stream].Unread++
		return
	}
	c, err := newCursor(m.data, u.cdr)
	var v values
	if err == nil {
		err = v.walk(u.nodes, &c)
	}
	if err != nil {
		r.s.Damage.Add("broken_message", m.at, 0, 1)
		return
	}
	origin := m.at + int64(len(m.data)-len(c.b))
	switch {
	case u.imu:
		r.addIMU(b, &v)
	case v.bigEndian:
		r.s.Damage.Add("big_endian", m.at, 0, 1)
	case v.array != nil && u.events:
		r.spare = array{layout: u.layout, b: c.b, pos: v.at, n: v.n, base: origin}
		if c.align == 4 {
			r.spare.layout, _ = layoutOf(v.array, 4)
		}
		r.array = &r.spare
	case v.events != nil && (u.events || string(v.encoding) == "trigger"):
		r.packet(&v, origin+int64(cap(c.b)-cap(v.events)))
	}
}

// packet begins an EventPacket, whose bytes stand at an offset.
func (r *reader) packet(v *values, at int64) {
	w, known := r.encodings[string(v.encoding)]
	if !known {
		w = newWords(r.s, string(v.encoding))
		r.encodings[string(v.encoding)] = w
	}
	if w == nil {
		r.s.Damage.Add("unknown_encoding", at, int64(v.timeBase/1000), 1)
		return
	}
	w.begin(v.events, at, v.timeBase)
	r.current = w
}

// Close frees what the container holds.
func (r *reader) Close() error {
	if c, ok := r.c.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// standardGravity is 1 g in m/s².
const standardGravity = 9.80665

// addIMU adds an IMU sample, from m/s² and rad/s.
func (r *reader) addIMU(b *format.Block, v *values) {
	if len(r.imu) == cap(r.imu) {
		r.imu = make([]format.IMU, 0, 2*cap(r.imu)+64) // those before stay where side data points
	}
	sample := format.IMU{}
	for i := range 3 {
		sample.Accel[i] = float32(v.accel[i] / standardGravity)
		sample.Gyro[i] = float32(v.gyro[i] * 180 / math.Pi)
	}
	r.imu = append(r.imu, sample)
	b.Add(format.Side{Kind: format.IMUSample, T: v.stamp, IMU: &r.imu[len(r.imu)-1]})
}
