package tcp

import (
	"context"
	"io"
	"net"
	"runtime"
	"testing"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/format/formattest"
	"ganglion/sources/live"
)

// endless is a connection that brings the same stream of words again and again,
// behind the header.
type endless struct {
	net.Conn // closed before a source is, and nothing else
	header   []byte
	words    []byte
	at       int
	over     context.Context
}

func (c *endless) Read(b []byte) (int, error) {
	if len(c.header) > 0 {
		n := copy(b, c.header)
		c.header = c.header[n:]
		return n, nil
	}
	if c.over.Err() != nil {
		return 0, io.EOF
	}
	n := copy(b, c.words[c.at:])
	if c.at += n; c.at == len(c.words) {
		c.at = 0
	}
	return n, nil
}

func (c *endless) RemoteAddr() net.Addr { return &net.TCPAddr{} }

// flowing is a source whose queue is fed by an endless stream of EVT2: one TIME_HIGH
// and what follows it, so that it can be repeated. Its windows are cut by hand.
func flowing(tb testing.TB) *Source {
	tb.Helper()
	words := make([]byte, 4<<12)
	for i := range len(words) / 4 {
		words[4*i], words[4*i+1], words[4*i+3] = byte(i), byte(i%64>>4), byte(i&1<<4)
	}
	copy(words, []byte{0, 0, 0, 0x80})
	c := NewDefaultConfig()
	c.Format, c.Policy = "evt2", policyBlock
	s := New(c, component.Env{})
	s.queue = newQueue(c)
	ctx, stop := context.WithCancel(tb.Context())
	if err := s.queue.listen(ctx); err != nil {
		tb.Fatal(err)
	}
	header := []byte("% evt 2.0\n% geometry 2048x2048\n")
	s.queue.done.Go(func() { // ends with the queue
		_, _ = s.queue.stream(&endless{header: header, words: words, over: ctx})
	})
	s.windows = live.NewWindows(c.Window, 2048, 2048, &s.damage)
	tb.Cleanup(func() {
		stop()
		s.Close()
	})
	return s
}

// taken is one packet, given back.
func taken(s *Source) int {
	p := <-s.queue.full
	n := len(p.block.Events)
	s.queue.free <- p
	return n
}

// What a connection brings becomes packets, and those windows, without memory
// being taken.
func TestReceivingTakesNoMemory(t *testing.T) {
	s := flowing(t)
	for len(s.queue.full) < cap(s.queue.full) { // until every packet is made
		runtime.Gosched()
	}
	for range 2 * cap(s.queue.full) {
		taken(s)
	}
	if n := testing.AllocsPerRun(200, func() { taken(s) }); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
	var b pipeline.Batch
	events := formattest.Events(1000)
	later := int64(0)
	window := func() {
		s.windows.Append(0, func(dst []pipeline.Event) []pipeline.Event {
			from := len(dst)
			dst = append(dst, events...)
			for i := range dst[from:] {
				dst[from+i].T += later
			}
			return dst
		})
		later += events[len(events)-1].T + 1
		for b.Reset(); s.windows.Cut(&b); b.Reset() {
		}
	}
	for range 50 {
		window()
	}
	if n := testing.AllocsPerRun(50, window); n != 0 {
		t.Errorf("%v allocations a window", n)
	}
}

func BenchmarkReceive(b *testing.B) {
	s := flowing(b)
	events, cpu := 0, formattest.CPUSeconds()
	b.ReportAllocs()
	for b.Loop() {
		events += taken(s)
	}
	formattest.ReportRate(b, events, cpu)
}
