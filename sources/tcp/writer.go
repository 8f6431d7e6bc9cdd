package tcp

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"

	"ganglion/internal/sleep"
	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

// AEDAT3 is the format that cAER sends, which recordings are not written in.
const AEDAT3 = "aedat3"

// sendSpan is how much sensor time is sent at once by a paced writer, µs.
const sendSpan = 1000

// Writer sends events over a connection, which it makes again when it breaks. It is
// used from one goroutine.
type Writer struct {
	ctx      context.Context // ends waiting
	address  string
	listener net.Listener // nil for a writer that connects
	format   string
	info     format.Info
	wait     func(t int64) error

	conn net.Conn
	enc  encoder
	last int64
	lost pipeline.DamageReport
	past []pipeline.Damage // of encoders before
}

// encoder turns blocks into what a receiver understands.
type encoder interface {
	WriteBlock(b *format.Block) error
	Lost() []pipeline.Damage
	Close() error
}

// Dial returns a writer that connects to an address. The context ends its waiting,
// also later.
func Dial(ctx context.Context, address, kind string, info format.Info) (*Writer, error) {
	w := &Writer{ctx: ctx, address: address, format: kind, info: info}
	return w, w.connect()
}

// Serve returns a writer that waits for a receiver at an address, as DV's and cAER's
// do. It returns once one has come.
func Serve(ctx context.Context, address, kind string, info format.Info) (*Writer, error) {
	listener, err := listenTCP(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("tcp: %w", err)
	}
	context.AfterFunc(ctx, func() { listener.Close() })
	w := &Writer{ctx: ctx, address: address, listener: listener, format: kind, info: info}
	return w, w.connect()
}

// Pace makes the writer call wait with the time of the first event of each piece
// of at most 1 ms, µs, before it sends it.
func (w *Writer) Pace(wait func(t int64) error) { w.wait = wait }

// connect makes a connection and sends what a stream begins with.
func (w *Writer) connect() (err error) {
	if w.listener != nil {
		w.conn, err = w.listener.Accept()
	} else {
		var d net.Dialer
		w.conn, err = d.DialContext(w.ctx, "tcp", w.address)
	}
	if err != nil {
		if w.ctx.Err() != nil {
			err = w.ctx.Err()
		}
		return fmt.Errorf("tcp %s: %w", w.address, err)
	}
	if w.format == AEDAT3 {
		w.enc = &aedat3Encoder{w: w.conn}
		return w.begin()
	}
	dst := io.Writer(struct{ io.Writer }{w.conn})
	if w.format == "aedat4" {
		dst = &tail{w: w.conn, skip: len(aedat4Line)} // DV's streams have no such line
	}
	enc, err := recording.NewWriter(dst, w.address, w.format, w.info)
	if err != nil {
		return err
	}
	w.enc = enc
	return nil
}

// begin sends the header of cAER's streams.
func (w *Writer) begin() error {
	b := binary.LittleEndian.AppendUint64(nil, aedat3Magic)
	b = append(b, make([]byte, 8)...) // sequence number
	b = append(b, 1, 0, 0, 0)         // version, format, source
	_, err := w.conn.Write(b)
	return err
}

// WriteBlock sends a block. A piece that could not be sent is sent again over the
// next connection; that there was one is counted (reconnected), for what was under
// way is lost.
func (w *Writer) WriteBlock(b *format.Block) error {
	if w.wait == nil {
		return w.send(b)
	}
	for len(b.Events) > 0 {
		n := 1
		for n < len(b.Events) && b.Events[n].T-b.Events[0].T < sendSpan && b.Events[n].T >= b.Events[0].T {
			n++
		}
		if err := w.wait(b.Events[0].T); err != nil {
			return err
		}
		piece := format.Block{Events: b.Events[:n]}
		for len(b.Side) > 0 && b.Side[0].Before <= n {
			piece.Side, b.Side = append(piece.Side, b.Side[0]), b.Side[1:]
		}
		if err := w.send(&piece); err != nil {
			return err
		}
		b.Events = b.Events[n:]
		for i := range b.Side {
			b.Side[i].Before -= n
		}
	}
	if len(b.Side) > 0 {
		for i := range b.Side {
			b.Side[i].Before = 0
		}
		return w.send(&format.Block{Side: b.Side})
	}
	return nil
}

