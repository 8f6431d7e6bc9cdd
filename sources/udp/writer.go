package udp

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/aedat"
)

// Writer sends events as datagrams. It is used from one goroutine. Unless it is
// paced, a receiver that cannot follow loses datagrams.
type Writer struct {
	protocol string
	height   int             // px
	chip     aedat.Addresses // of jAER's datagrams
	number   uint32          // of the next one
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

// Dial returns a writer to an address such as "127.0.0.1:3333". The info says what
// is sent: the height matters to Event Streams, whose rows count from the bottom,
// and the chip to jAER's addresses.
func Dial(address, protocol string, info format.Info) (*Writer, error) {
	conn, err := net.Dial("udp", address)
	if err != nil {
		return nil, fmt.Errorf("udp: %w", err)
	}
	w := newWriter(conn, protocol, info)
	w.closer = conn
	return w, nil
}

// newWriter returns a writer that makes one Write of each datagram.
func newWriter(w io.Writer, protocol string, info format.Info) *Writer {
	chip, _ := aedat.AddressesFor(info) // without a size, jAER's has no pixel that could be sent
	return &Writer{protocol: protocol, height: info.Height, chip: chip, w: w, b: make([]byte, 0, sendSize)}
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
		switch w.protocol {
		case SPIF:
			w.addSPIF(e)
		case JAER:
			address, _ := w.chip.Address(e)
			w.b = binary.BigEndian.AppendUint32(w.b, address)
			w.b = binary.BigEndian.AppendUint32(w.b, uint32(e.T))
		case Faery, Faery32:
			w.addFaery(e)
		default:
			w.addES(e)
		}
	}
	return nil
}

// holds reports whether the protocol has a place for an event, and counts it
// where it has none, or none for all of it.
func (w *Writer) holds(e *pipeline.Event) bool {
	known := e.X <= spifMask && e.Y <= spifMask
	switch w.protocol {
	case EventStream:
		known = known && int(e.Y) < w.height
	case JAER:
		_, known = w.chip.Address(e)
	case Faery:
		known = true
	}
	switch {
	case !known:
		w.lost.Add("address_range", 0, e.T, 1)
		return false
	case w.low() && (e.T < 0 || e.T > math.MaxUint32):
		w.lost.Add(HighBits, 0, e.T, 1)
	case e.T < 0:
		w.lost.Add("time_range", 0, e.T, 1)
		return false
	}
	return true
}

// low reports whether 32 bits of a time are sent.
func (w *Writer) low() bool { return w.protocol == SPIF || w.protocol == JAER || w.protocol == Faery32 }

// HighBits counts events among what was lost that were sent without the upper
// half of their time.
const HighBits = "time_high_bits"

// endsBefore reports whether the event needs a new datagram.
func (w *Writer) endsBefore(e *pipeline.Event) bool {
	if w.wait != nil && (e.T < w.first || e.T-w.first >= sendSpan) {
		return true
	}
	switch w.protocol {
	case SPIF, JAER, Faery32:
		return len(w.b)+8 > sendSize
	case Faery:
		return len(w.b)+faeryRecord > sendSize
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
	switch w.protocol {
	case EventStream:
		w.b = binary.LittleEndian.AppendUint64(w.b, uint64(t))
	case JAER:
		w.b = binary.BigEndian.AppendUint32(w.b, w.number)
		w.number++
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

// addFaery appends a record of 13 bytes, or 8.
func (w *Writer) addFaery(e *pipeline.Event) {
	le := binary.LittleEndian
	if w.protocol == Faery32 {
		w.b = le.AppendUint32(w.b, uint32(e.T))
		w.b = le.AppendUint16(w.b, e.X)
		w.b = le.AppendUint16(w.b, e.Y<<1|uint16(min(e.P, 1)))
		return
	}
	w.b = le.AppendUint64(w.b, uint64(e.T))
	w.b = le.AppendUint16(w.b, e.X)
	w.b = le.AppendUint16(w.b, e.Y)
	w.b = append(w.b, min(e.P, 1))
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
