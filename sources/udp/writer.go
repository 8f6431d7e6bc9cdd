package udp

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"

	"ganglion/pipeline"
)

// Writer sends events as datagrams. It is used from one goroutine. Nothing
// paces it: a receiver that cannot follow loses datagrams.
type Writer struct {
	protocol string
	height   int // px
	w        io.Writer
	b        []byte // the datagram that is being filled
	t        int64  // time so far in it, µs
	lost     pipeline.DamageReport
	closer   io.Closer
}

// sendSize is the longest datagram that is sent, bytes.
const sendSize = 512

// esReach is the longest gap within a datagram, µs; a new one costs 8 bytes.
const esReach = 8 * esGapTime

// Dial returns a writer to an address such as "127.0.0.1:3333". The height of
// the sensor matters to Event Streams, whose rows count from the bottom.
func Dial(address, protocol string, height int) (*Writer, error) {
	conn, err := net.Dial("udp", address)
	if err != nil {
		return nil, fmt.Errorf("udp: %w", err)
	}
	w := NewWriter(conn, protocol, height)
	w.closer = conn
	return w, nil
}

// NewWriter returns a writer that makes one Write of each datagram.
func NewWriter(w io.Writer, protocol string, height int) *Writer {
	return &Writer{protocol: protocol, height: height, w: w, b: make([]byte, 0, sendSize)}
}

// Write sends events, but for those of a last datagram that is not full. What
// the protocol cannot hold is left out and counted, see Lost.
func (w *Writer) Write(events []pipeline.Event) error {
	for i := range events {
		e := &events[i]
		if e.X > spifMask || e.Y > spifMask || w.protocol == EventStream && int(e.Y) >= w.height {
			w.lost.Add("address_range", 0, e.T, 1)
			continue
		}
		add := w.addES
		if w.protocol == SPIF {
			add = w.addSPIF
		}
		if err := add(e); err != nil {
			return err
		}
	}
	return nil
}

// addSPIF appends a word and its time, of which the low 32 bits are sent.
func (w *Writer) addSPIF(e *pipeline.Event) error {
	if len(w.b)+8 > sendSize {
		if err := w.Flush(); err != nil {
			return err
		}
	}
	word := uint32(e.X)<<16 | uint32(e.Y)
	if e.P != pipeline.Off {
		word |= spifOn
	}
	w.b = binary.LittleEndian.AppendUint32(w.b, word)
	w.b = binary.LittleEndian.AppendUint32(w.b, uint32(e.T))
	return nil
}

// addES appends a record, in a new datagram where the time goes back or far
// ahead.
func (w *Writer) addES(e *pipeline.Event) error {
	if e.T < 0 {
		w.lost.Add("time_range", 0, e.T, 1)
		return nil
	}
	step := e.T - w.t
	if len(w.b) > 0 && (step < 0 || step > esReach || len(w.b)+int(step/esGapTime)+esRecord > sendSize) {
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if len(w.b) == 0 {
		w.b = binary.LittleEndian.AppendUint64(w.b, uint64(e.T))
		w.t = e.T
	}
	for ; e.T-w.t >= esGapTime; w.t += esGapTime {
		w.b = append(w.b, esGap)
	}
	w.b = append(w.b, byte(e.T-w.t)<<1|min(e.P, 1))
	w.b = binary.LittleEndian.AppendUint16(w.b, e.X)
	w.b = binary.LittleEndian.AppendUint16(w.b, uint16(w.height-1-int(e.Y)))
	w.t = e.T
	return nil
}

// Flush sends the datagram that is not full.
func (w *Writer) Flush() error {
	if len(w.b) == 0 {
		return nil
	}
	_, err := w.w.Write(w.b)
	w.b = w.b[:0]
	if err != nil {
		return fmt.Errorf("udp: %w", err)
	}
	return nil
}

// Lost is what the protocol could not hold, by kind. The slice belongs to the
// writer.
func (w *Writer) Lost() []pipeline.Damage { return w.lost.List() }

// Close flushes and closes the connection that Dial opened.
func (w *Writer) Close() error {
	err := w.Flush()
	if w.closer != nil {
		if cerr := w.closer.Close(); err == nil {
			err = cerr
		}
		w.closer = nil
	}
	return err
}
