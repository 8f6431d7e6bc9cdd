package simulator

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

func record(t testing.TB, c Config) *Recording {
	t.Helper()
	if c.Width == 0 {
		c.Width, c.Height = 64, 64
	}
	r, err := Record(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func order(a, b pipeline.Event) int {
	return cmp.Or(cmp.Compare(a.T, b.T), cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X), cmp.Compare(a.P, b.P))
}

func TestEverySceneRunsOnEverySensor(t *testing.T) {
	t.Parallel()
	sizes := []struct{ w, h int }{{16, 16}, {96, 64}, {64, 160}}
	for _, sc := range Scenes() {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", sc.Name, size.w, size.h), func(t *testing.T) {
				length := 205 * time.Millisecond
				r := record(t, Config{Scene: sc.Name, Seed: 3, Noise: 2, Width: size.w, Height: size.h, Duration: length})
				checkEvents(t, r)
				checkTruth(t, r)
				if hasObject := sc.Name != "noise" && sc.Name != "camera" && sc.Name != "hand"; hasObject != (len(r.Truth) > 0) {
					t.Errorf("%d entries of truth", len(r.Truth))
				}
			})
		}
	}
}

func checkEvents(t *testing.T, r *Recording) {
	t.Helper()
	if len(r.Events) == 0 || len(r.Causes) != len(r.Events) {
		t.Fatalf("%d events, %d causes", len(r.Events), len(r.Causes))
	}
	if !slices.IsSortedFunc(r.Events, order) {
		t.Error("events are not in order")
	}
	last := map[[2]uint16]int64{}
	for _, e := range r.Events {
		if int(e.X) >= r.Config.Width || int(e.Y) >= r.Config.Height || e.P > 1 ||
			e.T < 0 || e.T >= r.Config.Duration.Microseconds() {
			t.Fatalf("%+v is outside the recording", e)
		}
		at := [2]uint16{e.X, e.Y}
		if before, ok := last[at]; ok && e.T-before < refractoryUS {
			t.Fatalf("%+v comes %d µs after the one before", e, e.T-before)
		}
		last[at] = e.T
	}
}

func checkTruth(t *testing.T, r *Recording) {
	t.Helper()
	for _, g := range r.Truth {
		if g.T%FrameUS != 0 || g.T == 0 || g.T > r.Config.Duration.Microseconds() {
			t.Fatalf("%+v is not on the grid", g)
		}
		if g.X0 < 0 || g.Y0 < 0 || g.X1 > float64(r.Config.Width) || g.Y1 > float64(r.Config.Height) || g.X0 >= g.X1 || g.Y0 >= g.Y1 {
			t.Fatalf("%+v: the box leaves the sensor or is empty", g)
		}
		own := 0
		for i, e := range r.Events {
			if r.Causes[i] == int32(g.ID) && g.T-20_000 <= e.T && e.T < g.T {
				own++
			}
		}
		if own != g.Events20ms {
			t.Fatalf("%+v: the recording has %d such events", g, own)
		}
	}
}

func TestTheSameConfigurationGivesTheSameRecording(t *testing.T) {
	t.Parallel()
	c := Config{Scene: "flicker", Seed: 5, Noise: 5, Duration: 100 * time.Millisecond}
	if d := gocmp.Diff(record(t, c), record(t, c)); d != "" {
		t.Error(d)
	}
}

func TestALongerRecordingBeginsLikeAShorterOne(t *testing.T) {
	t.Parallel()
	c := Config{Scene: "three", Noise: 5, Duration: 63300 * time.Microsecond}
	short := record(t, c)
	c.Duration *= 2
	long := record(t, c)
	n := len(short.Events)
	if !slices.Equal(short.Events, long.Events[:n]) || !slices.Equal(short.Causes, long.Causes[:n]) {
		t.Error("the events differ")
	}
	if long.Events[n].T < 63300 {
		t.Errorf("%+v is missing in the shorter one", long.Events[n])
	}
	if !slices.Equal(short.Truth, long.Truth[:len(short.Truth)]) {
		t.Error("the truth differs")
	}
}

func TestSeedsVaryTheSceneAndTheNoise(t *testing.T) {
	t.Parallel()
	for _, scene := range []string{"disk", "bar-90", "crossing", "looming", "camera", "noise"} {
		seen := map[string]uint64{}
		boxes := map[string]bool{}
		for seed := range uint64(4) {
			r := record(t, Config{Scene: scene, Seed: seed, Noise: 1, Duration: 50 * time.Millisecond})
			key := fmt.Sprint(r.Events)
			if other, ok := seen[key]; ok {
				t.Errorf("%s: seeds %d and %d give the same events", scene, other, seed)
			}
			seen[key] = seed
			if len(r.Truth) > 0 {
				g := r.Truth[0]
				boxes[fmt.Sprint(g.X0, g.X1, g.Y0)] = true
			}
		}
		if len(boxes) > 0 && len(boxes) < 4 {
			t.Errorf("%s: 4 seeds give %d different boxes", scene, len(boxes))
		}
	}
}

