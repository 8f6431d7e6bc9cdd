package tcp

import (
	"context"
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
	"ganglion/sources/format/formattest"
)

// The parts of a connection, each alone: no sockets that must be in time.

func TestAConfigIsCheckedWhereItsFieldsCannot(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
