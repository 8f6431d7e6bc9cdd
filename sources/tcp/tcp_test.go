package tcp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/format"
	"ganglion/sources/format/aedat"
	"ganglion/sources/format/evt"
	"ganglion/sources/format/formattest"
	"ganglion/sources/recording"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// span is a window that nothing waits out, whatever the machine is busy with: its end is
// an event behind it.
const span = 10 * time.Second

// ended are n events and one more that ends their window.
func ended(n int) (events, sent []pipeline.Event) {
	events = formattest.Events(n)
	return events, append(slices.Clone(events), pipeline.Event{T: events[n-1].T + span.Microseconds(), P: 1})
}

// opened is a source that connects to what calls send for each connection in
// turn.
func opened(t *testing.T, edit func(c *Config), sends ...func(conn net.Conn)) (*Source, pipeline.StreamInfo) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { // ends when all is sent, or with the listener
		defer close(done)
		for _, send := range sends {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			send(conn)
			conn.Close()
		}
	}()
	c := NewDefaultConfig()
	c.Address, c.Wait, c.Policy, c.Window = ln.Addr().String(), 20*time.Second, policyBlock, span
	if edit != nil {
		edit(&c)
	}
	s := New(c, component.Env{Now: time.Now})
	t.Cleanup(func() {
		s.Close()
		ln.Close()
		<-done
	})
	info, err := s.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s, info
}

// receive reads until there are n events.
func receive(t *testing.T, s *Source, n int) (events []pipeline.Event) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var b pipeline.Batch
	for len(events) < n {
		b.Reset()
		if err := s.Read(ctx, &b); err != nil {
			t.Fatalf("after %d of %d events: %v", len(events), n, err)
		}
		events = append(events, b.Events...)
	}
	return events
}

// dvStream is what dv-processing's NetworkWriter sends: the header of a file
// without its first line, then packets.
func dvStream(t testing.TB, events []pipeline.Event) []byte {
	kit := formattest.Kit{Formats: []format.Format{aedat.AEDAT4()}}
	return kit.Encode(t, "aedat4", formattest.Info, &format.Block{Events: events})[len(aedat4Line):]
}

// caerStream is what cAER sends: libcaer's network header, then packets.
func caerStream(events []pipeline.Event) []byte {
	b := []byte("\x58\x66\x9a\x0b\xc9\x8b\x37\x1d" + "\x00\x00\x00\x00\x00\x00\x00\x00" + "\x01\x00\x07\x00")
	for events := range slices.Chunk(events, 100) {
		for _, v := range []uint32{1 | 7<<16, 8, 4, 0, uint32(len(events)), uint32(len(events)), uint32(len(events))} {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		for _, e := range events {
			b = binary.LittleEndian.AppendUint32(b, 1|uint32(e.P)<<1|uint32(e.Y)<<2|uint32(e.X)<<17)
			b = binary.LittleEndian.AppendUint32(b, uint32(e.T))
		}
	}
	return b
}

func rawStream(t *testing.T, events []pipeline.Event) []byte {
	return formattest.Kit{Formats: []format.Format{evt.EVT3()}}.Encode(t, "evt3", formattest.Info, &format.Block{Events: events})
}

func sending(b []byte) func(conn net.Conn) {
	return func(conn net.Conn) {
		for piece := range slices.Chunk(b, 777) {
			if _, err := conn.Write(piece); err != nil {
				return
			}
		}
	}
}

func TestStreamsOfDVAndCAERAndRawWordsAreReceived(t *testing.T) {
	t.Parallel()
	events, sent := ended(3000)
	raw := rawStream(t, sent)
	_, words, _ := bytes.Cut(raw, []byte("% end\n"))
	for _, c := range []struct {
		name string
		data []byte
		edit func(c *Config)
		want string
	}{
		{"DV", dvStream(t, sent), nil, "tcp-aedat4"},
		{"DV, with a file's first line", append([]byte(aedat4Line), dvStream(t, sent)...), nil, "tcp-aedat4"},
		{"cAER", caerStream(sent), func(c *Config) { c.Width, c.Height = 240, 180 }, "tcp-aedat3"},
		{"RAW with its header", raw, nil, "tcp-evt3"},
		{"words alone", words, func(c *Config) { c.Format, c.Width, c.Height = "evt3", 240, 180 }, "tcp-evt3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, info := opened(t, c.edit, sending(c.data))
			if info.Format != c.want || info.Width != 240 || info.Height != 180 || !info.Live {
				t.Errorf("%+v", info)
			}
			if diff := formattest.DiffEvents(events, receive(t, s, len(events))); diff != "" {
				t.Errorf("-sent +received:\n%s", diff)
			}
			if d := s.Damage(); len(d) > 0 {
				t.Errorf("damage %v", d)
			}
		})
	}
}

