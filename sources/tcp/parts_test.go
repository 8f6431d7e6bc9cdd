package tcp

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

// The parts of a connection, each alone: no sockets that must be in time.

func TestAConfigIsCheckedWhereItsFieldsCannot(t *testing.T) {
	if err := Component().Check(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		edit func(c *Config)
		want string
	}{
		{func(*Config) {}, ""},
		{func(c *Config) { c.Listen, c.Address = ":7", "" }, ""},
		{func(c *Config) { c.Listen = "camera" }, `listen: "camera" is not an address`},
		{func(c *Config) { c.Address = "camera" }, `address: "camera" is not an address such as 127.0.0.1:10000`},
		{func(c *Config) { c.Format = "evt3" }, ""},
		{func(c *Config) { c.Format = "evt9" }, `format: unknown recording format "evt9"`},
		{func(c *Config) { c.Format = "npz" }, "format: npz is not read front to back"},
		{func(c *Config) { c.Window = 1500 }, "window: 1.5µs is not a whole number of microseconds"},
	} {
		cfg := NewDefaultConfig()
		c.edit(&cfg)
		err := cfg.Validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %q", cfg, err, c.want)
		}
	}
	if s, err := Component().NewSource(Component().Defaults(), component.Env{}); err != nil {
		t.Error(err)
	} else if _, ok := s.(*Source); !ok {
		t.Errorf("the component makes a %T", s)
	}
}

func TestABeginningIsTranslated(t *testing.T) {
	caer := caerStream(nil)
	for _, c := range []struct {
		name, in, want, err string
	}{
		{"nothing", "", "", "EOF"},
		{"less than a beginning is its format's to tell", "%", "%", ""},
		{"cAER", string(caer) + "packets", aedat3Line + "packets", ""},
		{"half of cAER's", string(caer[:15]), "", "unexpected EOF"},
		{"cAER of another version", string(caer[:16]) + "\x02\x00\x00\x00", "", "cAER's version 2, format 0: only version 1"},
		{"cAER compressed", string(caer[:16]) + "\x01\x03\x00\x00", "", "cAER's version 1, format 3: only version 1"},
		{"DV", "\x20\x00\x00\x00\x04\x00\x00\x00IOHEpackets", aedat4Line + "\x20\x00\x00\x00\x04\x00\x00\x00IOHEpackets", ""},
		{"any other", "% evt 3.0\n% end\n", "% evt 3.0\n% end\n", ""},
	} {
		src, err := translate(iotest.OneByteReader(strings.NewReader(c.in)))
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.err)
		}
		if err != nil {
			continue
		}
		if got, err := io.ReadAll(src); err != nil || string(got) != c.want {
			t.Errorf("%s: %q and %v, want %q", c.name, got, err, c.want)
		}
	}
}

// filled is a queue for n packets without a connection, and the packets that a sender
// of blocks of 1, 2, 3, ... events would give it.
func filled(t *testing.T, policy string, n, packets int) *queue {
	t.Helper()
	c := NewDefaultConfig()
	c.Queue, c.Policy = n, policy
	q := newQueue(c)
	if err := q.listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { q.close() })
	for i := range packets {
		p := q.place()
		p.block.Events = p.block.Events[:i+1]
		q.send(p)
	}
	return q
}

func TestWhatAFullQueueKeepsIsItsPolicys(t *testing.T) {
	for policy, want := range map[string]struct {
		kept    []int
		dropped uint64
	}{
		dropOldest:  {[]int{4, 5}, 1 + 2 + 3},
		dropNewest:  {[]int{1, 2}, 3 + 4 + 5},
		policyBlock: {[]int{1, 2}, 0},
	} {
		packets := 5
		if policy == policyBlock {
			packets = 2
		}
		q := filled(t, policy, 2, packets)
		var kept []int
		for len(q.full) > 0 {
			kept = append(kept, len((<-q.full).block.Events))
		}
		dropped := formattest.DamageCounts(q.report(nil))["queue_full"]
		if !slices.Equal(kept, want.kept) || dropped != want.dropped {
			t.Errorf("%s: kept %v, dropped %d, want %+v", policy, kept, dropped, want)
		}
	}
}

// A sender that waits for room is let go by the end of the source.
func TestTheEndLetsAFullQueueGo(t *testing.T) {
	q := filled(t, policyBlock, 1, 1)
	p := q.place()
	sent := make(chan struct{})
	go func() { defer close(sent); q.send(p) }() // ends with the source
	q.stop()
	<-sent
	if n := len(q.full); n != 1 {
		t.Errorf("%d packets of one", n)
	}
	if p := q.place(); p != nil {
		t.Error("a packet to fill after the end")
	}
}

