package h5

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ganglion/internal/h5py"
	"ganglion/internal/shareddata"
	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

// event is event i of the files that .ci/event_files.py makes.
func event(i int) pipeline.Event {
	return pipeline.Event{T: int64(1000 + 37*i), X: uint16(i * 7 % 200), Y: uint16(i * 13 % 150), P: uint8(i / 3 % 2)}
}

func TestEveryLayoutIsReadAsItWasMade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h5py.RunScript(t, "event_files.py", "make", dir)
	sizes := map[string][2]int{
		"dsec_earliest": {200, 150}, "dsec_latest": {200, 150}, "m3ed": {1280, 720}, "mvsec": {346, 260}, "mvsec_01": {346, 260},
		"prophesee_plain": {1280, 720}, "event_utils": {200, 150}, "v2e": {200, 150},
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.h5"))
	if len(files) < 15 {
		t.Fatalf("only %d files", len(files))
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".h5")
		if name == "nothing" || strings.HasPrefix(name, "refused_") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			r, err := kit.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = r.Close() }()
			got, err := formattest.Drain(r, 4096)
			if err != nil || len(got.Damage) > 0 {
				t.Fatal(err, got.Damage)
			}
			if size := [2]int{got.Info.Width, got.Info.Height}; size != sizes[name] {
				t.Errorf("size %v, want %v", size, sizes[name])
			}
			want := make([]pipeline.Event, 20000)
			for i := range want {
				want[i] = event(i)
			}
			if diff := formattest.DiffEvents(want, got.Events); diff != "" {
				t.Errorf("-made +read: %s", diff)
			}
		})
	}
	t.Run("offsets that are none", func(t *testing.T) { offsetsThatAreNone(t, dir) })
	t.Run("rows that cannot be told", func(t *testing.T) { rowsThatCannotBeTold(t, dir) })
	t.Run("two cameras", func(t *testing.T) { twoCameras(t, dir) })
	t.Run("beginning late", func(t *testing.T) { beginningLate(t, dir) })
	t.Run("a file without events", func(t *testing.T) { withoutEvents(t, dir) })
	t.Run("what lies beside", func(t *testing.T) { besideIsNamed(t, dir) })
	t.Run("triggers", func(t *testing.T) { triggersAreKept(t, dir) })
}

func openFile(t *testing.T, path string, o formattest.Options) (*formattest.Reader, error) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return kit.NewReader(f, path, o)
}

