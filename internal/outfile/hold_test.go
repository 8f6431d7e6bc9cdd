package outfile_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/internal/outfile"
)

func TestAHoldIsOneProcessesOwn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "below", "x.lock")
	h, err := outfile.NewHold(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = outfile.NewHold(path)
	if err == nil || !strings.Contains(err.Error(), "is held by this process") {
		t.Errorf("a second hold: %v", err)
	}
	if err := h.Release(); err != nil {
		t.Fatal(err)
	}
	again, err := outfile.NewHold(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Release(); err != nil {
		t.Error(err)
	}
}

// child is a process that holds what the test names, until it is killed.
func child(t *testing.T, what, where string) *exec.Cmd {
	t.Helper()
	// Without a timeout the runtime ends a child that waits for ever: a deadlock.
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHolder$", "-test.timeout=1m")
	cmd.Env = append(os.Environ(), "HOLD="+what, "TMPDIR="+where)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// held is what the child holds: the collector lets go of what nobody keeps.
var held any

// TestHolder is the child.
func TestHolder(t *testing.T) {
	what := os.Getenv("HOLD")
	var err error
	switch what {
	case "":
		t.Skip("runs as a process of its own")
	case "temporary":
		held, err = outfile.NewTemporary("ganglion-test-")
	default:
		held, err = outfile.NewHold(what)
	}
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString("x")
	select {}
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
}

func TestAKilledProcessHoldsNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	cmd := child(t, path, t.TempDir())
	_, err := outfile.NewHold(path)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("is held by process %d", cmd.Process.Pid)) {
		t.Errorf("while it lives: %v", err)
	}
	kill(t, cmd)
	h, err := outfile.NewHold(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Release(); err != nil {
		t.Error(err)
	}
}

func TestFoldersOfKilledProcessesGoAndOthersStay(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	foreign := filepath.Join(temp, "ganglion-test-notes")
	if err := os.Mkdir(foreign, 0o755); err != nil {
		t.Fatal(err)
	}
	left := func() int {
		found, err := filepath.Glob(filepath.Join(temp, "ganglion-test-*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(found) - 1 // without the foreign one
	}
	dead, alive := child(t, "temporary", temp), child(t, "temporary", temp)
	kill(t, dead)
	if left() != 2 {
		t.Fatalf("%d folders of two processes", left())
	}
	mine, err := outfile.NewTemporary("ganglion-test-")
	if err != nil {
		t.Fatal(err)
	}
	if left() != 2 {
		t.Errorf("%d folders, want that of the living process and this one's", left())
	}
	if err := mine.Remove(); err != nil || left() != 1 {
		t.Errorf("%v, %d folders", err, left())
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Error(err)
	}
	kill(t, alive)
}
