package cmd

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
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

// endless is a pipeline that would run for 60 minutes. On a machine that is too
// busy for real time it falls behind, and drops nothing before its end.
const endless = `
name: endless
source: {type: simulator, scene: disk, width: 64, height: 48, duration: 1h, pace: PACE}
encoder: {type: events}
network: {model: motion}
readout: {type: motion}
sinks: [{type: jsonl, path: "-"}]
queue: {policy: block}
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
	// The same pipe from its other end, to ask whether anything more fits.
	in, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", pipe.Fd()), unix.O_WRONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(in) //nolint:errcheck // nothing was written to it
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // ends with the process
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	full := 0
	for {
		select {
		case err := <-ended:
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != os.Interrupt {
				t.Errorf("want the signal to end it, got %v", err)
			}
			return
		case <-tick.C:
			if n, err := unix.Poll([]unix.PollFd{{Fd: int32(in), Events: unix.POLLOUT}}, 0); err != nil {
				t.Fatal(err)
			} else if n == 0 {
				full++
			}
			// A program whose standard output is full cannot drain: a second
			// interrupt finds it there, however slow the machine is.
			if full > 10 {
				cmd.Process.Signal(os.Interrupt) //nolint:errcheck // it may just have ended
			}
		}
	}
}

// startConfig starts the program on a configuration, without a terminal.
func startConfig(t *testing.T, config string) (*exec.Cmd, *strings.Builder) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte(strings.Replace(config, "PACE", "realtime", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("ganglion")
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd := exec.CommandContext(t.Context(), program, "run", file)
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, &stderr
}

// waitFor waits until something holds, at most ten seconds.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%s did not happen", what)
		}
	}
}

func TestAStopWhileOpeningIsOrderly(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0") // one that never greets
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	sink := fmt.Sprintf(`[{type: nats, url: "nats://%s", wait: 10m}]`, server.Addr())
	cmd, stderr := startConfig(t, strings.Replace(endless, `[{type: jsonl, path: "-"}]`, sink, 1))
	called, err := server.Accept() // it is waiting for the server
	if err != nil {
		t.Fatal(err)
	}
	defer called.Close()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("want exit code 0, got %v: %s", err, stderr)
	}
}

func TestAfterAHangupAMovedOutputIsBegunAgain(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.jsonl")
	cmd, stderr := startConfig(t, strings.Replace(endless, `path: "-"`, "path: "+out, 1))
	size := func() int64 {
		st, err := os.Stat(out)
		if err != nil {
			return 0
		}
		return st.Size()
	}
	waitFor(t, "a first detection", func() bool { return size() > 0 })
	if err := os.Rename(out, out+".1"); err != nil { // as logrotate does
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "a new file", func() bool { return size() > 0 })
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("want exit code 0, got %v: %s", err, stderr)
	}
}

// TestALogThatNobodyReadsKillsNothing: the reader of standard error has left, and
// the last words of a run that lost something do not change its exit code.
func TestALogThatNobodyReadsKillsNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.yaml")
	config := strings.NewReplacer("PACE", "max", "duration: 1h", "duration: 2s", `path: "-"`, "path: /dev/full").Replace(endless)
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("ganglion")
	if err != nil {
		t.Fatal(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read.Close()
	defer write.Close()
	cmd := exec.CommandContext(t.Context(), program, "run", file, "--log-level", "debug")
	cmd.Stderr = write
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != exitDropped {
		t.Errorf("want exit code %d, got %v", exitDropped, err)
	}
}

func TestAReaderThatGoesAwayKillsNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "summary.json")
	cmd, pipe := startEndless(t, "realtime", file)
	if _, err := bufio.NewReader(pipe).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	pipe.Close()
	time.Sleep(500 * time.Millisecond) // detections meet a pipe without a reader
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("the process is gone: %v", err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitDropped {
		t.Errorf("want exit code %d, got %v", exitDropped, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s runner.Summary
	if err := json.Unmarshal(text, &s); err != nil || s.Sinks[0].Dropped == 0 || s.Verify() != nil {
		t.Errorf("the loss is not in the account: %v, %s", err, text)
	}
}

// TestPipesThatNobodyReadsChangeNoExitCode: the exit code says how a command ended,
// whoever has stopped to read its output or its last words.
func TestPipesThatNobodyReadsChangeNoExitCode(t *testing.T) {
	program, err := exec.LookPath("ganglion")
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("name: x\nsource: {type: nonsense}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	read, unread, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read.Close()
	defer unread.Close()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	for _, c := range []struct {
		args   []string
		stderr bool // it is standard error that nobody reads
		code   int
		says   string // where the disk is full
	}{
		{[]string{"run", bad}, true, exitUsage, ""},
		{[]string{"validate", bad}, true, exitUsage, ""},
		{[]string{"work", bad}, true, exitUsage, ""},
		{[]string{"feed", bad}, true, exitUsage, ""},
		{[]string{"status", bad}, true, exitUsage, ""},
		{[]string{"test", bad}, true, exitUsage, ""},
		{[]string{"create", "x"}, true, exitUsage, ""},
		{[]string{"nosuch"}, true, exitUsage, ""},
		{[]string{"inspect", "/nonexistent"}, true, exitFailed, ""},
		{[]string{"version"}, true, 0, ""},
		{[]string{"version"}, false, exitFailed, "write /dev/stdout: no space left on device\n"},
		{[]string{"list"}, false, exitFailed, "write /dev/stdout: no space left on device\n"},
		{[]string{"help"}, false, exitFailed, "write /dev/stdout: no space left on device\n"},
		{[]string{"validate", "../configs/motion.yaml"}, false, exitFailed, "write /dev/stdout: no space left on device\n"},
		{[]string{"inspect", "../testdata/crossing.raw"}, false, exitFailed, "write /dev/stdout: no space left on device\n"},
	} {
		for _, broken := range []*os.File{unread, full} {
			var other strings.Builder
			cmd := exec.CommandContext(t.Context(), program, c.args...)
			if cmd.Stdout, cmd.Stderr = broken, &other; c.stderr {
				cmd.Stdout, cmd.Stderr = &other, broken
			}
			err := cmd.Run()
			code := 0
			if exit, ok := errors.AsType[*exec.ExitError](err); ok {
				code = exit.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			says := ""
			if broken == full {
				says = c.says
			}
			if code != c.code || !c.stderr && other.String() != says {
				t.Errorf("%v with a broken %s: %v, want exit code %d; it says %q, want %q", c.args, broken.Name(), err, c.code, other.String(), says)
			}
		}
	}
}
