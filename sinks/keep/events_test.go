package keep

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

func record(dst io.Writer, kind string, width, height int) (EventWriter, error) {
	return recording.NewWriter(dst, "clip", kind, format.Info{Width: width, Height: height})
}

// camera opens the keeper of a camera in a folder of the test.
func camera(t *testing.T, kind string, change func(*Config)) (*Keeper, string) {
	t.Helper()
	c := NewDefaultConfig()
	c.Dir, c.Format = filepath.Join(t.TempDir(), "{name}"), kind
	change(&c)
	k := New(c, "cam", record)
	meta := pipeline.StreamMeta{Name: "cam", Info: pipeline.StreamInfo{Modality: pipeline.EventStream, Width: 4000, Height: 480}}
	if err := k.Open(t.Context(), meta, pipeline.Shape{2, 480, 4000}); err != nil {
		t.Fatal(err)
	}
	return k, k.dir
}

// seen is a clip in which something crossed a line a day after the start.
func seen() *pipeline.Clip {
	const day = 86_400_000_000
	c := &pipeline.Clip{
		Detection: pipeline.Detection{Stream: "cam", Kind: pipeline.LineCross, Label: "north door", T: day, TrackID: 3},
		Window:    pipeline.Window{Start: day - 5000, End: day + 5000}, Same: 1,
	}
	for at := c.Start; at < c.End; at += 2500 {
		var take []pipeline.Event
		for i := range int64(500) {
			take = append(take, pipeline.Event{T: at + i*5, X: uint16(i * 4), Y: uint16(i % 480), P: uint8(i % 3 / 2)})
		}
		c.Events = append(c.Events, take)
	}
	return c
}

func TestTheEventsAreReadBack(t *testing.T) {
	t.Parallel()
	for kind, ending := range endings {
		k, dir := camera(t, kind, func(*Config) {})
		c := seen()
		if err := k.Keep(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		const base = "line_cross-north%20door-86400000000-2"
		if got := list(t, dir); !slices.Equal(got, sorted(base+".json", base+ending)) {
			t.Fatalf("%v", got)
		}
		r, err := recording.Open(filepath.Join(dir, base+ending), recording.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []pipeline.Event
		for b := format.NewBlock(4096); err == nil; err = r.Read(b) {
			got = append(got, b.Events...)
			b.Reset()
		}
		if want := slices.Concat(c.Events...); !slices.Equal(got, want) || len(r.Damage()) > 0 || r.Info.Width != 4000 {
			t.Errorf("%s: %d events of %d, %v", kind, len(got), len(want), r.Damage())
		}
		_ = r.Close()
		text, err := os.ReadFile(filepath.Join(dir, base+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var a struct {
			about
			Detection pipeline.Detection `json:"detection"`
		}
		if err := json.Unmarshal(text, &a); err != nil || a.From != c.Start || a.To != c.End || a.Events != 2000 || a.Detection.TrackID != 3 {
			t.Errorf("%s, %v", text, err)
		}
	}
}

func sorted(names ...string) []string { return slices.Sorted(slices.Values(names)) }

// What a format cannot hold costs the clip: half of what was seen would pass for all of
// it.
func TestAClipThatAFormatCannotHoldIsNotKept(t *testing.T) {
	t.Parallel()
	k, dir := camera(t, "evt3", func(*Config) {})
	c := seen()
	c.Events[0][0].X = 3000
	if err := k.Keep(t.Context(), c); err == nil || !strings.Contains(err.Error(), "evt3 cannot hold") {
		t.Errorf("%v", err)
	}
	if got := list(t, dir); len(got) != 0 {
		t.Errorf("%v", got)
	}
	k.record = func(io.Writer, string, int, int) (EventWriter, error) { return nil, io.ErrShortWrite }
	if err := k.Keep(t.Context(), seen()); err == nil {
		t.Error("no error")
	}
}

func TestKindsThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	c := NewDefaultConfig()
	c.Dir, c.Kinds = "kept", []string{"motion_start", "line_crossing"}
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "line_crossing") {
		t.Errorf("%v", err)
	}
}