// What the camera's gyroscope says comes with the events of its time, and does so
// again when the sender begins again.
func TestTheGyroscopeComesWithTheEvents(t *testing.T) {
	t.Parallel()
	b := &format.Block{Events: []pipeline.Event{{T: 10_000}, {T: 20_000}, {T: 20_000 + span.Microseconds()}}}
	for us := int64(9_000); us < 30_000; us += 1000 {
		b.Side = append(b.Side, format.Side{Kind: format.IMUSample, T: us, Before: 2, IMU: &format.IMU{Gyro: [3]float32{0, float32(us), 180}}})
	}
	dv := formattest.Kit{Formats: []format.Format{aedat.AEDAT4()}}.Encode(t, "aedat4", formattest.Info, b)[len(aedat4Line):]
	s, _ := opened(t, nil, sending(dv), sending(dv))
	for again := range int64(2) {
		var rates []pipeline.AngularRate
		for events := 0; events < 2; {
			var batch pipeline.Batch
			if err := s.Read(t.Context(), &batch); err != nil {
				t.Fatal(err)
			}
			if events += len(batch.Events); again == 1 && batch.Events[0].T == b.Events[2].T {
				events-- // of the first connection
			}
			for _, r := range batch.Gyro {
				if r.At >= batch.End {
					t.Errorf("%+v comes with %v", r, batch.Window)
				}
			}
			rates = append(rates, batch.Gyro...)
		}
		shift := again * (20_000 + span.Microseconds() - 10_000)
		if len(rates) != len(b.Side) {
			t.Fatalf("connection %d: %d samples, want %d", again, len(rates), len(b.Side))
		}
		for i, r := range rates {
			us := b.Side[i].T
			if r.T != us+shift || r.At != max(us, 20_000)+shift || math.Abs(float64(r.Y)-float64(us)*math.Pi/180) > 1e-3 ||
				math.Abs(float64(r.Z)+math.Pi) > 1e-6 {
				t.Errorf("connection %d: sample of %d is %+v", again, us, r)
			}
		}
	}
}

// A sender that comes again is heard again; its times resume behind those before.
func TestAConnectionThatEndsIsMadeAgain(t *testing.T) {
	t.Parallel()
	events, sent := ended(2000)
	s, _ := opened(t, nil, sending(dvStream(t, sent)), sending(dvStream(t, sent)))
	got := receive(t, s, len(sent)+len(events))
	if !slices.IsSortedFunc(got, func(a, b pipeline.Event) int { return cmp.Compare(a.T, b.T) }) {
		t.Error("times go back")
	}
	if diff := formattest.DiffEvents(events, got[:len(events)]); diff != "" {
		t.Errorf("-sent +received:\n%s", diff)
	}
	counts := formattest.DamageCounts(s.Damage())
	if counts["reconnected"] != 1 || counts["time_restart"] != 1 {
		t.Errorf("damage %v", counts)
	}
}

// What finds no place in the queue is counted to the event.
func TestAFullQueueDropsAndCounts(t *testing.T) {
	t.Parallel()
	events := formattest.Events(60_000)
	for _, policy := range []string{dropOldest, dropNewest} {
		s, _ := opened(t, func(c *Config) { c.Queue, c.Policy, c.Window = 2, policy, 10*time.Millisecond }, func(conn net.Conn) {
			sending(rawStream(t, events))(conn)
			conn.(*net.TCPConn).CloseWrite()
			conn.Read(make([]byte, 1)) //nolint:errcheck // waits until the source closes
		})
		dropped := func() int { return int(formattest.DamageCounts(s.Damage())["queue_full"]) }
		late := time.Now().Add(time.Minute)
		for dropped() == 0 && time.Now().Before(late) {
			time.Sleep(time.Millisecond)
		}
		received := 0
		for received+dropped() < len(events) && time.Now().Before(late) {
			received += readSome(t, s)
		}
		if n := dropped(); n == 0 || received+n != len(events) {
			t.Errorf("%s: %d received, %d dropped of %d", policy, received, n, len(events))
		}
	}
}

// readSome reads a batch, if there is one before long, and returns its events.
func readSome(t *testing.T, s *Source) int {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var b pipeline.Batch
	if err := s.Read(ctx, &b); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	return len(b.Events)
}

func TestWhatIsNoStreamIsToldAndTriedAgain(t *testing.T) {
	t.Parallel()
	garbage := sending([]byte("GET / HTTP/1.1\r\nHost: nobody\r\n\r\nand so on, for long enough that it is looked at"))
	events, sent := ended(100)
	s, _ := opened(t, nil, garbage, garbage, sending(rawStream(t, sent)))
	if diff := formattest.DiffEvents(events, receive(t, s, len(events))); diff != "" {
		t.Errorf("-sent +received:\n%s", diff)
	}
	bad := caerStream(events)
	bad[17] = 2 // compressed
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		if conn, err := ln.Accept(); err == nil {
			sending(bad)(conn)
			conn.Close()
		}
	}()
	c := NewDefaultConfig()
	c.Address, c.Wait = ln.Addr().String(), 300*time.Millisecond
	silent := New(c, component.Env{Now: time.Now})
	defer silent.Close()
	if _, err := silent.Open(t.Context()); err == nil || !strings.Contains(err.Error(), "within 300ms") {
		t.Errorf("error %v", err)
	}
}

