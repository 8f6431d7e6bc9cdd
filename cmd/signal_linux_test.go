package cmd

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ganglion/pipeline/runner"
)

// endless is a pipeline that would run for 60 minutes.
const endless = `
name: endless
source: {type: simulator, scene: disk, width: 64, height: 48, duration: 1h, pace: PACE}
encoder: {type: events}
network: {model: motion}
readout: {type: motion}
sinks: [{type: jsonl, path: "-"}]
`

// startEndless starts the program on it with standard output in a pipe.
func startEndless(t *testing.T, pace, summary string) (*exec.Cmd, *os.File) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "endless.yaml")
	if err := os.WriteFile(file, []byte(strings.Replace(endless, "PACE", pace, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("ganglion") // testscript puts this binary there
	if err != nil {
		t.Fatal(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { read.Close() })
	cmd := exec.CommandContext(t.Context(), program, "run", file, "--summary", summary)
	cmd.Stdout = write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	return cmd, read
}

func TestInterruptDrainsAndAccounts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "summary.json")
	cmd, pipe := startEndless(t, "realtime", file)
	out := bufio.NewReader(pipe)
	if _, err := out.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("want exit code 0, got %v", err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s runner.Summary
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	lines := uint64(strings.Count(string(rest), "\n") + 1)
	if events, detections := s.Lost(); !s.Stopped || events+detections != 0 || s.Detections.Total != lines {
		t.Errorf("stopped %t, lost %d events and %d detections, %d detections but %d lines",
			s.Stopped, events, detections, s.Detections.Total, lines)
	}
}

// A full pipe that nobody reads keeps the drain from ending for seconds. The
// pipe is made small, because the scene's object leaves after 45 kB of lines.
func TestSecondInterruptEndsAtOnce(t *testing.T) {
	cmd, pipe := startEndless(t, "max", "/dev/null")
	const size = 16 << 10
	if _, err := unix.FcntlInt(pipe.Fd(), unix.F_SETPIPE_SZ, size); err != nil {
		t.Skipf("the pipe keeps its size: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // ends with the process
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	before, same := 0, 0
	for {
		select {
		case err := <-ended:
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != os.Interrupt {
				t.Errorf("want the signal to end it, got %v", err)
			}
			return
		case <-tick.C:
			waiting, err := unix.IoctlGetInt(int(pipe.Fd()), unix.TIOCINQ)
			if err != nil {
				t.Fatal(err)
			}
			if waiting != before {
				before, same = waiting, 0
			}
			same++
			// A pipe is full when its pages are in use, each by a write or
			// more: with as little as a quarter of its bytes.
			if waiting >= size/4 && same > 50 {
				cmd.Process.Signal(os.Interrupt) //nolint:errcheck // it may just have ended
			}
		}
	}
}
