package recording

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/formattest"

	"github.com/google/go-cmp/cmp"
)

func TestWhatAFormatCannotHoldIsNamedAndCounted(t *testing.T) {
	t.Parallel()
	far := pipeline.Event{T: 5, X: 3000, Y: 3}
	back := []pipeline.Event{{T: 100, X: 1}, {T: 50, X: 1}}
	trigger := format.Side{Kind: format.Trigger, T: 1, Code: 20}
	frame := format.Side{Kind: format.FrameImage, T: 1, Frame: &format.Frame{}}
	tests := []struct {
		kind  string
		block format.Block
		want  map[string]uint64
	}{
		{"evt2", format.Block{Events: []pipeline.Event{far, {T: 1 << 40}, {T: -1 << 60}}, Side: []format.Side{trigger, frame}},
			map[string]uint64{"address_range": 1, "time_range": 1, "frame": 1}},
		{"evt3", format.Block{Events: []pipeline.Event{far, {T: 1 << 40}, {T: 1 << 50}}, Side: []format.Side{trigger, frame}},
			map[string]uint64{"address_range": 1, "time_range": 1, "trigger": 1, "frame": 1}},
		{"evt21", format.Block{Events: []pipeline.Event{far, {T: 1 << 40}, {T: -1 << 60}}, Side: []format.Side{{Kind: format.Trigger, Code: 40},
			frame}}, map[string]uint64{"address_range": 1, "time_range": 1, "trigger": 1, "frame": 1}},
		{"dat", format.Block{Events: []pipeline.Event{{X: 1 << 14}}, Side: []format.Side{trigger}},
			map[string]uint64{"address_range": 1, "trigger": 1}},
		{"es", format.Block{Events: append([]pipeline.Event{far, {T: 1, X: 240}}, back...), Side: []format.Side{trigger}},
			map[string]uint64{"address_range": 2, "time_range": 1, "trigger": 1}},
		{"nmnist", format.Block{Events: []pipeline.Event{far, {T: 1, Y: 240}, {T: -1}}, Side: []format.Side{trigger}},
			map[string]uint64{"address_range": 2, "time_range": 1, "trigger": 1}},
		{"csv", format.Block{Events: []pipeline.Event{far}, Side: []format.Side{trigger, frame}}, map[string]uint64{"trigger": 1, "frame": 1}},
	}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			w, err := Create(filepath.Join(t.TempDir(), "out"), tt.kind, formattest.Info)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.WriteBlock(&tt.block); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, formattest.DamageCounts(w.Lost())); diff != "" {
				t.Errorf("-want +lost:\n%s", diff)
			}
		})
	}
}

func TestTheFileNameChoosesTheFormat(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"a.raw": "evt3", "a.es": "es", "a.bin": "nmnist", "a.csv": "csv", "A.TXT": "csv"} {
		path := write(t, name, formattest.Info, formattest.Events(50))
		report, err := Inspect(path, Options{}, false)
		if err != nil {
			t.Fatal(err)
		}
		if report.Format != want || report.Events != 50 {
			t.Errorf("%s: %s with %d events", name, report.Format, report.Events)
		}
	}
}

func TestWhatCannotBeCreatedIsSaidClearly(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, path, kind string
		info             format.Info
		want             string
	}{
		{"a name without a format", "x.png", "", formattest.Info, `ending in ".png"`},
		{"an unknown format", "x.raw", "evt9", formattest.Info, "unknown recording format"},
		{"a folder that is not there", "no/such/x.raw", "", formattest.Info, "no such file"},
		{"an Event Stream without a size", "x.es", "", format.Info{}, "needs the sensor's size"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Create(filepath.Join(t.TempDir(), tt.path), tt.kind, tt.info)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v; want %q", err, tt.want)
			}
		})
	}
}

func TestAWriteErrorStaysAndIsReturnedByClose(t *testing.T) {
	t.Parallel()
	cause := errors.New("the disk is full")
	w, err := NewWriter(full{cause}, "disk.raw", "evt3", formattest.Info)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(formattest.Events(5000)); !errors.Is(err, cause) {
		t.Errorf("write: %v", err)
	}
	if err := w.Close(); !errors.Is(err, cause) || !strings.Contains(err.Error(), "disk.raw") {
		t.Errorf("close: %v", err)
	}
}

type full struct{ err error }

func (f full) Write([]byte) (int, error) { return 0, f.err }
