package recording

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/pipelinetest"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// write puts events into a recording on disk and returns its path.
func write(t testing.TB, name string, info format.Info, events []pipeline.Event) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	w, err := Create(path, "", info)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(events); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// config is the default configuration with a path.
func config(path string) Config {
	c := *Component().Defaults().(*Config)
	c.Path = path
	return c
}

func open(t testing.TB, c Config) *Source {
	t.Helper()
	s, err := New(c, component.Env{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// play reads a source to its end.
func play(t testing.TB, s *Source) []pipeline.Batch {
	t.Helper()
	var all []pipeline.Batch
	var b pipeline.Batch
	for {
		b.Reset()
		err := s.Read(t.Context(), &b)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		c := b
		c.Events = append([]pipeline.Event(nil), b.Events...)
		all = append(all, c)
	}
}

func TestComponentIsDeclaredWithoutFault(t *testing.T) {
	t.Parallel()
	if err := Component().Check(); err != nil {
		t.Error(err)
	}
}

func TestSourceKeepsItsContract(t *testing.T) {
	t.Parallel()
	path := write(t, "a.raw", formattest.Info, formattest.Events(20_000))
	pipelinetest.Source(t, pipelinetest.SourceCase{New: func() (pipeline.Source, error) {
		return New(config(path), component.Env{Now: time.Now})
	}})
}

func TestPositionEndsAtTheSizeOfTheFile(t *testing.T) {
	t.Parallel()
	path := write(t, "a.raw", formattest.Info, formattest.Events(20_000))
	s, err := New(config(path), component.Env{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	info, err := s.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	play(t, s)
	if s.Position() != info.SizeBytes || info.SizeBytes == 0 {
		t.Errorf("at %d of %d bytes", s.Position(), info.SizeBytes)
	}
}

func TestBatchesAreAlignedWindowsAndLeaveOutEmptyOnes(t *testing.T) {
	t.Parallel()
	path := write(t, "a.raw", format.Info{Width: 64, Height: 64}, []pipeline.Event{
		{T: 10_500, X: 1}, {T: 19_999, X: 2}, {T: 20_000, X: 3}, {T: 51_000, X: 4},
	})
	got := play(t, open(t, config(path)))
	want := []pipeline.Batch{
		{Seq: 0, Window: pipeline.Window{Start: 10_000, End: 20_000}, Events: []pipeline.Event{{T: 10_500, X: 1}, {T: 19_999, X: 2}}},
		{Seq: 1, Window: pipeline.Window{Start: 20_000, End: 30_000}, Events: []pipeline.Event{{T: 20_000, X: 3}}},
		{Seq: 2, Window: pipeline.Window{Start: 50_000, End: 60_000}, Events: []pipeline.Event{{T: 51_000, X: 4}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestStartAndEndCountFromTheFirstEvent(t *testing.T) {
	t.Parallel()
	path := write(t, "a.raw", format.Info{Width: 64, Height: 64}, []pipeline.Event{
		{T: 5000, X: 1}, {T: 6999, X: 2}, {T: 7000, X: 3}, {T: 7999, X: 4}, {T: 8000, X: 5}, {T: 9000, X: 6},
	})
	c := config(path)
	c.Start, c.End = 2*time.Millisecond, 3*time.Millisecond
	got := play(t, open(t, c))
	if len(got) != 1 {
		t.Fatalf("%d batches", len(got))
	}
	if diff := cmp.Diff([]pipeline.Event{{T: 7000, X: 3}, {T: 7999, X: 4}}, got[0].Events); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTimesAscendAndWhatWentBackIsCounted(t *testing.T) {
	t.Parallel()
	path := write(t, "a.raw", format.Info{Width: 64, Height: 64}, []pipeline.Event{
		{T: 100, X: 1}, {T: 90, X: 2}, {T: 95, X: 3}, {T: 100, X: 4}, {T: 101, X: 5}, {T: 100, X: 6},
	})
	s := open(t, config(path))
	got := play(t, s)
	want := []pipeline.Event{{T: 100, X: 1}, {T: 100, X: 2}, {T: 100, X: 3}, {T: 100, X: 4}, {T: 101, X: 5}, {T: 101, X: 6}}
	if diff := cmp.Diff(want, got[0].Events); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	damage := s.Damage()
	if len(damage) != 1 || damage[0].Kind != "time_backwards" || damage[0].Count != 3 || damage[0].FirstUS != 90 || damage[0].LastUS != 100 {
		t.Errorf("damage %v", damage)
	}
	report, err := Inspect(path, Options{}, false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(damage, report.Damage, cmpopts.IgnoreFields(pipeline.Damage{}, "Offset")); diff != "" {
		t.Errorf("inspect counts otherwise: -played +inspected:\n%s", diff)
	}
}

func TestEventsOutsideTheSensorAreDroppedAndCounted(t *testing.T) {
	t.Parallel()
	path := write(t, "a.raw", format.Info{Width: 64, Height: 64}, []pipeline.Event{
		{T: 1, X: 63, Y: 63}, {T: 2, X: 64}, {T: 3, Y: 64}, {T: 4, X: 70, Y: 70},
	})
	s := open(t, config(path))
	got := play(t, s)
	if diff := cmp.Diff([]pipeline.Event{{T: 1, X: 63, Y: 63}}, got[0].Events); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	counts := map[string]uint64{}
	for _, d := range s.Damage() {
		counts[d.Kind] = d.Count
		if d.Offset == 0 {
			t.Errorf("%v has no offset", d)
		}
	}
	if diff := cmp.Diff(map[string]uint64{"out_of_range_x": 2, "out_of_range_y": 2}, counts); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAWiderSensorKeepsThem(t *testing.T) {
	t.Parallel()
	path := write(t, "a.raw", format.Info{Width: 64, Height: 64}, []pipeline.Event{{T: 2, X: 64}})
	c := config(path)
	c.Width, c.Height = 65, 65
	if got := play(t, open(t, c)); len(got) != 1 {
		t.Errorf("%d batches", len(got))
	}
}

func TestAWindowOfTooManyEventsIsCutAndCounted(t *testing.T) {
	t.Parallel()
	events := make([]pipeline.Event, 25)
	s := open(t, config(write(t, "a.raw", formattest.Info, events)))
	s.maxBatch = 10
	got := play(t, s)
	if len(got) != 1 || len(got[0].Events) != 10 {
		t.Fatalf("%d batches", len(got))
	}
	if diff := cmp.Diff(map[string]uint64{"window_full": 15}, formattest.DamageCounts(s.Damage())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestStrictReadingStopsAtTheFirstDamage(t *testing.T) {
	t.Parallel()
	sound := []pipeline.Event{{T: 1, X: 1}, {T: 2, X: 2}}
	tests := []struct {
		name string
		path string
		want string
	}{
		{"an event outside the sensor", write(t, "a.raw", formattest.Info, append(sound, pipeline.Event{T: 3, X: 500})), "out_of_range_x"},
		{"a time that goes back", write(t, "b.raw", formattest.Info, append(sound, pipeline.Event{T: 0, X: 5})), "time_backwards"},
		{"half a word at the end", write(t, "c.raw", formattest.Info, sound), "truncated"},
	}
	f, err := os.OpenFile(tests[2].path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("x"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := config(tt.path)
			c.Strict = true
			s := open(t, c)
			var b pipeline.Batch
			var err error
			for err == nil {
				b.Reset()
				err = s.Read(t.Context(), &b)
			}
			var damage *DamageError
			if !errors.As(err, &damage) || damage.Damage.Kind != tt.want || !strings.Contains(err.Error(), tt.path) {
				t.Errorf("error %v; want %s", err, tt.want)
			}
		})
	}
}

func TestTheBatchWindowChangesNothingButTheBatches(t *testing.T) {
	t.Parallel()
	events := formattest.Events(30_000)
	path := write(t, "a.raw", formattest.Info, events)
	for _, window := range []time.Duration{time.Microsecond, time.Millisecond, time.Hour} {
		c := config(path)
		c.Window = window
		var got []pipeline.Event
		for i, b := range play(t, open(t, c)) {
			if b.Seq != uint64(i) || b.Start%window.Microseconds() != 0 || b.End-b.Start != window.Microseconds() {
				t.Fatalf("window %v: batch %d is %d %v", window, i, b.Seq, b.Window)
			}
			for _, e := range b.Events {
				if !b.Contains(e.T) {
					t.Fatalf("window %v: %v lies outside %v", window, e, b.Window)
				}
			}
			got = append(got, b.Events...)
		}
		if diff := formattest.DiffEvents(events, got); diff != "" {
			t.Errorf("window %v: -written +played:\n%s", window, diff)
		}
	}
}

func TestPlayingAllocatesNothing(t *testing.T) {
	path := write(t, "a.raw", formattest.Info, formattest.Events(400_000))
	s := open(t, config(path))
	var b pipeline.Batch
	read := func() {
		b.Reset()
		if err := s.Read(context.Background(), &b); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		read()
	}
	if n := testing.AllocsPerRun(20, read); n != 0 {
		t.Errorf("%v allocations per batch", n)
	}
}

func TestWhatCannotBeOpenedIsSaidClearly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	sealed := file("sealed.raw", "x")
	if err := os.Chmod(sealed, 0); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, path, want string }{
		{"a missing file", filepath.Join(dir, "missing.raw"), "no such file"},
		{"a directory", dir, "is a directory"},
		{"an empty file", file("empty.raw", ""), "is empty"},
		{"no permission", sealed, "permission denied"},
		{"an unknown format", file("image.raw", "\x89PNG\r\n\x1a\n"), "unknown recording format: it is a PNG picture"},
		{"a header without format", file("bare.raw", "% Date 2020\n% end\n\x00\x01"), "unknown recording format"},
		{"sizes that contradict", file("two.raw", "% format EVT3;width=10;height=10\n% geometry 20x10\n% end\n"), "contradicts"},
		{"no size", file("nosize.csv", "t,x,y,p\n1,2,3,1\n"), "set width and height"},
		{"an Event Stream of another version", file("v1.es", "Event Stream\x01\x00\x00\x01\x01\x00\x01\x00"), "version 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.path == sealed && os.Geteuid() == 0 {
				t.Skip("the superuser may read anything")
			}
			s, err := New(config(tt.path), component.Env{Now: time.Now})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			_, err = s.Open(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.path) {
				t.Errorf("error %v; want the path and %q", err, tt.want)
			}
		})
	}
}

func TestConfigMistakesAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"an unknown format", func(c *Config) { c.Format = "evt9" }, `unknown recording format "evt9"`},
		{"a pace of zero", func(c *Config) { c.Pace = "0x" }, "none of max, realtime"},
		{"a pace that is not a number", func(c *Config) { c.Pace = "fast" }, "none of max, realtime"},
		{"a window of a fraction of a microsecond", func(c *Config) { c.Window = 1500 }, "whole number of microseconds"},
		{"an end before the start", func(c *Config) { c.Start, c.End = 2, 1 }, "not after start"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := config("x.raw")
			tt.change(&c)
			if err := c.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v; want %q", err, tt.want)
			}
		})
	}
}

func TestAReadErrorComesAfterTheEventsBeforeIt(t *testing.T) {
	t.Parallel()
	data := encode(t, "evt2", formattest.Info, &format.Block{Events: formattest.Events(1000)})
	cause := errors.New("the disk is gone")
	r, err := NewReader(io.MultiReader(bytes.NewReader(data), failing{cause}), "disk.raw", Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := format.NewBlock(4096)
	n := 0
	for err = r.Read(b); err == nil; err = r.Read(b) {
		n += len(b.Events)
	}
	if n != 1000 || !errors.Is(err, cause) || !strings.Contains(err.Error(), "disk.raw") {
		t.Errorf("%d events, then %v", n, err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
