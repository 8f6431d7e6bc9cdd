package cmd

import (
	"context"
	"encoding/binary"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/format"
	"ganglion/sources/tcp"
)

// receiver collects the datagrams of a conversion.
func receiver(t *testing.T) (url string, received func() [][]byte) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Skipf("no network: %v", err)
	}
	got := make(chan [][]byte)
	go func() {
		var all [][]byte
		for b := make([]byte, 1<<16); ; {
			n, _, err := conn.ReadFrom(b)
			if err != nil || n == 1 {
				got <- all
				return
			}
			all = append(all, append([]byte(nil), b[:n]...))
		}
	}()
	address := conn.LocalAddr().String()
	return udpScheme + address, func() [][]byte {
		end, err := net.Dial("udp", address) // a byte behind everything ends it
		if err != nil {
			t.Fatal(err)
		}
		defer end.Close()
		defer conn.Close()
		if _, err := end.Write([]byte{0}); err != nil {
			t.Fatal(err)
		}
		return <-got
	}
}

var sentEvents = []pipeline.Event{{T: 5, X: 1, Y: 2, P: 1}, {T: 2000, X: 639, Y: 479}, {T: 2001, X: 3, Y: 4, P: 1}}

func TestEventsAreSentInDatagrams(t *testing.T) {
	for _, c := range []struct {
		to     []string
		decode func([]byte) []pipeline.Event
	}{{nil, spifEvents}, {[]string{"--to", "es"}, esEvents}} {
		t.Chdir(t.TempDir())
		side := []format.Side{{Kind: format.Trigger, T: 7, Before: 1}}
		record(t, "in.raw", "evt2", format.Info{Width: 640, Height: 480}, &format.Block{Events: sentEvents, Side: side})
		url, received := receiver(t)
		r := mustRun(t, 3, append([]string{"convert", "in.raw", url}, c.to...)...)
		if !strings.Contains(r.stderr, "lost: trigger x1 (7..7 µs)") || !strings.Contains(r.out, "3 of 3 events") {
			t.Errorf("%s%s", r.out, r.stderr)
		}
		var got []pipeline.Event
		sent := received()
		for _, b := range sent {
			got = append(got, c.decode(b)...)
		}
		if diff := cmp.Diff(sentEvents, got); diff != "" {
			t.Errorf("%v: -recorded +received:\n%s", c.to, diff)
		}
		if len(sent) != 2 {
			t.Errorf("%d datagrams for two milliseconds", len(sent))
		}
	}
}

// spifEvents takes a datagram of timed SPIF words apart.
func spifEvents(b []byte) (events []pipeline.Event) {
	for ; len(b) >= 8; b = b[8:] {
		w := binary.LittleEndian.Uint32(b)
		events = append(events, pipeline.Event{
			T: int64(binary.LittleEndian.Uint32(b[4:])), X: uint16(w >> 16), Y: uint16(w & 0x7FFF), P: uint8(w >> 15 & 1),
		})
	}
	return events
}

// esEvents takes a datagram of Event Stream records without long gaps apart.
func esEvents(b []byte) (events []pipeline.Event) {
	t := int64(binary.LittleEndian.Uint64(b))
	for b = b[8:]; len(b) >= 5; b = b[5:] {
		t += int64(b[0] >> 1)
		events = append(events, pipeline.Event{
			T: t, X: binary.LittleEndian.Uint16(b[1:]), Y: 479 - binary.LittleEndian.Uint16(b[3:]), P: b[0] & 1,
		})
	}
	return events
}

func TestSendingIsStoppedWhileItWaits(t *testing.T) {
	t.Chdir(t.TempDir())
	late := []pipeline.Event{{T: 0}, {T: 3_600_000_000}}
	record(t, "in.raw", "evt2", format.Info{Width: 640, Height: 480}, &format.Block{Events: late})
	url, received := receiver(t)
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	r := runCommand(ctx, "convert", "in.raw", url)
	if r.code != 1 || !strings.Contains(r.stderr, "stopped at byte") {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	if got := received(); len(got) != 1 || len(spifEvents(got[0])) != 1 {
		t.Errorf("received %x", got)
	}
}

func TestWhatIsNoWayToSendIsRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	record(t, "in.raw", "evt2", format.Info{Width: 640, Height: 480}, &format.Block{Events: sentEvents})
	record(t, "in.csv", "csv", format.Info{}, &format.Block{Events: sentEvents})
	for _, args := range [][]string{
		{"in.raw", "udp://nowhere"}, {"in.raw", "udp://127.0.0.1:9", "--to", "evt2"}, {"in.raw", "udp://127.0.0.1:9", "--pace", "fast"},
		{"in.csv", "udp://127.0.0.1:9", "--to", "es"}, {"in.raw", "out.csv", "--pace", "max"},
	} {
		if r := mustRun(t, 2, append([]string{"convert"}, args...)...); strings.Count(r.stderr, "\n") != 1 {
			t.Errorf("%v: %s", args, r.stderr)
		}
	}
	if _, err := os.Stat("out.csv"); err == nil {
		t.Error("a file was made")
	}
}

// What is sent over a connection is received by the source, whoever listens.
func TestEventsAreSentOverConnections(t *testing.T) {
	t.Chdir(t.TempDir())
	record(t, "in.raw", "evt3", format.Info{Width: 640, Height: 480}, &format.Block{Events: sentEvents})
	for _, to := range []string{"aedat4", "aedat3", "evt3"} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Skipf("no network: %v", err)
		}
		address := ln.Addr().String()
		ln.Close()
		c := tcp.NewDefaultConfig()
		c.Listen, c.Width, c.Height, c.Window = address, 640, 480, time.Second
		s := tcp.New(c, component.Env{Now: time.Now})
		sent := make(chan ran, 1)
		go func() {
			for {
				r := runCommand(t.Context(), "convert", "in.raw", "tcp://"+address, "--to", to, "--pace", "max")
				if r.code == 0 || !strings.Contains(r.stderr, "refused") {
					sent <- r
					return
				}
				time.Sleep(10 * time.Millisecond) // until the source listens
			}
		}()
		if _, err := s.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got []pipeline.Event
		for len(got) < len(sentEvents) {
			var b pipeline.Batch
			if err := s.Read(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
			got = append(got, b.Events...)
		}
		if diff := cmp.Diff(sentEvents, got); diff != "" {
			t.Errorf("%s: -sent +received:\n%s", to, diff)
		}
		if r := <-sent; r.code != 0 || !strings.Contains(r.out, "tcp-"+to+", 3 of 3 events") {
			t.Errorf("%s: exit code %d: %s%s", to, r.code, r.out, r.stderr)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	for args, want := range map[string]string{
		"tcp://nowhere": "want tcp://HOST:PORT", "tcp://127.0.0.1:9 --to npz": "--to",
		"udp://127.0.0.1:9 --to aedat4": "know spif, es, jaer, faery, faery32",
	} {
		r := runCommand(t.Context(), append([]string{"convert", "in.raw"}, strings.Fields(args)...)...)
		if r.code != exitUsage || !strings.Contains(r.stderr, want) {
			t.Errorf("%s: exit code %d: %s", args, r.code, r.stderr)
		}
	}
}
