package ros

import (
	"encoding/binary"
	"strconv"

	"ganglion/sources/format"
)

// open finds the topics: in the summary that a closed file has, or by going
// through all of it.
func (m *mcap) open() {
	if at := m.summary(); at > 0 {
		m.rewind(at)
		m.scan()
	}
	if len(m.list) == 0 {
		m.rewind(0)
		damage := m.s.Damage
		m.scan()
		m.s.Damage = damage // it is met again
	}
	m.rewind(0)
	m.metadata()
}

// metadata reads what the program wrote in front of the first chunk.
func (m *mcap) metadata() {
	for m.size > 0 {
		head, _, err := m.file.Window(mcapRecordHead)
		if err != nil || len(head) < mcapRecordHead || head[0] != mcapHeader && head[0] != mcapMetadata {
			return
		}
		op, size := head[0], binary.LittleEndian.Uint64(head[1:])
		if size > format.MaxHeader {
			return
		}
		record, _, err := m.file.Window(mcapRecordHead + int(size))
		if err != nil || len(record) < mcapRecordHead+int(size) {
			return
		}
		r := fields{record[mcapRecordHead:][:size]}
		if op == mcapMetadata && r.text() == mcapMetadataName {
			r.take(4)
			for len(r.b) > 0 {
				m.s.Info.Header = append(m.s.Info.Header, format.Field{Key: r.text(), Value: r.text()})
			}
		}
		m.file.Advance(mcapRecordHead + int(size))
	}
}

// summary is where the summary section begins, or 0.
func (m *mcap) summary() int64 {
	var tail [mcapRecordHead + mcapFooterSize + len(mcapMagic)]byte
	at := m.size - int64(len(tail))
	if at < int64(len(mcapMagic)) {
		return 0
	}
	if _, err := m.src.ReadAt(tail[:], at); err != nil || string(tail[mcapRecordHead+mcapFooterSize:]) != mcapMagic || tail[0] != mcapFooter {
		return 0
	}
	if start := binary.LittleEndian.Uint64(tail[mcapRecordHead:]); start < uint64(at) {
		return int64(start)
	}
	return 0
}

// schema keeps the definition of a type: u16 id, and name, encoding and data
// behind their lengths.
func (m *mcap) schema(data []byte) {
	r := fields{data}
	id := r.u16()
	s := mcapSchemaRecord{name: r.text(), encoding: r.text()}
	s.text = r.text()
	m.schemas[id] = s
}

// channel keeps a topic: u16 id, u16 schema, topic, message encoding, metadata.
func (m *mcap) channel(data []byte) {
	r := fields{data}
	id, schema := r.u16(), r.u16()
	if _, known := m.index[id]; known {
		return
	}
	s := m.schemas[schema]
	t := topic{name: r.text(), kind: s.name, cdr: true}
	if encoding := r.text(); encoding == "ros1" || s.encoding == "ros1msg" {
		t.cdr = false
	}
	if s.encoding == "ros1msg" || s.encoding == "ros2msg" {
		t.definition = s.text
	}
	r.take(4)
	for len(r.b) > 0 {
		switch key, value := r.text(), r.text(); key {
		case "height":
			t.height, _ = strconv.Atoi(value)
		case "width":
			t.width, _ = strconv.Atoi(value)
		}
	}
	m.index[id] = len(m.list)
	m.list = append(m.list, t)
}

// fields reads the fields of a record; behind its end all are empty.
type fields struct{ b []byte }

func (f *fields) take(n int) []byte {
	if n > len(f.b) {
		f.b = nil
		return nil
	}
	taken := f.b[:n]
	f.b = f.b[n:]
	return taken
}

func (f *fields) u16() uint16 {
	if b := f.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (f *fields) u64() uint64 {
	if b := f.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (f *fields) text() string {
	if b := f.take(4); b != nil {
		return string(f.take(int(binary.LittleEndian.Uint32(b))))
	}
	return ""
}