func TestNoiseOfAPixelDependsOnlyOnSeedAndPlace(t *testing.T) {
	t.Parallel()
	noiseAt := func(scene string, width int) (list []pipeline.Event) {
		r := record(t, Config{Scene: scene, Seed: 9, Noise: 20, Width: width, Height: 32, Duration: 300 * time.Millisecond})
		for i, e := range r.Events {
			// Far from the object's signal, which can make a pixel refractory.
			if c := r.Causes[i]; (c == Shot || c == Leak) && e.X < 16 && e.Y < 6 {
				list = append(list, e)
			}
		}
		return list
	}
	want := noiseAt("noise", 16)
	if len(want) == 0 {
		t.Fatal("no noise")
	}
	if d := gocmp.Diff(want, noiseAt("noise", 64)); d != "" {
		t.Errorf("a wider sensor:\n%s", d)
	}
	if d := gocmp.Diff(want, noiseAt("slow", 64)); d != "" {
		t.Errorf("another scene:\n%s", d)
	}
}

func TestConfigErrorsNameWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := Config{Scene: "disk", Width: 64, Height: 64}
	tests := []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"an unknown scene", func(c *Config) { c.Scene = "disc" }, `scene "disc" is none of disk, bar-0`},
		{"no width", func(c *Config) { c.Width = 0 }, "width 0 is not in 16..4096 px"},
		{"too high", func(c *Config) { c.Height = 5000 }, "height 5000"},
		{"too many pixels", func(c *Config) { c.Width, c.Height = 4096, 4096 }, "4096x4096 is more than"},
		{"negative noise", func(c *Config) { c.Noise = -1 }, "noise -1"},
		{"noise that is not a number", func(c *Config) { c.Noise = math.NaN() }, "noise NaN"},
		{"negative duration", func(c *Config) { c.Duration = -1 }, "duration -1ns"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := good
			tt.change(&c)
			if _, err := New(c); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestTheSteadyStateAllocatesNothing(t *testing.T) {
	for _, scene := range []string{"three", "flicker", "camera-object"} {
		s, err := New(Config{Scene: scene, Noise: 5, Width: 64, Height: 64, Duration: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		f := Frame{Events: make([]pipeline.Event, 0, 1<<16), Causes: make([]int32, 0, 1<<16)}
		next := func() {
			if err := s.Next(&f); err != nil {
				t.Fatal(err)
			}
		}
		for range 150 {
			next()
		}
		if n := testing.AllocsPerRun(50, next); n != 0 {
			t.Errorf("%s: %v allocations a frame", scene, n)
		}
	}
}

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden holds the number of events and a checksum of each scene.
func TestGolden(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, sc := range Scenes() {
		r := record(t, Config{Scene: sc.Name, Seed: 1, Noise: 5, Duration: 200 * time.Millisecond})
		h := crc32.NewIEEE()
		for i, e := range r.Events {
			fmt.Fprintln(h, e.T, e.X, e.Y, e.P, r.Causes[i])
		}
		fmt.Fprintf(&b, "%s %d %08x\n", sc.Name, len(r.Events), h.Sum32())
	}
	const file = "testdata/scenes.golden"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(string(want), b.String()); d != "" {
		t.Error(d)
	}
}

// BenchmarkScenes measures frames of 10 ms of a 320x240 sensor with 5 Hz noise.
func BenchmarkScenes(b *testing.B) {
	for _, sc := range Scenes() {
		b.Run(sc.Name, func(b *testing.B) {
			b.ReportAllocs()
			var events, us int64
			var f Frame
			s, err := New(Config{Scene: sc.Name, Noise: 5, Width: 320, Height: 240, Duration: time.Hour})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := s.Next(&f); errors.Is(err, io.EOF) {
					b.Fatal("the recording is too short for the benchmark")
				}
				events += int64(len(f.Events))
				us += f.End - f.Start
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(us)/1e6/b.Elapsed().Seconds(), "x_real_time")
		})
	}
}

// BenchmarkNew measures the setting up of a 320x240 sensor.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(Config{Scene: "disk", Noise: 5, Width: 320, Height: 240}); err != nil {
			b.Fatal(err)
		}
	}
}
