package cmd

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// shared is a buffer that two goroutines use.
type shared struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) { s.mu.Lock(); defer s.mu.Unlock(); return s.b.Write(p) }
func (s *shared) String() string              { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

// TestTopAndTailLookAtARunningPipeline watches a recording that plays in real time.
func TestTopAndTailLookAtARunningPipeline(t *testing.T) {
	t.Chdir("..")
	address := freeAddress(t)
	startRun(t, "run", "configs/motion.yaml", "--log-level", "error", "--set", "sinks=[]", "--set", "source.pace=0.2x",
		"--set", "telemetry.listen="+address)
	var top, tail shared
	follow := func(out *shared, args ...string) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { // ends with the test
			root := ganglion.newRoot()
			root.SetOut(out)
			root.SetArgs(append(args, "--address", address))
			var err error
			for range 100 { // the pipeline may not listen yet
				if err = root.ExecuteContext(ctx); err == nil || ctx.Err() != nil {
					break
				}
				time.Sleep(20 * time.Millisecond)
			}
			done <- err
		}()
		t.Cleanup(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	follow(&tail, "tail")
	follow(&top, "top", "--interval", "50ms")
	for range 1000 {
		if strings.Contains(tail.String(), "moving") && strings.Contains(top.String(), "layer coincidence") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !strings.Contains(tail.String(), "motion  ") || !strings.Contains(tail.String(), "object 1 appears, at (") {
		t.Errorf("tail: %q", tail.String())
	}
	for _, want := range []string{"motion", "STAGE", "source", "/s", "latency", "synops"} {
		if !strings.Contains(top.String(), want) {
			t.Errorf("top lacks %q: %q", want, top.String())
		}
	}
}

func TestTopWithoutAPipelineSaysWhatIsMissing(t *testing.T) {
	root := ganglion.newRoot()
	root.SetArgs([]string{"top", "--address", freeAddress(t)})
	if err := root.Execute(); err == nil || !strings.Contains(fmt.Sprint(err), "telemetry: {listen:") {
		t.Errorf("got %v", err)
	}
}