func (w *Writer) send(b *format.Block) error {
	if n := len(b.Events); n > 0 {
		w.last = b.Events[n-1].T
	}
	err := w.enc.WriteBlock(b)
	for pause := leastPause; err != nil; pause = min(2*pause, mostPause) {
		w.lost.Add(Reconnected, 0, w.last, 1)
		w.conn.Close()
		w.past = append(w.past, w.enc.Lost()...)
		if err = w.again(pause); err == nil {
			err = w.enc.WriteBlock(b)
		}
		if w.ctx.Err() != nil {
			return fmt.Errorf("tcp %s: %w", w.address, w.ctx.Err())
		}
	}
	return nil
}

// Reconnected counts connections that broke, among what was lost: what was under way
// over one nobody knows.
const Reconnected = "reconnected"

// again connects once more, after a pause.
func (w *Writer) again(pause time.Duration) error {
	if w.listener == nil {
		if err := sleep.For(w.ctx, pause); err != nil {
			return err
		}
	}
	return w.connect()
}

// Lost is what the format could not hold, and connections that broke.
func (w *Writer) Lost() []pipeline.Damage {
	list := append(w.past[:len(w.past):len(w.past)], w.enc.Lost()...)
	return append(list, w.lost.List()...)
}

// Close ends the stream.
func (w *Writer) Close() error {
	if w.conn == nil {
		return nil
	}
	err := w.enc.Close()
	if cerr := w.conn.Close(); err == nil {
		err = cerr
	}
	if w.listener != nil {
		w.listener.Close()
	}
	w.conn = nil
	return err
}

// tail leaves out the first bytes.
type tail struct {
	w    io.Writer
	skip int
}

func (t *tail) Write(b []byte) (int, error) {
	n := min(t.skip, len(b))
	t.skip -= n
	if n == len(b) {
		return n, nil
	}
	k, err := t.w.Write(b[n:])
	return n + k, err
}

// aedat3Encoder makes packets of polarity events, and of triggers.
type aedat3Encoder struct {
	w    io.Writer
	b    []byte
	lost pipeline.DamageReport
}

const (
	aedat3Packet   = 28
	aedat3Polarity = 1
	aedat3Address  = 1<<15 - 1
)

// WriteBlock sends the events, in a packet for each 2^31 µs that they are of.
func (e *aedat3Encoder) WriteBlock(b *format.Block) error {
	for i := range b.Side {
		e.lost.Add(b.Side[i].Kind.String(), 0, b.Side[i].T, 1)
	}
	for events := b.Events; len(events) > 0; {
		overflow := events[0].T >> 31
		e.b = append(e.b[:0], make([]byte, aedat3Packet)...)
		n, number := 0, uint32(0)
		for ; n < len(events) && events[n].T>>31 == overflow; n++ {
			ev := &events[n]
			switch {
			case ev.X > aedat3Address || ev.Y > aedat3Address:
				e.lost.Add(format.AddressRange, 0, ev.T, 1)
				continue
			case overflow < 0 || overflow > 1<<31-1:
				e.lost.Add(format.TimeRange, 0, ev.T, 1)
				continue
			}
			e.b = binary.LittleEndian.AppendUint32(e.b, 1|uint32(min(ev.P, 1))<<1|uint32(ev.Y)<<2|uint32(ev.X)<<17)
			e.b = binary.LittleEndian.AppendUint32(e.b, uint32(ev.T&(1<<31-1)))
			number++
		}
		events = events[n:]
		if number == 0 {
			continue
		}
		le := binary.LittleEndian
		le.PutUint16(e.b, aedat3Polarity)
		for i, v := range []uint32{8, 4, uint32(overflow), number, number, number} {
			le.PutUint32(e.b[4+4*i:], v)
		}
		if _, err := e.w.Write(e.b); err != nil {
			return err
		}
	}
	return nil
}

func (e *aedat3Encoder) Lost() []pipeline.Damage { return e.lost.List() }
func (e *aedat3Encoder) Close() error            { return nil }
