package udp

import (
	"context"
	"encoding/binary"
	"net"
	"testing"
	"time"
	"unsafe"

	"ganglion/pipeline"
)

// gate is a socket with little room from which nothing is read until it opens.
type gate struct {
	*net.UDPConn
	open chan struct{}
}

func (g gate) ReadFrom(b []byte) (int, net.Addr, error) {
	<-g.open
	return g.UDPConn.ReadFrom(b)
}

// behindGate is an open source that does not get to read, and a way to send to it.
func behindGate(t *testing.T) (*source, gate, net.Conn) {
	t.Helper()
	socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	if err := socket.SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	g := gate{socket, make(chan struct{})}
	s := newSource(configOf(SPIF), env())
	s.listen = func(context.Context, string) (net.PacketConn, error) { return g, nil }
	if _, err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	sender, err := net.Dial("udp", socket.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sender.Close() })
	return s, g, sender
}

func TestWhatTheSystemDropsIsCountedWhileItHappens(t *testing.T) {
	t.Parallel()
	s, g, sender := behindGate(t)
	defer s.Close()
	if !s.overrun.Known() {
		t.Skip("this system does not tell")
	}
	if d := s.Damage(); len(d) > 0 {
		t.Errorf("%v before anything was sent", d)
	}
	const sent = 300
	for i := range uint32(sent) { // one event each
		if _, err := sender.Write(spif(i)); err != nil {
			t.Fatal(err)
		}
	}
	dropped := counts(s.Damage())[pipeline.SocketOverrun]
	if dropped == 0 || dropped >= sent {
		t.Fatalf("%d of %d datagrams dropped", dropped, sent)
	}
	close(g.open)
	for got := uint64(0); got < sent-dropped; {
		got += uint64(len(read(t, s).Events))
	}
	if again := counts(s.Damage())[pipeline.SocketOverrun]; again != dropped {
		t.Errorf("%d datagrams dropped, %d before", again, dropped)
	}
}

func TestOnlyPacketsThatWaitedAreKept(t *testing.T) {
	t.Parallel()
	s := newSource(configOf(SPIF), env())
	if _, err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sender, err := net.Dial("udp", s.queue.conn.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	for i := range uint32(60) { // one after the other
		if _, err := sender.Write(spif(i * 20_000)); err != nil {
			t.Fatal(err)
		}
		read(t, s)
	}
	if n := len(s.queue.free); n > 2 {
		t.Errorf("%d packets were made for one that waits at a time", n)
	}
}

// TestAClockThatIsSetMovesNoStamp: the wall clock goes back by 60 minutes between two
// datagrams, the time that passes does not.
func TestAClockThatIsSetMovesNoStamp(t *testing.T) {
	t.Parallel()
	s := newSource(configOf(SPIF), env())
	began, calls := time.Now(), 0
	s.now = func() time.Time {
		calls++
		switch calls {
		case 1: // the start
			return began
		case 2:
			return began.Add(5 * time.Millisecond)
		}
		return wallMoved(began.Add(9*time.Millisecond), -time.Hour)
	}
	w := newWire()
	s.listen = w.listen
	if _, err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	untimed := binary.LittleEndian.AppendUint32(nil, spifUntimed|3<<16|5)
	for range 2 {
		w.Write(untimed)
	}
	var events []pipeline.Event
	for len(events) < 2 {
		events = append(events, read(t, s).Events...)
	}
	if d := events[1].T - events[0].T; d != 4000 || len(s.Damage()) > 0 {
		t.Errorf("4 ms between two datagrams are %d µs, damage %v", d, s.Damage())
	}
}

// wallMoved is a moment as the system tells it after its wall clock was set: the
// monotonic reading is as before.
func wallMoved(t time.Time, by time.Duration) time.Time {
	clock := (*struct{ wall uint64 })(unsafe.Pointer(&t)) // the package's form: a flag, seconds from bit 30 on
	clock.wall += uint64(by/time.Second) << 30
	return t
}
