package classifier

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ganglion/internal/random"
	"ganglion/network/train/bptt"
	"ganglion/network/train/exam"
	"ganglion/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sweep is a recording of a bar of 8 px that sweeps 12x10 px, to the right or
// downwards by its name, from a time on.
func sweep(path string) ([]pipeline.Event, error) {
	var n int
	var way string
	if _, err := fmt.Sscanf(path, "%5s/%d", &way, &n); err != nil {
		return nil, fmt.Errorf("%s: no such recording", path)
	}
	key := random.New(uint64(n))
	begin, first := int64(1_000_000+n), key.Below(0, 4)
	var events []pipeline.Event
	for t := range 100 {
		at, k := (first+t/10)%10, t%8
		e := pipeline.Event{T: begin + int64(t)*1000, X: uint16(at), Y: uint16(1 + k), P: pipeline.On}
		if way == "down." {
			e.X, e.Y = uint16(1+k), uint16(at)
		}
		events = append(events, e)
	}
	return events, nil
}

func sweeps(n int) (all []exam.Sample) {
	for i := range n {
		all = append(all, exam.Sample{Path: fmt.Sprintf("right/%d", i), Label: "right"},
			exam.Sample{Path: fmt.Sprintf("down./%d", i), Label: "down."})
	}
	return all
}

func quickRecipe() Recipe {
	r := NewDefaultRecipe()
	r.Window = 100 * time.Millisecond
	r.Training.Epochs, r.Training.Batch, r.Training.Part, r.Vary.Turn = 8, 8, 4, 0
	r.Training.Convolutions = []bptt.Convolution{{Channels: 6, Kernel: 3, Stride: 2, Padding: 1}, {Channels: 8, Kernel: 3, Pool: 2}}
	return r
}

