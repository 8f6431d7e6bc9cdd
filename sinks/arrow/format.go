package arrow

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// The frame of an IPC message is a continuation mark and the metadata's
// length; a length of 0 ends the stream.
const (
	frameSize    = 8
	continuation = 0xffffffff
)

var (
	fileMagic   = []byte("ARROW1\x00\x00") // starts a file; its end bears the first six
	endOfStream = []byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}
)

// Kinds of message (MessageHeader of Arrow's Message.fbs).
const (
	schemaMessage      = 1
	recordBatchMessage = 3
)

// FormatError says where and why a file is not what it should be.
type FormatError struct {
	Offset int64 // byte offset of the message
	Reason string
}

func (e *FormatError) Error() string { return fmt.Sprintf("byte %d: %s", e.Offset, e.Reason) }

// message is one encapsulated message; its metadata and body lie within the
// file's bytes.
type message struct {
	offset int64
	kind   uint8
	header table // Schema or RecordBatch
	body   []byte
	size   int // frame, metadata and body
}

// messages splits the bytes of a file or stream into messages and hands each
// to visit until the end of the stream. It returns where the last whole message
// ends; a message that is cut off gives an error.
func messages(b []byte, visit func(message) error) (end int64, err error) {
	pos := 0
	if bytes.HasPrefix(b, fileMagic) {
		pos = len(fileMagic)
	}
	for pos < len(b) && !bytes.HasPrefix(b[pos:], endOfStream) {
		m, err := parseMessage(b, pos)
		if err != nil {
			return int64(pos), err
		}
		if err := visit(m); err != nil {
			return int64(pos), err
		}
		pos += m.size
	}
	return int64(pos), nil
}

func parseMessage(b []byte, pos int) (message, error) {
	m := message{offset: int64(pos)}
	fail := func(reason string) (message, error) { return m, &FormatError{m.offset, reason} }
	rest := b[pos:]
	if len(rest) < frameSize {
		return fail("cut off within a message")
	}
	if binary.LittleEndian.Uint32(rest) != continuation {
		return fail("no Arrow IPC message")
	}
	n := int(int32(binary.LittleEndian.Uint32(rest[4:])))
	if n < 0 || n > len(rest)-frameSize {
		return fail("cut off within a message's metadata")
	}
	f := &flat{b: rest[frameSize : frameSize+n]}
	root := f.root()
	m.kind, m.header = root.u8(1), root.table(2)
	body := root.i64(3)
	if f.bad || m.header.f == nil {
		return fail("damaged metadata")
	}
	rest = rest[frameSize+n:]
	if body < 0 || body > int64(len(rest)) {
		return fail("cut off within a message's body")
	}
	m.body, m.size = rest[:body], frameSize+n+int(body)
	return m, nil
}