// What a writer sends the source receives, whoever of the two listens.
func TestWhatIsSentIsReceived(t *testing.T) {
	t.Parallel()
	events, all := ended(5000)
	for _, kind := range []string{"aedat4", AEDAT3, "evt3", "evt2", "es"} {
		for _, serves := range []bool{true, false} {
			address := freeAddress(t)
			c := NewDefaultConfig()
			c.Width, c.Height, c.Policy, c.Window = 240, 180, policyBlock, span
			if c.Address = address; !serves {
				c.Address, c.Listen = "", address
			}
			s := New(c, component.Env{Now: time.Now})
			sent := make(chan error, 1)
			go func() { sent <- send(t.Context(), address, kind, serves, all) }()
			if _, err := s.Open(t.Context()); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			got := receive(t, s, len(events))
			if diff := formattest.DiffEvents(events, got); diff != "" {
				t.Errorf("%s, serves %v: -sent +received:\n%s", kind, serves, diff)
			}
			if err := <-sent; err != nil {
				t.Errorf("%s: %v", kind, err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// freeAddress is one that nobody listens at.
func freeAddress(t *testing.T) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

func send(ctx context.Context, address, kind string, serves bool, events []pipeline.Event) (err error) {
	var w *Writer
	for range 200 { // until the source listens
		if serves {
			w, err = Serve(ctx, address, kind, formattest.Info)
		} else {
			w, err = Dial(ctx, address, kind, formattest.Info)
		}
		if err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		return err
	}
	w.Pace(func(int64) error { return nil })
	for piece := range slices.Chunk(slices.Clone(events), 700) {
		if err := w.WriteBlock(&format.Block{Events: piece}); err != nil {
			return err
		}
	}
	if lost := w.Lost(); len(lost) > 0 {
		return errors.New(lost[0].String())
	}
	return w.Close()
}

func TestAWriterConnectsAgain(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	got := make(chan int, 2)
	go func() {
		for range 2 {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			n, _ := conn.Read(make([]byte, 64))
			conn.(*net.TCPConn).SetLinger(0) //nolint:errcheck // so that the sender notices
			conn.Close()
			got <- n
		}
	}()
	w, err := Dial(t.Context(), ln.Addr().String(), AEDAT3, formattest.Info)
	if err != nil {
		t.Fatal(err)
	}
	for range 2000 {
		if err := w.WriteBlock(&format.Block{Events: formattest.Events(100)}); err != nil {
			t.Fatal(err)
		}
		if formattest.DamageCounts(w.Lost())[Reconnected] > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if first, second := <-got, <-got; first == 0 || second == 0 {
		t.Error("a connection without bytes")
	}
	w.Close()
}

func TestACutStreamGivesTheEventsBeforeTheCut(t *testing.T) {
	events := formattest.Events(200)
	for name, b := range map[string][]byte{"DV": dvStream(t, events), "cAER": caerStream(events)} {
		for n := range b {
			src, err := translate(bytes.NewReader(b[:n]))
			if err != nil {
				continue
			}
			r, err := recording.NewReader(src, "bytes", recording.Options{Live: true})
			if err != nil {
				continue
			}
			got, err := formattest.Drain(r, 64)
			if err != nil || len(got.Events) > len(events) || formattest.DiffEvents(events[:len(got.Events)], got.Events) != "" {
				t.Fatalf("%s, first %d bytes: %d events, error %v", name, n, len(got.Events), err)
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func FuzzStreams(f *testing.F) {
	f.Add(caerStream(formattest.Events(30)))
	f.Add(dvStream(f, formattest.Events(30)))
	f.Fuzz(func(t *testing.T, b []byte) {
		src, err := translate(bytes.NewReader(b))
		if err != nil {
			return
		}
		r, err := recording.NewReader(src, "bytes", recording.Options{Live: true})
		if err != nil {
			return
		}
		defer r.Close()
		block := format.NewBlock(100)
		for r.Read(block) == nil {
		}
	})
}

// A source that nobody sends to says so, as /readyz does, until somebody does again.
func TestASourceWithoutASenderIsNotWell(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	c := NewDefaultConfig()
	c.Address, c.Listen = "", address
	s := New(c, component.Env{Now: time.Now})
	defer s.Close()
	dial := func() net.Conn {
		t.Helper()
		for range 500 { // until it listens
			if conn, err := net.Dial("tcp", address); err == nil {
				return conn
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatal("it does not listen")
		return nil
	}
	said := func(want string) {
		t.Helper()
		got := ""
		for range 1000 {
			if got = ""; s.Health() != nil {
				got = s.Health().Error()
			}
			if strings.HasSuffix(got, want) && (want != "" || got == "") {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Errorf("%q, not %q", got, want)
	}
	data := dvStream(t, formattest.Events(100))
	conns := make(chan net.Conn, 1)
	go func() {
		conn := dial()
		sending(data)(conn)
		conns <- conn
	}()
	if _, err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn := <-conns
	said("")
	conn.Close()
	said("nobody is connected: the sender ended the stream")
	conn = dial()
	defer conn.Close()
	sending(data)(conn)
	said("")
}
