package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/recording"
)

const (
	longEvents = 100_000_000
	// longMemory bounds what the whole process may ever have had in memory.
	longMemory = 64 << 20
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
	for _, args := range [][]string{
		{"--to", "evt2"}, {"--to", "es"}, {"--to", "aedat4"}, {"--to", "csv"},
		{"--to", "evt3", "--filter", "stcf", "--filter", "hot_pixel", "--flip-x"},
	} {
		out := filepath.Join(dir, "out")
		cmd := exec.CommandContext(t.Context(), program, append([]string{"convert", in, out}, args...)...)
		text, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, text)
		}
		if !strings.Contains(string(text), " of "+strconv.Itoa(longEvents)+" events") {
			t.Errorf("%v: %s", args, text)
		}
		peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
		seconds := (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
		size, err := os.Stat(out)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%-40s %4.1f MiB at most, %5.1f s of CPU, %3.0f M events/s, %d MB",
			strings.Join(args, " "), float64(peak)/(1<<20), seconds, longEvents/seconds/1e6, size.Size()/1e6)
		if peak > longMemory {
			t.Errorf("%v: %d MiB in memory", args, peak>>20)
		}
	}
}

// repeat writes one simulated scene again and again, each time later.
func repeat(t *testing.T, program, file string) {
	t.Helper()
	scene := file + ".scene.raw"
	if text, err := exec.CommandContext(t.Context(), program, "simulate", "crossing", "-o", scene).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	events := allEvents(t, scene)
	w, err := recording.Create(file, "evt3", recording.Info{Width: 320, Height: 240})
	if err != nil {
		t.Fatal(err)
	}
	const period = 2_000_000 // µs
	for written := 0; written < longEvents; {
		n := min(len(events), longEvents-written)
		if err := w.Write(events[:n]); err != nil {
			t.Fatal(err)
		}
		written += n
		for i := range events {
			events[i].T += period
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if len(w.Lost()) > 0 {
		t.Fatal(fmt.Sprint(w.Lost()))
	}
}

func allEvents(t *testing.T, file string) (all []pipeline.Event) {
	t.Helper()
	r, err := recording.Open(file, recording.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b := recording.NewBlock(convertBlock)
	for r.Read(b) == nil {
		all = append(all, b.Events...)
	}
	return all
}
