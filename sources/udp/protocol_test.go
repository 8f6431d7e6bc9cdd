package udp

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ganglion/pipeline"
)

func TestSPIFTimeGoesOnWhenItsCounterWraps(t *testing.T) {
	t.Parallel()
	var d decoder
	var got []int64
	for _, e := range d.spifEvents(nil, spif(1<<32-10, 5, 1<<32-1, 7), 0) {
		got = append(got, e.T)
	}
	if want := []int64{1<<32 - 10, 1<<32 + 5, 1<<32 - 1, 1<<32 + 7}; !slices.Equal(want, got) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestCutDatagramsGiveTheirWholeEvents(t *testing.T) {
	t.Parallel()
	var sent bytes.Buffer
	for _, protocol := range protocols {
		sent.Reset()
		w := newWriter(&sent, protocol, sensor)
		want := []pipeline.Event{{T: 1000, X: 1, Y: 2, P: 1}, {T: 1300, X: 3, Y: 4}, {T: 1300, X: 5, Y: 6, P: 1}}
		if err := w.Write(want); err != nil || w.flush() != nil {
			t.Fatal(err)
		}
		for n := range sent.Len() + 1 {
			d := testDecoder()
			got := d.events(protocol, nil, sent.Bytes()[:n], 0)
			// How many a cut datagram of jAER's holds depends on whether it has a number.
			miscounted := len(got) != count(protocol, sent.Bytes()[:n]) && (protocol != JAER || n == sent.Len())
			if miscounted || len(got) > 3 || !slices.Equal(want[:len(got)], got) {
				t.Errorf("%s, %d bytes: %v", protocol, n, got)
			}
		}
	}
}

// datagrams keeps each Write by itself.
type datagrams [][]byte

func (d *datagrams) Write(b []byte) (int, error) {
	*d = append(*d, bytes.Clone(b))
	return len(b), nil
}

func TestDatagramsStandAloneAndAreShort(t *testing.T) {
	t.Parallel()
	for _, protocol := range protocols {
		right := uint16(spifMask)
		if protocol == JAER {
			right = 239
		}
		t.Run(protocol, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				var want, got []pipeline.Event
				now := rapid.Int64Range(0, 1<<31).Draw(t, "start")
				for range rapid.IntRange(0, 300).Draw(t, "events") {
					now += rapid.OneOf(rapid.Int64Range(0, 300), rapid.Int64Range(-10, 1<<20)).Draw(t, "step")
					want = append(want, pipeline.Event{
						T: max(now, 0), X: rapid.Uint16Range(0, right).Draw(t, "x"), Y: rapid.Uint16Range(0, 179).Draw(t, "y"),
						P: rapid.Uint8Range(0, 1).Draw(t, "p"),
					})
				}
				var sent datagrams
				w := newWriter(&sent, protocol, sensor)
				if err := w.Write(want); err != nil || w.Close() != nil {
					t.Fatal(err)
				}
				d := testDecoder()
				for _, b := range sent {
					if len(b) > sendSize {
						t.Fatalf("a datagram of %d bytes", len(b))
					}
					got = d.events(protocol, got, b, 0)
				}
				if !slices.Equal(want, got) || len(d.damage.List())+len(w.Lost()) > 0 {
					t.Fatalf("damage %v, lost %v, -sent +received:\n%s", d.damage.List(), w.Lost(), cmp.Diff(want, got))
				}
			})
		})
	}
}

func TestWhatAProtocolCannotHoldIsCounted(t *testing.T) {
	t.Parallel()
	for protocol, want := range map[string]map[string]uint64{
		SPIF:        {"address_range": 2, "time_high_bits": 1},
		EventStream: {"address_range": 3, "time_range": 1},
	} {
		w := newWriter(io.Discard, protocol, sensor)
		if err := w.Write([]pipeline.Event{{X: 1 << 15}, {Y: 1 << 15}, {Y: 180}, {T: -1}}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, counts(w.Lost())); diff != "" {
			t.Errorf("%s: -want +got:\n%s", protocol, diff)
		}
	}
}

func FuzzSPIF(f *testing.F)        { fuzz(f, SPIF) }
func FuzzEventStream(f *testing.F) { fuzz(f, EventStream) }
func FuzzJAER(f *testing.F)        { fuzz(f, JAER) }
func FuzzFaery(f *testing.F)       { fuzz(f, Faery) }
func FuzzFaery32(f *testing.F)     { fuzz(f, Faery32) }

func fuzz(f *testing.F, protocol string) {
	var sent datagrams
	w := newWriter(&sent, protocol, sensor)
	if err := w.Write(at(1, 2, 1000, 90_000, 5)); err != nil || w.Close() != nil {
		f.Fatal(err)
	}
	for _, b := range sent {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d := testDecoder()
		got := d.events(protocol, nil, b, 0)
		// How many a datagram of jAER's holds depends on whether it has a number.
		if len(got) != count(protocol, b) && protocol != JAER || len(got) > len(b)/4 {
			t.Fatalf("%d events, counted %d, of %d bytes", len(got), count(protocol, b), len(b))
		}
	})
}
