package simulator

import (
	"context"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

func TestTheSceneTagListsEveryScene(t *testing.T) {
	t.Parallel()
	field, _ := reflect.TypeFor[SourceConfig]().FieldByName("Scene")
	var names []string
	for _, sc := range Scenes() {
		names = append(names, sc.Name)
	}
	if got := field.Tag.Get("enum"); got != strings.Join(names, ",") {
		t.Errorf("enum %q", got)
	}
}

func open(t *testing.T, change func(*SourceConfig)) (pipeline.Source, pipeline.StreamInfo) {
	t.Helper()
	cfg := Component().Defaults().(*SourceConfig)
	cfg.Width, cfg.Height, cfg.Duration = 64, 48, 100*time.Millisecond
	change(cfg)
	src, err := Component().NewSource(cfg, component.Env{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	info, err := src.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	})
	return src, info
}

func TestTheSourceGivesTheRecordingForEveryWindow(t *testing.T) {
	t.Parallel()
	want := record(t, Config{Scene: "crossing", Seed: 7, Noise: 1, Width: 64, Height: 48, Duration: 100 * time.Millisecond})
	for _, window := range []time.Duration{time.Millisecond, 3700 * time.Microsecond, 10 * time.Millisecond, time.Second} {
		src, info := open(t, func(c *SourceConfig) { c.Scene, c.Seed, c.Noise, c.Window = "crossing", 7, 1, window })
		if info.Width != 64 || info.Height != 48 || info.Live || info.Modality != pipeline.EventStream {
			t.Errorf("%+v", info)
		}
		var events []pipeline.Event
		var b pipeline.Batch
		end := int64(0)
		for seq := uint64(0); ; seq++ {
			b.Reset()
			err := src.Read(t.Context(), &b)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if b.Seq != seq || b.Start < end || len(b.Events) == 0 || b.End-b.Start > window.Microseconds() {
				t.Fatalf("batch %d: %+v", seq, b.Window)
			}
			end = b.End
			for _, e := range b.Events {
				if !b.Contains(e.T) {
					t.Fatalf("%+v is outside %+v", e, b.Window)
				}
			}
			events = append(events, b.Events...)
		}
		if !slices.Equal(events, want.Events) {
			t.Errorf("window %v: %d events, want %d", window, len(events), len(want.Events))
		}
		if len(b.Events) != 0 {
			t.Errorf("the end comes with %d events", len(b.Events))
		}
	}
}

func TestRealtimePaceDeliversAWindowWhenItIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		src, info := open(t, func(c *SourceConfig) { c.Pace = "realtime" })
		if !info.Live {
			t.Error("the stream is not live")
		}
		var b pipeline.Batch
		for src.Read(t.Context(), &b) == nil {
			if late := time.Since(begin) - time.Duration(b.End)*time.Microsecond; late != 0 {
				t.Errorf("%+v comes %v late", b.Window, late)
			}
			b.Reset()
		}
		if d := time.Since(begin); d != 100*time.Millisecond {
			t.Errorf("100 ms took %v", d)
		}
	})
}

func TestReadReturnsWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, _ := open(t, func(c *SourceConfig) { c.Pace, c.Window = "realtime", 100*time.Millisecond })
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		var b pipeline.Batch
		if err := src.Read(ctx, &b); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if err := src.Read(ctx, &b); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the next read: error %v", err)
		}
	})
}

func TestABadSourceConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	cfg := Component().Defaults().(*SourceConfig)
	cfg.Scene = "disc"
	if _, err := Component().NewSource(cfg, component.Env{Now: time.Now}); err == nil ||
		!strings.Contains(err.Error(), `source "simulator": scene "disc"`) {
		t.Errorf("error %v", err)
	}
	cfg = Component().Defaults().(*SourceConfig)
	cfg.Window = 1
	if _, err := Component().NewSource(cfg, component.Env{Now: time.Now}); err == nil {
		t.Error("a window of 1 ns is accepted")
	}
}
