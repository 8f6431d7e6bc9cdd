package cmd

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/shareddata"
	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

// ran is what a command line came to.
type ran struct {
	code        int
	out, stderr string
}

// runCommand runs a command line in this process.
func runCommand(ctx context.Context, args ...string) ran {
	var out, stderr bytes.Buffer
	root := ganglion.newRoot()
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&stderr)
	err := root.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(&stderr, err)
	}
	return ran{exitCode(err), out.String(), stderr.String()}
}

// mustRun demands an exit code.
func mustRun(t *testing.T, code int, args ...string) ran {
	t.Helper()
	r := runCommand(t.Context(), args...)
	if r.code != code {
		t.Fatalf("%v: exit code %d, want %d\n%s%s", args, r.code, code, r.out, r.stderr)
	}
	return r
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// record writes a recording.
func record(t *testing.T, file, format string, info format.Info, b *format.Block) {
	t.Helper()
	w, err := recording.Create(file, format, info)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteBlock(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if lost := w.Lost(); len(lost) > 0 {
		t.Fatalf("%s: lost %v", file, lost)
	}
}

// TestEveryFormatIsConvertedBackToTheSameBytes covers the table of formats: a
// recording in the format converted to itself, and one of the simulator
// converted there and back.
func TestEveryFormatIsConvertedBackToTheSameBytes(t *testing.T) {
	t.Chdir(t.TempDir())
	mustRun(t, 0, "simulate", "disk", "-o", "disk.raw", "--width", "128", "--height", "100", "--duration", "60ms")
	want := mustRead(t, "disk.raw")
	for _, f := range recording.Formats() {
		if !f.Writable() {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			a, b, back := "a-"+f.Name, "b-"+f.Name, "back-"+f.Name+".raw"
			if f.Name == "bs1" { // one dimension: rows below the first are lost, and said to be
				mustRun(t, 3, "convert", "disk.raw", a, "--to", f.Name)
				mustRun(t, 0, "convert", a, b, "--from", f.Name, "--to", f.Name)
				if !bytes.Equal(mustRead(t, a), mustRead(t, b)) {
					t.Error("converted to itself, the bytes differ")
				}
				return
			}
			mustRun(t, 0, "convert", "disk.raw", a, "--to", f.Name)
			mustRun(t, 0, "convert", a, b, "--from", f.Name, "--to", f.Name)
			if !bytes.Equal(mustRead(t, a), mustRead(t, b)) {
				t.Error("converted to itself, the bytes differ")
			}
			mustRun(t, 0, "convert", a, back, "--from", f.Name, "--to", "evt3", "--width", "128", "--height", "100")
			if !bytes.Equal(want, mustRead(t, back)) {
				t.Error("there and back, the bytes differ")
			}
		})
	}
}

// TestNothingIsLostSilently converts a recording with everything beside its
// events into formats that hold less and less of it.
func TestNothingIsLostSilently(t *testing.T) {
	t.Chdir(t.TempDir())
	info := format.Info{Width: 64, Height: 48, Header: format.Header{{Key: "Date", Value: "2026-01-01 00:00:00"},
		{Key: "serial_number", Value: "42"}}}
	imu := &format.IMU{Accel: [3]float32{1, 2, 3}, Gyro: [3]float32{4, 5, 6}, Counts: true}
	record(t, "full.raw", "evt2", info, &format.Block{
		Events: []pipeline.Event{{T: 1000, X: 1, Y: 2, P: 1}, {T: 3000, X: 60, Y: 40}},
		Side: []format.Side{
			{Kind: format.Trigger, T: 1500, Code: 1, Value: 1, Before: 1},
			{Kind: format.Trigger, T: 1600, Code: 1, Value: 0, Before: 1},
			{Kind: format.IMUSample, T: 2000, IMU: imu, Before: 1},
		},
	})
	for format, want := range map[string]string{
		"evt2": "",
		"evt3": "out: lost: imu x1 (2000..2000 µs)\nout: evt3 cannot hold all of full.raw: 1 thing lost\n",
		"es": "out: lost: trigger x2 (1500..1600 µs)\nout: lost: imu x1 (2000..2000 µs)\n" +
			"out: note: es keeps no header field x2 (Date, serial_number)\nout: es cannot hold all of full.raw: 3 things lost\n",
	} {
		code := exitDropped
		if want == "" {
			code = 0
		}
		got := mustRun(t, code, "convert", "full.raw", "out", "--to", format)
		if diff := cmp.Diff(want, got.stderr); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
		if got.out != fmt.Sprintf("out: %s, 2 of 2 events\n", format) {
			t.Errorf("%s: %s", format, got.out)
		}
	}
	if !bytes.Equal(mustRead(t, "full.raw"), convertedTo(t, "full.raw", "evt2")) {
		t.Error("converted to its own format, the recording is another one")
	}
}

func convertedTo(t *testing.T, file, format string) []byte {
	t.Helper()
	mustRun(t, 0, "convert", file, "same", "--to", format)
	return mustRead(t, "same")
}

// TestEventsThatDoNotFitAreCounted writes addresses and times that the target
// cannot express.
func TestEventsThatDoNotFitAreCounted(t *testing.T) {
	t.Chdir(t.TempDir())
	const text = "t,x,y,p\n-5,1,1,1\n10,2,2,1\n20,300,2,1\n30,3,2,1\n"
	if err := os.WriteFile("in.csv", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := mustRun(t, exitDropped, "convert", "in.csv", "out.bin", "--width", "400", "--height", "4")
	if want := "out.bin: nmnist, 2 of 4 events\n  lost  2\n"; got.out != want {
		t.Errorf("got %q, want %q", got.out, want)
	}
	for _, want := range []string{"out.bin: lost: time_range x1 (-5..-5 µs)\n", "out.bin: lost: address_range x1 (20..20 µs)\n"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("%q does not contain %q", got.stderr, want)
		}
	}
}

// TestRecordingsFromElsewhereKeepTheirEvents holds conversions of real files to
// the events that were in them.
func TestRecordingsFromElsewhereKeepTheirEvents(t *testing.T) {
	data, err := filepath.Abs(shareddata.Path(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for file, formats := range map[string][]string{
		"evt2/spinner.raw":                    {"evt3", "evt21"},
		"evt3/dense.raw":                      {"evt2", "evt21", "npy"},
		"evt3/pedestrians.raw":                {"aedat4", "csv", "dat", "npz"},
		"evt3/triggers.raw":                   {"evt3", "evt2", "evt21"},
		"dat/ncars.dat":                       {"dat", "evt3", "es"},
		"aedat2/dvs128-moving-dark-box.aedat": {"aedat2", "evt2"},
		"aedat2/cochlea-vowels.aedat":         {"aedat2", "aedat4"},
		"aedat4/davis346.aedat4":              {"aedat4", "evt3", "evt2", "csv"},
		"es/color.es":                         {"evt3"},
	} {
		in := filepath.Join(data, "events", file)
		want, err := recording.Inspect(in, recording.Options{}, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range formats {
			keepEvents(t, in, "out", "--to", format)
			keepEvents(t, "out", "out.raw", "--from", format, "--to", "evt2", "--width", "2048", "--height", "2048")
			got, err := recording.Inspect("out.raw", recording.Options{}, true)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.Digest, got.Digest); diff != "" {
				t.Errorf("%s to %s: %s", file, format, diff)
			}
		}
	}
}

// keepEvents converts, whatever is lost beside the events.
func keepEvents(t *testing.T, args ...string) {
	t.Helper()
	r := runCommand(t.Context(), append([]string{"convert"}, args...)...)
	if r.code != 0 && r.code != exitDropped || strings.Contains(r.out, "  lost ") {
		t.Errorf("%v: exit code %d: %s%s", args, r.code, r.out, r.stderr)
	}
}

func TestShiftToZeroBeginsWithTheFirstEvent(t *testing.T) {
	t.Chdir(t.TempDir())
	record(t, "in.raw", "evt2", format.Info{Width: 64, Height: 48}, &format.Block{
		Events: []pipeline.Event{{T: 5000, X: 1, Y: 2, P: 1}},
		Side: []format.Side{
			{Kind: format.Trigger, T: 4000, Code: 1, Value: 1, Before: 0},
			{Kind: format.Trigger, T: 6000, Code: 1, Value: 0, Before: 1},
		},
	})
	mustRun(t, 0, "convert", "in.raw", "out.raw", "--shift-to-zero")
	r, err := recording.Open("out.raw", recording.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b := format.NewBlock(100)
	if err := r.Read(b); err != nil {
		t.Fatal(err)
	}
	if len(b.Events) != 1 || len(b.Side) != 1 || b.Events[0].T != 0 || b.Side[0].T != 1000 {
		t.Errorf("got %+v", b)
	}
}

func TestAnInterruptedConversionLeavesAWholeRecording(t *testing.T) {
	t.Chdir(t.TempDir())
	mustRun(t, 0, "simulate", "disk", "-o", "disk.raw", "--duration", "500ms")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := runCommand(ctx, "convert", "disk.raw", "out.raw")
	if got.code != exitFailed || !strings.Contains(got.stderr, "out.raw: stopped at byte ") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	in, err := recording.Inspect("disk.raw", recording.Options{}, false)
	if err != nil {
		t.Fatal(err)
	}
	out, err := recording.Inspect("out.raw", recording.Options{}, false)
	if err != nil {
		t.Fatal(err)
	}
	if out.Events == 0 || out.Events >= in.Events || len(out.Damage) > 0 {
		t.Errorf("%d of %d events, damage %v", out.Events, in.Events, out.Damage)
	}
	if want := fmt.Sprintf("; it holds the %d events before\n", out.Events); !strings.HasSuffix(got.stderr, want) {
		t.Errorf("%q, want %q", got.stderr, want)
	}
}

func TestAGlitchOfTheClockIsNotTheEnd(t *testing.T) {
	events := func(n int, t int64) []pipeline.Event {
		es := make([]pipeline.Event, n)
		for i := range es {
			es[i].T = t
		}
		return es
	}
	var late instant
	if err := late.Set("1s"); err != nil {
		t.Fatal(err)
	}
	for _, cut := range []int{1, 100, 1 << 20} { // however the stream is cut
		s, err := newSpan(instant{}, late)
		if err != nil {
			t.Fatal(err)
		}
		all := append(append(append(append(events(10, 0), events(beyondEnd-1, 2e6)...),
			events(20, 5e5)...), events(beyondEnd, 3e6)...), events(30, 6e5)...)
		kept := 0
		for len(all) > 0 {
			n := min(cut, len(all))
			b := &format.Block{Events: all[:n]}
			all = all[n:]
			s.cut(b)
			kept += len(b.Events)
		}
		if kept != 30 || !s.over {
			t.Errorf("cut by %d: %d events, over %t; want those before the long run beyond the end", cut, kept, s.over)
		}
	}
}

func TestSideDataKeepsItsPlaceBetweenEvents(t *testing.T) {
	b := &format.Block{
		Events: []pipeline.Event{{X: 0}, {X: 1}, {X: 2}, {X: 3}, {X: 4}},
		Side:   []format.Side{{Before: 0}, {Before: 2}, {Before: 2, Code: 9}, {Before: 5}},
	}
	odd := func(es []pipeline.Event) []pipeline.Event {
		n := 0
		for _, e := range es {
			if e.X%2 == 1 {
				es[n] = e
				n++
			}
		}
		return es[:n]
	}
	rework(b, odd, func(s *format.Side) bool { return s.Code != 9 })
	want := &format.Block{
		Events: []pipeline.Event{{X: 1}, {X: 3}},
		Side:   []format.Side{{Before: 0}, {Before: 1}, {Before: 2}},
	}
	if diff := cmp.Diff(want, b); diff != "" {
		t.Error(diff)
	}
}

func TestBlocksAreConvertedWithoutAllocation(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in.raw")
	mustRun(t, 0, "simulate", "disk", "-o", in, "--duration", "100ms")
	var f convertFlags
	f.filters, f.shift, f.outliers = []string{"stcf"}, true, "clamp"
	f.time = timeKeep
	c, err := newConverter(t.Context(), in, filepath.Join(dir, "out.raw"), f)
	if err != nil {
		t.Fatal(err)
	}
	defer c.r.Close()
	defer c.w.Close()
	full := format.NewBlock(convertBlock)
	if err := c.r.Read(full); err != nil {
		t.Fatal(err)
	}
	b := format.NewBlock(convertBlock)
	step := func() {
		b.Events = append(b.Events[:0], full.Events...)
		c.check(b.Events, 0)
		if err := c.block(b); err != nil {
			t.Fatal(err)
		}
	}
	step() // the writer's buffer grows to its size
	if n := testing.AllocsPerRun(10, step); n != 0 {
		t.Errorf("%g allocations for a block of %d events", n, len(full.Events))
	}
}

// TestWhatTimeDoesWithAClockThatStepped converts a recording whose clock was set
// to zero in each of the three ways.
func TestWhatTimeDoesWithAClockThatStepped(t *testing.T) {
	t.Chdir(t.TempDir())
	var events []pipeline.Event
	for i := range 2000 {
		at := int64(5_000_000 + 100*i)
		if i >= 1000 {
			at -= 5_100_000
		}
		events = append(events, pipeline.Event{T: at, X: uint16(i % 64)})
	}
	record(t, "in.aedat4", "aedat4", format.Info{Width: 64, Height: 48}, &format.Block{
		Events: events, Side: []format.Side{{Kind: format.Trigger, T: 50, Value: 1, Before: 1001}},
	})
	times := func(file string) (first, last, n int) {
		lines := strings.Split(strings.TrimSpace(string(mustRead(t, file))), "\n")[1:]
		for i, at := range []*int{&first, &last} {
			if _, err := fmt.Sscanf(lines[i*(len(lines)-1)], "%d,", at); err != nil {
				t.Fatal(err)
			}
		}
		return first, last, len(lines)
	}
	for _, c := range []struct {
		file           string
		args           []string
		first, last, n int
	}{
		{"keep.csv", nil, 5_000_000, 99_900, 2000},
		{"shift.csv", []string{"--time", "shift"}, 5_000_000, 5_000_000 + 99_900 + 10_001 + 99_900, 2000},
		{"split.csv", []string{"--time", "split"}, 5_000_000, 5_099_900, 1000},
		{"part.csv", []string{"--start", "120ms"}, 10_000, 99_900, 900},
	} {
		r := mustRun(t, 0, append([]string{"convert", "in.aedat4", c.file, "--side", "side.csv"}, c.args...)...)
		if !strings.Contains(r.stderr, "clock: set back by 5.100 s") {
			t.Errorf("%s: %s", c.file, r.stderr)
		}
		if side := string(mustRead(t, "side.csv")); c.file == "keep.csv" && !strings.Contains(side, "\n50,trigger,0,1,") {
			t.Errorf("side.csv: %s", side)
		}
		if first, last, n := times(c.file); first-c.first > 100 || c.first-first > 100 || last != c.last || n-c.n > 1 || c.n-n > 1 {
			t.Errorf("%s: %d events from %d to %d, want %d from %d to %d", c.file, n, first, last, c.n, c.first, c.last)
		}
	}
	for _, args := range [][]string{
		{"split-2.csv", "split.csv"}, {"split-2.csv", "./split.csv"},
		{"in.aedat4", "split.csv", "--side", "split-2.csv"}, {"in.aedat4", "new.csv", "--side", "new-3.csv"},
	} {
		before := mustRead(t, "split-2.csv")
		r := mustRun(t, 2, append([]string{"convert", "--time", "split"}, args...)...)
		if !strings.Contains(r.stderr, "which writing would destroy") || !bytes.Equal(before, mustRead(t, "split-2.csv")) {
			t.Errorf("%q: %s", args, r.stderr)
		}
	}
	if first, last, n := times("split-2.csv"); first != 0 || last != 99_900 || n != 1000 {
		t.Errorf("split-2.csv: %d events from %d to %d", n, first, last)
	}
}
