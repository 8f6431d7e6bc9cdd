package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"ganglion/sources/format"
	"ganglion/sources/recording"
)

const (
	longEvents = 100_000_000
	// longMemory is how much more the process may have had in memory at any
	// time than when it converts one repetition of the scene.
	longMemory = 16 << 20
	// sceneEnding is added to the name of a recording for one repetition of it.
	sceneEnding = ".scene.raw"
)

// TestALongRecordingIsConvertedInConstantMemory makes a recording of 100
// million events, takes it through the formats in a process of its own, and
// looks at the most memory that the process ever had.
func TestALongRecordingIsConvertedInConstantMemory(t *testing.T) {
	if os.Getenv("GANGLION_LONG") == "" {
		t.Skip("takes minutes and gigabytes of disk: set GANGLION_LONG=1")
	}
	program, err := exec.LookPath("ganglion") // testscript puts this binary there
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	in := filepath.Join(dir, "in.raw")
	repeat(t, program, in)
	archive := filepath.Join(dir, "in.npz")
	for _, file := range []string{"", sceneEnding} {
		if text, err := exec.CommandContext(t.Context(), program, "convert", in+file, archive+file, "--to", "npz").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
	for _, c := range []struct {
		in   string
		args []string
	}{
		{in, []string{"--to", "evt2"}},
		{in, []string{"--to", "es"}},
		{in, []string{"--to", "aedat4"}},
		{in, []string{"--to", "csv"}},
		{in, []string{"--to", "npz"}},
		{archive, []string{"--to", "evt2", "--width", "320", "--height", "240"}},
		{in, []string{"--to", "evt3", "--filter", "stcf", "--filter", "hot_pixel", "--flip-x"}},
	} {
		in, args := c.in, c.args
		_, short, _ := measure(t, program, in+sceneEnding, args)
		text, peak, seconds := measure(t, program, in, args)
		if !strings.Contains(text, " of "+strconv.Itoa(longEvents)+" events") {
			t.Errorf("%v: %s", args, text)
		}
		t.Logf("%-50s %5.1f MiB at most (short: %.1f), %5.1f s of CPU, %3.0f M events/s",
			strings.Join(append([]string{filepath.Ext(in)}, args...), " "), float64(peak)/(1<<20), float64(short)/(1<<20), seconds,
			longEvents/seconds/1e6)
		if peak > short+longMemory {
			t.Errorf("%v: %d MiB in memory, %d for a short recording", args, peak>>20, short>>20)
		}
	}
}

// measure converts in a process of its own and returns what it said, the most
// memory that it ever had, bytes, and its CPU time, s.
func measure(t *testing.T, program, in string, args []string) (text string, peak int64, seconds float64) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, append([]string{"convert", in, filepath.Join(filepath.Dir(in), "out")}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	state := cmd.ProcessState
	return string(out), state.SysUsage().(*syscall.Rusage).Maxrss << 10, (state.UserTime() + state.SystemTime()).Seconds()
}

// repeat writes one simulated scene again and again, each time later. It keeps
// little in memory, because Linux counts that of the parent among the most that
// a process ever had.
func repeat(t *testing.T, program, file string) {
	t.Helper()
	scene := file + sceneEnding
	if text, err := exec.CommandContext(t.Context(), program, "simulate", "crossing", "-o", scene).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	w, err := recording.Create(file, "evt3", format.Info{Width: 320, Height: 240})
	if err != nil {
		t.Fatal(err)
	}
	const period = 2_000_000 // µs
	written := 0
	for round := int64(0); written < longEvents; round++ {
		r, err := recording.Open(scene, recording.Options{})
		if err != nil {
			t.Fatal(err)
		}
		b := format.NewBlock(convertBlock)
		for written < longEvents && r.Read(b) == nil {
			for i := range b.Events {
				b.Events[i].T += round * period
			}
			n := min(len(b.Events), longEvents-written)
			if err := w.Write(b.Events[:n]); err != nil {
				t.Fatal(err)
			}
			written += n
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if lost := w.Lost(); len(lost) > 0 {
		t.Fatal(lost)
	}
}
