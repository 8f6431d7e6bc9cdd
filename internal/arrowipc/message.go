package arrowipc

import (
	"bytes"
	"encoding/binary"
	"errors"

	"ganglion/internal/flatbuf"
)

// FrameSize is what stands before a message's metadata, bytes.
const FrameSize = 8

// FileMagic starts a file; its end bears the first six bytes.
const FileMagic = "ARROW1\x00\x00"

// EndOfStream stands behind the last message.
const EndOfStream = continuation + "\x00\x00\x00\x00"

const continuation = "\xff\xff\xff\xff"

// Kinds of message (MessageHeader of Arrow's Message.fbs).
const (
	SchemaMessage = 1
	BatchMessage  = 3
)

// ErrCut means that the bytes end within a message.
var ErrCut = errors.New("cut off within a message")

var (
	errNoMessage = errors.New("no Arrow IPC message")
	errMetadata  = errors.New("damaged metadata")
)

// Message is one message. It refers to the bytes that it was parsed from.
type Message struct {
	Kind   uint8
	Header flatbuf.Table // Schema or RecordBatch
	Bytes  []byte        // all of it: frame, metadata and body
	Body   []byte

	buf flatbuf.Buffer
}

// Parse finds the message at the front of b; [ErrCut] means that b is too
// short for it.
func (m *Message) Parse(b []byte) error {
	if len(b) < FrameSize {
		if !bytes.HasPrefix([]byte(continuation), b[:min(len(b), 4)]) {
			return errNoMessage
		}
		return ErrCut
	}
	n := int(int32(binary.LittleEndian.Uint32(b[4:])))
	if string(b[:4]) != continuation || n <= 0 {
		return errNoMessage
	}
	if n > len(b)-FrameSize {
		return ErrCut
	}
	m.buf.Reset(b[FrameSize : FrameSize+n])
	root := m.buf.Root()
	m.Kind, m.Header = root.U8(1), root.Table(2)
	body := root.I64(3)
	if m.buf.Bad() || m.Header.Buffer() == nil || body < 0 {
		return errMetadata
	}
	if body > int64(len(b)-FrameSize-n) {
		return ErrCut
	}
	m.Bytes = b[:FrameSize+n+int(body)]
	m.Body = m.Bytes[FrameSize+n:]
	return nil
}

// Metadata is how long a message is without its body, bytes.
func (m *Message) Metadata() int { return len(m.Bytes) - len(m.Body) }
