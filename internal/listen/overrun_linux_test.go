package listen_test

import (
	"net"
	"os"
	"testing"
	"time"

	"ganglion/internal/listen"
)

// receiver is a socket with little room, and a way to send to it.
func receiver(t *testing.T) (socket *net.UDPConn, sender net.Conn) {
	t.Helper()
	socket, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	if err := socket.SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	if sender, err = net.Dial("udp", socket.LocalAddr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sender.Close() })
	return socket, sender
}

func TestWhatTheSocketDropsIsCounted(t *testing.T) {
	t.Parallel()
	socket, sender := receiver(t)
	o := listen.NewOverrun(socket)
	if !o.Known() {
		t.Fatal("not known on Linux")
	}
	const sent = 200
	for i := range sent { // more than there is room for, and nobody reads
		if _, err := sender.Write(make([]byte, 500)); err != nil {
			t.Fatal(err)
		}
		if i == 0 && o.Total() != 0 {
			t.Errorf("%d dropped while there was room", o.Total())
		}
	}
	dropped := o.Total()
	if got := arrived(t, socket); uint64(got)+dropped != sent || got == 0 || dropped == 0 {
		t.Errorf("%d datagrams sent, %d read and %d dropped", sent, got, dropped)
	}
	socket.Close()
	if again := o.Total(); again != dropped {
		t.Errorf("%d dropped once the socket is closed, %d before", again, dropped)
	}
}

// arrived reads what waits in the socket.
func arrived(t *testing.T, socket *net.UDPConn) (n int) {
	t.Helper()
	for b := make([]byte, 1<<10); ; n++ {
		if err := socket.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, err := socket.Read(b); os.IsTimeout(err) {
			return n
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatIsNoSocketDropsNothingThatIsKnown(t *testing.T) {
	t.Parallel()
	if o := listen.NewOverrun(nil); o.Known() || o.Total() != 0 {
		t.Errorf("known %v, %d dropped", o.Known(), o.Total())
	}
}