func TestDirectionsAreLearnedFromRecordings(t *testing.T) {
	t.Parallel()
	all := sweeps(20)
	train, test := HoldOut(all, 4, 1)
	data := Data{Samples: train, Width: 12, Height: 10, Read: sweep}
	labels := []string{"down.", "right"}
	dir := t.TempDir()
	m, result, err := quickRecipe().Train(t.Context(), data, labels, bptt.NewFile(filepath.Join(dir, "a"), "x"), false, bptt.Watch{})
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return time.Time{} }
	report, err := m.Test(t.Context(), test, sweep, exam.Config{Workers: 2, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	if report.N != 10 || report.Correct < 9 || result.Examples != 30 || result.Epochs != 8 || result.Parameters == 0 {
		t.Errorf("%d of %d, %+v", report.Correct, report.N, result)
	}
	// Stopped after every epoch and resumed, the training gives the same file.
	stop := errors.New("stopped")
	file := bptt.NewFile(filepath.Join(dir, "b"), "x")
	for at := 0; ; at++ {
		ctx, cancel := context.WithCancelCause(t.Context())
		saved := at
		watch := bptt.Watch{Batch: func(p bptt.Progress) {
			if p.Epoch > saved {
				cancel(stop)
			}
		}}
		again, _, err := quickRecipe().Train(ctx, data, labels, file, at > 0, watch)
		cancel(nil)
		if err != nil && at < 8 {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(m.Graph, again.Graph); d != "" || at < 5 {
			t.Errorf("resumed %d times: %s", at, d)
		}
		break
	}
	md := m.Describe("ganglion train classifier", "bars", result)
	if md.Text("profile") != m.Profile.Name || md.Number("step_s") != .02 || md.Text("data") != "bars" ||
		!slices.Equal(md.Texts("labels"), labels) {
		t.Errorf("%v", md)
	}
}

func TestWhatCannotBeLearnedIsRefusedByName(t *testing.T) {
	t.Parallel()
	both := []string{"down.", "right"}
	for want, c := range map[string]struct {
		samples []exam.Sample
		labels  []string
		change  func(*Recipe)
	}{
		`1 labels (["right"])`:               {sweeps(4), []string{"right"}, nil},
		"not among the labels":               {sweeps(4), []string{"right", "left"}, nil},
		"a.nird: a classifier is trained on": {[]exam.Sample{{Path: "a.nird", Label: "right"}}, both, nil},
		"nowhere: no such recording":         {[]exam.Sample{{Path: "nowhere", Label: "right"}}, both, nil},
		"delays are between neurons":         {sweeps(4), both, func(r *Recipe) { r.Training.Delay = time.Second }},
		"a window of 1ms in steps of 20ms":   {sweeps(4), both, func(r *Recipe) { r.Window = time.Millisecond }},
		"convolutions[0]: a kernel of 13 px ": {sweeps(4), both, func(r *Recipe) {
			r.Training.Convolutions[0] = bptt.Convolution{Channels: 1, Kernel: 13}
		}},
	} {
		r := quickRecipe()
		if c.change != nil {
			c.change(&r)
		}
		file := bptt.NewFile(filepath.Join(t.TempDir(), "c"), "x")
		_, _, err := r.Train(t.Context(), Data{c.samples, 12, 10, sweep}, c.labels, file, false, bptt.Watch{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// onePixel is a recording of an event each millisecond, 300 ms long.
func onePixel(string) (events []pipeline.Event, err error) {
	for k := range int64(300) {
		events = append(events, pipeline.Event{T: 5000 + k*1000, X: 10, Y: 7, P: pipeline.On})
	}
	return events, nil
}

// seen are the spikes of an example, as columns, rows and steps.
func seen(t *testing.T, task *task, epoch int) (xs, ys []int, steps []int64, off int) {
	t.Helper()
	var s pipeline.Spikes
	if err := task.Sample(epoch, 0, &s); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(2 * task.Width * task.Height); err != nil {
		t.Fatal(err)
	}
	for run, at := range s.T {
		for _, id := range s.Run(run) {
			if int(id) < task.Width*task.Height {
				off++
			}
			place := int(id) % (task.Width * task.Height)
			xs, ys, steps = append(xs, place%task.Width), append(ys, place/task.Width), append(steps, at)
		}
	}
	return xs, ys, steps, off
}

func newTask(r Ranges, window time.Duration) *task {
	r.Scale = max(r.Scale, 1)
	return &task{Samples: []exam.Sample{{Path: "x", Label: "a"}}, Labels: []int{0}, Classes: 2, Ranges: r, Seed: 1, Width: 20, Height: 16,
		Window: window, Step: 10 * time.Millisecond, Read: onePixel}
}

func TestWithoutVariationAWindowIsWhatTheRecordingHolds(t *testing.T) {
	t.Parallel()
	xs, ys, steps, off := seen(t, newTask(Ranges{}, 400*time.Millisecond), 0)
	if len(xs) != 300 || slices.Min(xs) != 10 || slices.Max(xs) != 10 || slices.Min(ys) != 7 || slices.Max(ys) != 7 || off != 0 {
		t.Errorf("%d spikes, %d OFF", len(xs), off)
	}
	if steps[0] != 0 || steps[9] != 0 || steps[10] != 10_000 || steps[299] != 290_000 {
		t.Errorf("%v", steps)
	}
	starts := map[string]bool{}
	for epoch := range 20 { // a shorter window begins anywhere
		_, _, steps, _ := seen(t, newTask(Ranges{}, 50*time.Millisecond), epoch)
		if len(steps) != 50 {
			t.Fatalf("%d spikes in 50 ms", len(steps))
		}
		starts[fmt.Sprint(steps)] = true
	}
	task := newTask(Ranges{}, 400*time.Millisecond)
	task.Samples[0].From, task.Samples[0].To = 105_000, 205_000
	if _, _, steps, _ := seen(t, task, 0); len(steps) != 100 || steps[0] != 0 || steps[99] != 90_000 {
		t.Errorf("a part of 100 ms has %d spikes", len(steps))
	}
}

func TestVariationsAreWithinTheirRanges(t *testing.T) {
	t.Parallel()
	var dx, dy []int
	mirrored := 0
	for epoch := range 200 {
		xs, ys, _, _ := seen(t, newTask(Ranges{Shift: 3, Mirror: true}, 400*time.Millisecond), epoch)
		x := xs[0]
		if x < 6 || x > 13 { // 7 to 13, or mirrored 6 to 12
			t.Fatalf("column %d", x)
		}
		if x == 6 {
			mirrored++
		}
		dx, dy = append(dx, x), append(dy, ys[0])
	}
	if slices.Min(dy) != 4 || slices.Max(dy) != 10 || mirrored == 0 || slices.Max(dx) != 13 {
		t.Errorf("rows %d to %d, columns %d to %d", slices.Min(dy), slices.Max(dy), slices.Min(dx), slices.Max(dx))
	}
	var turned, scaled []float64 // of what lies 7.5 px right of the middle
	for epoch := range 100 {
		for _, r := range []Ranges{{Turn: 30, Scale: 1}, {Scale: 1.5}} {
			task := newTask(r, 400*time.Millisecond)
			task.Read = func(string) ([]pipeline.Event, error) { return []pipeline.Event{{X: 17, Y: 7}, {X: 17, Y: 8}}, nil }
			xs, ys, _, _ := seen(t, task, epoch)
			if len(xs) < 2 {
				continue // it left the sensor
			}
			x, y := float64(xs[0]+xs[1])/2-9.5, float64(ys[0]+ys[1])/2-7.5
			if r.Turn > 0 {
				turned = append(turned, math.Atan2(y, x)*180/math.Pi)
			} else {
				scaled = append(scaled, math.Hypot(x, y)/7.5)
			}
		}
	}
	if slices.Min(turned) < -36 || slices.Min(turned) > -20 || slices.Max(turned) > 36 || slices.Max(turned) < 20 {
		t.Errorf("turned by %.1f to %.1f degrees", slices.Min(turned), slices.Max(turned))
	}
	if slices.Min(scaled) < .6 || slices.Min(scaled) > .8 || slices.Max(scaled) > 1.3 || slices.Max(scaled) < 1.1 {
		t.Errorf("scaled by %.2f to %.2f; beyond 1.26 the pixel has left the sensor", slices.Min(scaled), slices.Max(scaled))
	}
	least, most := math.MaxInt, 0
	for epoch := range 100 {
		xs, _, _, _ := seen(t, newTask(Ranges{Drop: .5}, 400*time.Millisecond), epoch)
		least, most = min(least, len(xs)), max(most, len(xs))
	}
	if least < 120 || least > 190 || most < 280 || most > 300 {
		t.Errorf("%d to %d of 300 events with up to half of them left out", least, most)
	}
	noisy, off := 0, 0
	for epoch := range 100 { // 0 to 10 Hz on 320 px in .4 s: 640 on average
		xs, _, _, dark := seen(t, newTask(Ranges{Noise: 10}, 400*time.Millisecond), epoch)
		noisy, off = noisy+len(xs)-300, off+dark
	}
	if noisy < 55_000 || noisy > 73_000 || off < noisy*4/10 || off > noisy*6/10 {
		t.Errorf("%d events of noise, %d of them OFF", noisy, off)
	}
	early := 0
	for epoch := range 20 {
		_, _, steps, _ := seen(t, newTask(Ranges{Jitter: 10 * time.Millisecond}, 400*time.Millisecond), epoch)
		for _, at := range steps {
			if at < 20_000 {
				early++
			}
		}
	}
	if early == 400 || early < 200 {
		t.Errorf("%d events in the first 20 ms, 400 without jitter", early)
	}
}

func TestOneInFiveOfEachClassIsHeldOut(t *testing.T) {
	t.Parallel()
	all := append(sweeps(20), exam.Sample{Path: "alone", Label: "alone"})
	train, test := HoldOut(all, 5, 1)
	count := map[string]int{}
	for _, s := range test {
		count[s.Label]++
	}
	if d := cmp.Diff(map[string]int{"right": 4, "down.": 4}, count); d != "" || len(train) != 33 {
		t.Errorf("%d to learn from: %s", len(train), d)
	}
	if _, other := HoldOut(all, 5, 2); cmp.Equal(test, other) {
		t.Error("two seeds hold out the same")
	}
	if train, test := HoldOut(all, 0, 1); len(train) != 41 || len(test) != 0 {
		t.Error("0 holds something out")
	}
}

func TestConvolutionsFitEverySensor(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{34, 34}, {128, 128}, {346, 260}, {640, 480}, {1280, 720}, {8, 8}} {
		c, err := NewDefaultRecipe().config(size[0], size[1], 10)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bptt.New(c); err != nil {
			t.Errorf("%v: %v", size, err)
		}
	}
}