func TestDamageOfEveryStreamIsKept(t *testing.T) {
	q := filled(t, policyBlock, 1, 0)
	q.note(nil, nil)
	q.note(nil, []pipeline.Damage{{Kind: "a", Offset: 7, FirstUS: 70, Count: 2}})
	before := q.seen()
	q.note(before, nil)
	q.note(before, []pipeline.Damage{{Kind: "a", Offset: 9, FirstUS: 90, Count: 1}, {Kind: "b", Offset: 8, FirstUS: 80, Count: 4}})
	q.count("reconnected", 1)
	windows := []pipeline.Damage{{Kind: "time_restart", Count: 1}}
	want := map[string]uint64{"a": 3, "b": 4, "reconnected": 1, "time_restart": 1}
	if diff := cmp.Diff(want, formattest.DamageCounts(q.report(windows))); diff != "" {
		t.Error(diff)
	}
	if first := q.seen()[0]; first.Offset != 7 || first.FirstUS != 70 {
		t.Errorf("the first of its kind is %+v", first)
	}
	if len(windows) != 1 {
		t.Error("the report of the windows was written to")
	}
}

func TestWhyNobodyIsHeardIsTold(t *testing.T) {
	q := newQueue(NewDefaultConfig())
	if err := q.why(); !errors.Is(err, errNone) {
		t.Errorf("before an attempt: %v", err)
	}
	q.err = io.ErrUnexpectedEOF
	if err := q.why(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("after one: %v", err)
	}
	if err := q.close(); err != nil {
		t.Errorf("a queue that was never started: %v", err)
	}
}

func TestASourceThatCannotOpenSaysWhy(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		edit func(c *Config)
		want string
	}{
		{"no address", t.Context(), func(c *Config) { c.Listen = "camera" }, `tcp: "camera" is not an address`},
		{"an address in use", t.Context(), func(c *Config) { c.Listen = taken.Addr().String() }, "address already in use"},
		{"nobody comes", t.Context(), func(c *Config) { c.Listen, c.Wait = ":0", 1 }, "tcp :0: no stream within 1ns: nobody was there"},
		{"the run ends", ended, func(c *Config) { c.Listen, c.Wait = "[::1]:0", 0 }, "context canceled"},
	} {
		cfg := NewDefaultConfig()
		c.edit(&cfg)
		s := New(cfg, component.Env{Now: time.Now})
		if s.Damage() != nil || s.Close() != nil {
			t.Errorf("%s: a source before Open has something to tell", c.name)
		}
		if _, err := s.Open(c.ctx); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		s.Close()
		if err := s.Close(); err != nil {
			t.Errorf("%s: closed twice: %v", c.name, err)
		}
	}
}

func TestAStreamWithoutASizeWantsOne(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	sent := make(chan struct{})
	go func() { // ends with the connection
		defer close(sent)
		if conn, err := ln.Accept(); err == nil {
			sending(caerStream(formattest.Events(10)))(conn)
			conn.Close()
		}
	}()
	cfg := NewDefaultConfig()
	cfg.Address, cfg.Wait = ln.Addr().String(), 0
	s := New(cfg, component.Env{Now: time.Now})
	_, err = s.Open(t.Context())
	if !errors.Is(err, errSize) || !strings.Contains(err.Error(), ln.Addr().String()+": aedat3 does not state") {
		t.Errorf("error %v", err)
	}
	s.Close()
	<-sent
}

