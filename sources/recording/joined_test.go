package recording

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/iotest"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

// A second header is not events: what follows is read as it says, and its times
// are those of the file again once they are restored.
func TestAHeaderInsideARecordingBeginsANewPart(t *testing.T) {
	t.Parallel()
	first, second := ticks(5_000_000, 30_000), ticks(1_000, 20_000)
	later := ticks(60_000_000, 3000)
	for _, kinds := range [][]string{
		{"evt3", "evt3"}, {"evt2", "evt2"}, {"evt21", "evt21"}, {"evt3", "evt2", "evt3"}, {"dat", "dat"}, {"evt2", "dat"},
	} {
		var data []byte
		var want []pipeline.Event
		for i, kind := range kinds {
			events := [][]pipeline.Event{first, second, later}[i]
			data = append(data, encode(t, kind, clockInfo, &format.Block{Events: events})...)
			want = append(want, events...)
		}
		file := filepath.Join(t.TempDir(), "joined.raw")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		readers := map[string]func() (*Reader, error){
			"file":     func() (*Reader, error) { return Open(file, Options{Ascending: true, Outliers: true}) },
			"parallel": func() (*Reader, error) { return parallelReader(data) },
			"stream": func() (*Reader, error) {
				return NewReader(iotest.HalfReader(bytes.NewReader(data)), "s", Options{Ascending: true})
			},
			"bytes": func() (*Reader, error) {
				return NewReader(iotest.OneByteReader(bytes.NewReader(data)), "s", Options{Ascending: true, Outliers: true})
			},
		}
		for name, open := range readers {
			for _, block := range []int{64, 5000, 100_000} {
				r, err := open()
				if err != nil {
					t.Fatal(err)
				}
				got, spans := restored(t, r, block)
				if diff := formattest.DiffEvents(want, got); diff != "" {
					t.Errorf("%v, %s, blocks of %d: -want +got:\n%s", kinds, name, block, diff)
				}
				if spans != len(kinds) || len(r.Damage()) > 0 || len(r.Info.Notes) != len(kinds)-1 {
					t.Errorf("%v, %s, blocks of %d: %d spans, damage %v, notes %q", kinds, name, block, spans, r.Damage(), r.Info.Notes)
				}
				if err := r.Close(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func parallelReader(data []byte) (*Reader, error) {
	return NewReader(bytes.NewReader(data), "s", Options{Ascending: true, Parallel: true})
}

// restored reads a recording to its end, checks that times ascend, and returns
// the file's times and the number of spans.
func restored(t *testing.T, r *Reader, block int) (events []pipeline.Event, spans int) {
	t.Helper()
	latest := int64(minTime)
	for b := format.NewBlock(block); ; {
		err := r.Read(b)
		if errors.Is(err, io.EOF) {
			return events, len(r.Steps()) + 1
		}
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(b.Side, func(s format.Side) bool { return s.Kind == partMark }) {
			t.Fatal("a mark was delivered")
		}
		for _, e := range b.Events {
			if _, outlier := r.clock.outlier(e.T); outlier {
				continue
			}
			if e.T < latest {
				t.Fatalf("%d after %d", e.T, latest)
			}
			latest = e.T
		}
		r.Restore(b)
		events = append(events, b.Events...)
	}
}

// Text that is not a header of a recording stays data.
func TestTextInsideARecordingIsNoHeader(t *testing.T) {
	t.Parallel()
	head := encode(t, "evt3", clockInfo, &format.Block{Events: ticks(0, 100)})
	for _, text := range []string{"% and then there is some text that says nothing\n", "% % % % % % % % % % % % % % % % ", "% evt",
		"#!AER-DAT2.0\r\n# and so on, as a header\r\n"} {
		data := append(bytes.Clone(head), text...)
		r, err := NewReader(bytes.NewReader(data), "s", Options{Ascending: true})
		if err != nil {
			t.Fatal(err)
		}
		for b := format.NewBlock(1000); err == nil; {
			err = r.Read(b)
		}
		if len(r.Info.Notes) > 0 || r.Offset() != int64(len(data)) || !errors.Is(err, io.EOF) {
			t.Errorf("%q: %v, notes %q, read to %d of %d", text, err, r.Info.Notes, r.Offset(), len(data))
		}
	}
}

// An outlier keeps the file's time wherever that lies among the spans.
func TestOutliersAreRestoredBehindASpan(t *testing.T) {
	t.Parallel()
	const hour = 3_600_000_000
	far := func(at int64) []pipeline.Event { return []pipeline.Event{{T: at, X: 1, Y: 1}} }
	for _, events := range [][]pipeline.Event{
		joined(ticks(hour, 1000), ticks(0, 1000), far(30*hour), ticks(100_000, 1000), ticks(0, 1000)),
		joined(ticks(5_000_000, 1000), far(9_000_000), ticks(5_100_000, 1000), ticks(0, 30_000), far(7), ticks(3_000_000, 10_000)),
	} {
		data := encode(t, "aedat4", clockInfo, &format.Block{Events: events})
		for _, block := range []int{64, 777, 100_000} {
			r, err := NewReader(bytes.NewReader(data), "s", Options{Ascending: true, Outliers: true})
			if err != nil {
				t.Fatal(err)
			}
			got, _ := restored(t, r, block)
			if diff := formattest.DiffEvents(events, got); diff != "" {
				t.Errorf("blocks of %d: -want +got:\n%s", block, diff)
			}
		}
	}
}
