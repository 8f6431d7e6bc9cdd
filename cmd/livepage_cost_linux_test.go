package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"ganglion/pipeline/runner"
)

// TestTwentyViewersCostLittleAndChangeNothing runs a 640x480 recording as fast as it
// goes, by turns with twenty viewers at 30 frames a second and with none: the
// detections are the same bytes, and the events per second lose at most 15 %.
func TestTwentyViewersCostLittleAndChangeNothing(t *testing.T) {
	if os.Getenv("GANGLION_LONG") == "" {
		t.Skip("takes a minute; set GANGLION_LONG=1")
	}
	const viewers, pairs, most = 20, 3, .15
	dir := t.TempDir()
	t.Chdir("..")
	input := filepath.Join(dir, "crossing.raw")
	runQuietly(t, "simulate", "crossing", "-o", input, "--width", "640", "--height", "480", "--noise", "5", "--duration", "3s", "--seed", "7")
	run := func(viewers int) (rate float64, cpu time.Duration, frames int, found []byte) {
		summary, out := filepath.Join(dir, "summary.json"), filepath.Join(dir, "out.jsonl")
		address := freeAddress(t)
		args := []string{"run", "configs/motion.yaml", "--input", input, "--log-level", "error", "--summary", summary,
			"--set", `sinks=[{type: jsonl, on_exist: replace, path: "` + out + `"}, {type: dashboard, listen: "` + address + `"}]`}
		stop := startViewers(t, address, viewers)
		began := used(t)
		runQuietly(t, args...)
		cpu = used(t) - began
		frames = stop()
		var s runner.Summary
		text, err := os.ReadFile(summary)
		if err == nil {
			err = json.Unmarshal(text, &s)
		}
		if err == nil {
			found, err = os.ReadFile(out)
		}
		if err != nil {
			t.Fatal(err)
		}
		return s.EventsPerS, cpu, frames, found
	}
	_, _, _, want := run(0)
	var ratios []float64
	for range pairs {
		alone, idle, _, a := run(0)
		seen, busy, frames, b := run(viewers)
		if !bytes.Equal(a, want) || !bytes.Equal(b, want) {
			t.Fatal("detections differ with viewers")
		}
		ratios = append(ratios, seen/alone)
		t.Logf("alone %.2f M events/s, with %d viewers %.2f M, ratio %.3f, processor time %v and %v, %d frames",
			alone/1e6, viewers, seen/1e6, seen/alone, idle, busy, frames)
	}
	slices.Sort(ratios)
	if r := ratios[pairs/2]; r < 1-most {
		t.Errorf("%d viewers leave %.3f of the events per second, want at least %.2f", viewers, r, 1-most)
	}
}

// used is the processor time of this process so far.
func used(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// startViewers looks at a page from a process of its own, as browsers would, until
// stop, which returns how many frames came.
func startViewers(t *testing.T, address string, n int) (stop func() int) {
	t.Helper()
	if n == 0 {
		return func() int { return 0 }
	}
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestViewersOfAnotherProcess$", "-test.v")
	c.Env = append(os.Environ(), "GANGLION_TEST_VIEWERS="+fmt.Sprint(n), "GANGLION_TEST_PAGE="+address)
	var out bytes.Buffer
	c.Stdout = &out
	in, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() (frames int) {
		in.Close()
		if err := c.Wait(); err != nil {
			t.Errorf("%v: %s", err, &out)
		}
		for line := range strings.Lines(out.String()) {
			if _, err := fmt.Sscanf(line, "frames %d", &frames); err == nil {
				break
			}
		}
		return frames
	}
}

// TestViewersOfAnotherProcess is not a test but those viewers.
func TestViewersOfAnotherProcess(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("GANGLION_TEST_VIEWERS"))
	if err != nil {
		t.Skip("started by TestTwentyViewersCostLittleAndChangeNothing")
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // ends with the other process
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	var frames atomic.Int64
	var group sync.WaitGroup
	for range n {
		group.Go(func() { look(ctx, os.Getenv("GANGLION_TEST_PAGE"), &frames) })
	}
	group.Wait()
	fmt.Printf("\nframes %d\n", frames.Load())
}

// look is one viewer, until the context ends.
func look(ctx context.Context, address string, frames *atomic.Int64) {
	for ctx.Err() == nil {
		c, _, err := websocket.Dial(ctx, "ws://"+address+"/live", nil)
		if err != nil {
			time.Sleep(5 * time.Millisecond) // the page is not there yet
			continue
		}
		c.SetReadLimit(16 << 20)
		for {
			kind, message, err := c.Reader(ctx)
			if err == nil {
				_, err = io.Copy(io.Discard, message)
			}
			if err != nil {
				c.CloseNow()
				break
			}
			if kind == websocket.MessageBinary {
				frames.Add(1)
			}
		}
	}
}