// besideIsNamed: images and samples of an IMU are listed and counted.
func besideIsNamed(t *testing.T, dir string) {
	for name, want := range map[string][]string{
		"mvsec":       {"davis/left/imu imu 50", "davis/right/imu imu 50", "davis/left/image_raw frames 2", "davis/right/image_raw frames 2"},
		"v2e":         {"frame frames 1"},
		"event_utils": {"images frames 300"},
		"dsec_plain":  nil,
	} {
		r, err := openFile(t, filepath.Join(dir, name+".h5"), formattest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := formattest.Drain(r, 4096); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range r.Streams() {
			if s.Kind != format.StreamEvents {
				got = append(got, fmt.Sprintf("%s %s %d", s.Name, s.Kind, s.Unread))
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func twoCameras(t *testing.T, dir string) {
	for name, c := range map[string]struct {
		x    uint16
		read string
	}{"": {0, "prophesee/left"}, "prophesee/right": {5, "prophesee/right"}, "right": {5, "prophesee/right"},
		"/prophesee/left": {0, "prophesee/left"}} {
		r, err := openFile(t, filepath.Join(dir, "m3ed.h5"), formattest.Options{Stream: name})
		if err != nil {
			t.Fatal(err)
		}
		got, err := formattest.Drain(r, 4096)
		if err != nil || len(got.Events) != 20000 || got.Events[0].X != c.x {
			t.Errorf("%q: %d events from column %d on: %v", name, len(got.Events), got.Events[0].X, err)
		}
		for _, s := range r.Streams() {
			if s.Read != (s.Name == c.read) || s.Read == (s.Unread == 20000) {
				t.Errorf("%q: stream %+v", name, s)
			}
		}
	}
	if _, err := openFile(t, filepath.Join(dir, "m3ed.h5"), formattest.Options{Stream: "middle"}); err == nil ||
		!strings.Contains(err.Error(), "prophesee/left") {
		t.Errorf("a camera that is not there: %v", err)
	}
}

func beginningLate(t *testing.T, dir string) {
	for _, name := range []string{"dsec_earliest", "dsec_plain", "m3ed", "mvsec", "prophesee_plain", "v2e"} {
		for _, i := range []int{0, 1, 26, 27, 7000, 19999} {
			for _, early := range []int64{0, 1, 36} {
				r, err := openFile(t, filepath.Join(dir, name+".h5"), formattest.Options{})
				if err != nil {
					t.Fatal(err)
				}
				at := r.At().(format.TimeSeeker)
				if err := at.SkipTo(event(i).T - early); err != nil {
					t.Fatal(err)
				}
				b := format.NewBlock(64)
				if err := r.Read(b); err != nil || len(b.Events) > 0 && b.Events[0] != event(i) {
					t.Errorf("%s from event %d on: %v, %v", name, i, b.Events, err)
				}
			}
		}
	}
}

func withoutEvents(t *testing.T, dir string) {
	_, err := openFile(t, filepath.Join(dir, "nothing.h5"), formattest.Options{})
	if err == nil || !strings.Contains(err.Error(), "/weights/layer (float32 of [3 4])") ||
		!strings.Contains(err.Error(), "/names") || !strings.Contains(err.Error(), "/images (uint8 of [5 4 3])") ||
		len(err.Error()) > 300 {
		t.Errorf("got %v", err)
	}
	_, err = openFile(t, filepath.Join(dir, "refused_doubt.h5"), formattest.Options{})
	if err == nil || !strings.Contains(err.Error(), "holds no events in a layout that is known") {
		t.Errorf("records with two x are read: %v", err)
	}
}

// offsetsThatAreNone: times that are wrong by one would look right.
func offsetsThatAreNone(t *testing.T, dir string) {
	for name, want := range map[string]string{"text": "/t_offset: string", "fraction": "/t_offset: 0.5", "several": "/t_offset: 2 values"} {
		_, err := openFile(t, filepath.Join(dir, "refused_"+name+".h5"), formattest.Options{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "one whole number") {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

func rowsThatCannotBeTold(t *testing.T, dir string) {
	for name, want := range map[string]string{"transposed": "transpose", "order": "--columns"} {
		_, err := openFile(t, filepath.Join(dir, "refused_"+name+".h5"), formattest.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

func triggersAreKept(t *testing.T, dir string) {
	r, err := openFile(t, filepath.Join(dir, "prophesee_plain.h5"), formattest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := formattest.Drain(r, 4096)
	if err != nil || len(got.Side) != 3 {
		t.Fatal(err, got.Side)
	}
	for i, want := range []format.Side{
		{Kind: format.Trigger, T: 1010, Value: 1, Before: 1}, {Kind: format.Trigger, T: 400000, Before: 10784},
		{Kind: format.Trigger, T: 1e9, Value: 1, Code: 3, Before: 20000},
	} {
		if s := got.Side[i]; s.Kind != want.Kind || s.T != want.T || s.Value != want.Value || s.Code != want.Code || s.Before != want.Before {
			t.Errorf("trigger %+v, want %+v", s, want)
		}
	}
	if v := got.Info.Header.Get("serial_number"); v != "0001" {
		t.Errorf("header %v", got.Info.Header)
	}
}

// The files were made by h5py for another project's tests.
func TestThirdPartyFilesAreRead(t *testing.T) {
	for name, want := range map[string]struct {
		events int
		last   pipeline.Event
	}{"dsec_blosc.h5": {}, "dsec_plain.h5": {}, "event-vision-library.hdf5": {events: 17}} {
		r, err := openFile(t, shareddata.Path(t, "events", "hdf5", name), formattest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := formattest.Drain(r, 4096)
		if err != nil || len(got.Damage) > 0 || want.events > 0 && len(got.Events) != want.events || len(got.Events) == 0 {
			t.Errorf("%s: %d events, %v, %v", name, len(got.Events), got.Damage, err)
			continue
		}
		t.Logf("%s: %d events from %v to %v, %dx%d", name, len(got.Events), got.Events[0], got.Events[len(got.Events)-1], got.Info.Width,
			got.Info.Height)
	}
}

func TestH5pyReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	events := formattest.Events(70_000)
	b := &format.Block{Events: events}
	info := format.Info{Width: 240, Height: 180, Header: format.Header{{Key: "serial_number", Value: "0001"}, {Key: "note", Value: "ünder"}}}
	for _, name := range []string{"hdf5", "hdf5-prophesee", "hdf5-ecf"} {
		t.Run(name, func(t *testing.T) {
			b := *b
			if name != "hdf5" {
				b.Side = []format.Side{{Kind: format.Trigger, T: events[10].T, Value: 1, Code: 2, Before: 10}}
			}
			file := filepath.Join(t.TempDir(), "a.h5")
			if err := os.WriteFile(file, kit.Encode(t, name, info, &b), 0o600); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(string(h5py.RunScript(t, "event_files.py", "read", file))), "\n")
			var notes []string
			for len(lines) > 0 && strings.HasPrefix(lines[0], "# ") {
				notes, lines = append(notes, lines[0]), lines[1:]
			}
			first, last := events[0].T, events[len(events)-1].T
			want := "# size 240 180"
			if name != "hdf5" {
				want = fmt.Sprintf("# geometry=240x180 # note=ünder # serial_number=0001 # version=1.0 # filters %s # type %s size 16 # trigger "+
					"%d 2 1 # indexes %d %d",
					map[string]string{"hdf5-ecf": "[36559] chunk 16384", "hdf5-prophesee": "[] chunk 1024"}[name],
					"[('x', '<u2'), ('y', '<u2'), ('p', '<i2'), ('', '|V2'), ('t', '<i8')]", events[10].T, (last-first)/2000+2, -first)
			}
			if got := strings.Join(notes, " "); got != want {
				t.Errorf("h5py sees\n%s, want\n%s", got, want)
			}
			if name == "hdf5-ecf" {
				return // h5py has no such filter
			}
			if len(lines) != len(events) {
				t.Fatalf("h5py reads %d of %d events", len(lines), len(events))
			}
			for i, e := range events {
				if want := fmt.Sprint(e.T, e.X, e.Y, e.P); lines[i] != want {
					t.Fatalf("h5py reads event %d as %s, want %s", i, lines[i], want)
				}
			}
		})
	}
}