// What is in the queue when the source is closed is still delivered, then EOF.
func TestReadDeliversWhatIsLeftAndThenEnds(t *testing.T) {
	left := formattest.Events(500)
	s, _ := opened(t, nil, sending(rawStream(t, left)))
	for { // until the stream's end has been met
		s.queue.mu.Lock()
		over := s.queue.err != nil
		s.queue.mu.Unlock()
		if over {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var b pipeline.Batch
	if err := s.Read(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if diff := formattest.DiffEvents(left, b.Events); diff != "" {
		t.Errorf("-sent +received:\n%s", diff)
	}
	if err := s.Read(t.Context(), &b); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	events, sent := ended(500)
	silent, _ := opened(t, nil, sending(rawStream(t, sent)), func(net.Conn) {})
	receive(t, silent, len(events))
	b.Reset()
	if err := silent.Read(ctx, &b); !errors.Is(err, context.Canceled) {
		t.Errorf("a run that ended: %v", err)
	}
}

// pieces records what an encoder is given, and fails once where told.
type pieces struct {
	times [][]int64
	side  [][]int // events before each side datum
	fail  error
}

func (p *pieces) WriteBlock(b *format.Block) error {
	times, side := []int64{}, []int{}
	for _, e := range b.Events {
		times = append(times, e.T)
	}
	for _, s := range b.Side {
		side = append(side, s.Before)
	}
	p.times, p.side = append(p.times, times), append(p.side, side)
	return p.fail
}
func (p *pieces) Lost() []pipeline.Damage { return nil }
func (p *pieces) Close() error            { return p.fail }

func TestAPacedWriterSendsAMillisecondAtATime(t *testing.T) {
	enc := &pieces{}
	w := &Writer{ctx: t.Context(), enc: enc}
	var waited []int64
	w.Pace(func(t int64) error { waited = append(waited, t); return nil })
	b := &format.Block{Side: []format.Side{{T: 20, Before: 1}, {T: 1000, Before: 3}, {T: 9000, Before: 4}, {T: 9999, Before: 6}}}
	for _, t := range []int64{0, 999, 1000, 1999, 500, 600} {
		b.Events = append(b.Events, pipeline.Event{T: t})
	}
	if err := w.WriteBlock(b); err != nil {
		t.Fatal(err)
	}
	if err := w.WriteBlock(&format.Block{Side: []format.Side{{T: 10_000}}}); err != nil {
		t.Fatal(err)
	}
	want := [][]int64{{0, 999}, {1000, 1999}, {500, 600}, {}}
	if diff := cmp.Diff(want, enc.times); diff != "" {
		t.Errorf("pieces: %s", diff)
	}
	if diff := cmp.Diff([][]int{{1}, {1, 2}, {2}, {0}}, enc.side); diff != "" {
		t.Errorf("side data: %s", diff)
	}
	if !slices.Equal(waited, []int64{0, 1000, 500}) {
		t.Errorf("waited for %v", waited)
	}
	stop := errors.New("stopped")
	w.Pace(func(int64) error { return stop })
	if err := w.WriteBlock(&format.Block{Events: make([]pipeline.Event, 1)}); !errors.Is(err, stop) {
		t.Errorf("error %v", err)
	}
}

func TestAWriterWithoutAReceiverSaysSo(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Serve(t.Context(), "camera", AEDAT3, formattest.Info); err == nil || !strings.Contains(err.Error(), `tcp: "camera" is not`) {
		t.Errorf("error %v", err)
	}
	address := freeAddress(t)
	if _, err := Dial(t.Context(), address, AEDAT3, formattest.Info); err == nil || !strings.Contains(err.Error(), "tcp "+address) {
		t.Errorf("error %v", err)
	}
	if _, err := Dial(over, address, AEDAT3, formattest.Info); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if _, err := Dial(t.Context(), ln.Addr().String(), "evt9", formattest.Info); err == nil || !strings.Contains(err.Error(), "evt9") {
		t.Errorf("error %v", err)
	}
	if err := (&Writer{}).Close(); err != nil {
		t.Errorf("a writer that never connected: %v", err)
	}
	// A connection that breaks while the run ends is not made again.
	a, b := net.Pipe()
	defer b.Close()
	w := &Writer{ctx: over, address: address, conn: a, enc: &pieces{fail: io.ErrClosedPipe}}
	if err := w.WriteBlock(&format.Block{}); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), address) {
		t.Errorf("error %v", err)
	}
	if lost := formattest.DamageCounts(w.Lost()); lost[Reconnected] != 1 {
		t.Errorf("lost %v", lost)
	}
	if err := w.Close(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("what the encoder told at its end: %v", err)
	}
}

func TestATailIsWithoutItsFirstBytes(t *testing.T) {
	var dst bytes.Buffer
	w := &tail{w: &dst, skip: 5}
	for _, piece := range []string{"abc", "", "defg", "h"} {
		if n, err := io.WriteString(w, piece); n != len(piece) || err != nil {
			t.Errorf("%q: %d and %v", piece, n, err)
		}
	}
	if dst.String() != "fgh" {
		t.Errorf("got %q", dst.String())
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// A packet holds events of one overflow of 31 bits; what AEDAT 3 cannot hold is counted.
func TestPacketsOfAEDAT3(t *testing.T) {
	const overflow = 1 << 31
	var dst bytes.Buffer
	e := &aedat3Encoder{w: &dst}
	block := &format.Block{
		Events: []pipeline.Event{
			{T: -1, X: 1}, {T: overflow - 1, X: 3, Y: 5, P: 1}, {T: overflow, X: 1<<15 - 1, Y: 1<<15 - 1}, {T: overflow + 7, X: 1 << 15},
			{T: overflow + 8, Y: 1 << 15}, {T: 1 << 62},
		},
		Side: []format.Side{{T: 4, Kind: format.Trigger}},
	}
	if err := e.WriteBlock(block); err != nil {
		t.Fatal(err)
	}
	want := map[string]uint64{format.Trigger.String(): 1, format.AddressRange: 2, format.TimeRange: 2}
	if diff := cmp.Diff(want, formattest.DamageCounts(e.Lost())); diff != "" {
		t.Errorf("lost: %s", diff)
	}
	var words []uint32
	for b := dst.Bytes(); len(b) > 0; b = b[4:] {
		words = append(words, binary.LittleEndian.Uint32(b))
	}
	if diff := cmp.Diff([]uint32{
		1, 8, 4, 0, 1, 1, 1, 1 | 1<<1 | 5<<2 | 3<<17, overflow - 1,
		1, 8, 4, 1, 1, 1, 1, 1 | (1<<15-1)<<2 | (1<<15-1)<<17, 0,
	}, words); diff != "" {
		t.Errorf("packets: %s", diff)
	}
	e.w = broken{}
	if err := e.WriteBlock(block); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
}
