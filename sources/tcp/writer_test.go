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

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

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
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
