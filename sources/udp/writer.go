package udp

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net"

	"ganglion/pipeline"
)

// Writer sends events as datagrams. It is used from one goroutine. Unless it is
// paced, a receiver that cannot follow loses datagrams.
type Writer struct {
	protocol string
	height   int // px
	w        io.Writer
	b        []byte // the datagram that is being filled
	first, t int64  // time of its first event, and time so far in it, µs
	wait     func(t int64) error
	lost     pipeline.DamageReport
	closer   io.Closer
}

const (
	// sendSize is the longest datagram that is sent, bytes.
	sendSize = 512
	// sendSpan is how much sensor time a datagram of a paced writer holds, µs:
	// its last event is sent too early by so much at most.
	sendSpan = 1000
	// esReach is the longest gap within a datagram, µs; a new one costs 8 bytes.
	esReach = 8 * esGapTime
)

// Dial returns a writer to an address such as "127.0.0.1:3333". The height of
// the sensor matters to Event Streams, whose rows count from the bottom.
func Dial(address, protocol string, height int) (*Writer, error) {
	conn, err := net.Dial("udp", address)
	if err != nil {
		return nil, fmt.Errorf("udp: %w", err)
	}
	w := newWriter(conn, protocol, height)
	w.closer = conn
	return w, nil
}

// newWriter returns a writer that makes one Write of each datagram.
func newWriter(w io.Writer, protocol string, height int) *Writer {
	return &Writer{protocol: protocol, height: height, w: w, b: make([]byte, 0, sendSize)}
}

// Pace makes the writer call wait with the time of the first event of each
// datagram, µs, before it fills it. Its error ends the Write under way.
func (w *Writer) Pace(wait func(t int64) error) { w.wait = wait }

// Write sends events, but for those of a last datagram that is not full. What
// the protocol cannot hold is left out and counted, see Lost. Of SPIF's times
// the low 32 bits are sent; where there are more, that is counted too
// (time_high_bits).
func (w *Writer) Write(events []pipeline.Event) error {
	for i := range events {
		e := &events[i]
		if !w.holds(e) {
			continue
		}
		if len(w.b) > 0 && w.endsBefore(e) {
			if err := w.flush(); err != nil {
				return err
			}
		}
		if len(w.b) == 0 {
			if err := w.begin(e.T); err != nil {
				return err
			}
		}
		if w.protocol == SPIF {
			w.addSPIF(e)
		} else {
			w.addES(e)
		}
	}
	return nil
}

// holds reports whether the protocol has a place for an event, and counts it
// where it has none, or none for all of it.
func (w *Writer) holds(e *pipeline.Event) bool {
	switch {
	case e.X > spifMask || e.Y > spifMask || w.protocol == EventStream && int(e.Y) >= w.height:
		w.lost.Add("address_range", 0, e.T, 1)
		return false
	case w.protocol == SPIF && (e.T < 0 || e.T > math.MaxUint32):
		w.lost.Add(HighBits, 0, e.T, 1)
	case e.T < 0:
		w.lost.Add("time_range", 0, e.T, 1)
		return false
	}
	return true
}

// HighBits counts events among what was lost that were sent without the upper
// half of their time.
const HighBits = "time_high_bits"

// endsBefore reports whether the event needs a new datagram.
func (w *Writer) endsBefore(e *pipeline.Event) bool {
	if w.wait != nil && (e.T < w.first || e.T-w.first >= sendSpan) {
		return true
	}
	if w.protocol == SPIF {
		return len(w.b)+8 > sendSize
	}
	step := e.T - w.t
	return step < 0 || step > esReach || len(w.b)+int(step/esGapTime)+esRecord > sendSize
}

// begin begins a datagram with an event at time t, when that is due.
func (w *Writer) begin(t int64) error {
	if w.wait != nil {
		if err := w.wait(t); err != nil {
			return err
		}
	}
	w.first, w.t = t, t
	if w.protocol == EventStream {
		w.b = binary.LittleEndian.AppendUint64(w.b, uint64(t))
	}
	return nil
}

// addSPIF appends a word and its time.
func (w *Writer) addSPIF(e *pipeline.Event) {
	word := uint32(e.X)<<16 | uint32(e.Y)
	if e.P != pipeline.Off {
		word |= spifOn
	}
	w.b = binary.LittleEndian.AppendUint32(w.b, word)
	w.b = binary.LittleEndian.AppendUint32(w.b, uint32(e.T))
}

// addES appends a record.
func (w *Writer) addES(e *pipeline.Event) {
	for ; e.T-w.t >= esGapTime; w.t += esGapTime {
		w.b = append(w.b, esGap)
	}
	w.b = append(w.b, byte(e.T-w.t)<<1|min(e.P, 1))
	w.b = binary.LittleEndian.AppendUint16(w.b, e.X)
	w.b = binary.LittleEndian.AppendUint16(w.b, uint16(w.height-1-int(e.Y)))
	w.t = e.T
}

// flush sends the datagram that is not full.
func (w *Writer) flush() error {
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
	err := w.flush()
	if w.closer != nil {
		if cerr := w.closer.Close(); err == nil {
			err = cerr
		}
		w.closer = nil
	}
	return err
}
