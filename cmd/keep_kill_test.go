//go:build unix

package cmd

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/random"
)

// listeningVictim finds where something sounds, and keeps it; the clips are
// long enough to overlap.
const listeningVictim = `
name: victim
source:  {type: audio, path: INPUT}
encoder: {type: cochlea}
network: {model: pass}
readout: {type: segment, on: 100, off: 40, hangover: 20ms, shortest: 50ms}
keep:    {dir: DIR/kept, before: 300ms, after: 400ms, longest: 2s}
sinks:
  - {type: jsonl, path: DIR/d.jsonl}
  - {type: jsonl, path: "-", queue: {detections: 1}}
`

// TestKilledRunsKeepWhatOneRunKeeps kills the real program at random points
// until it gets through, and compares every byte that it kept.
func TestKilledRunsKeepWhatOneRunKeeps(t *testing.T) {
	input := filepath.Join(t.TempDir(), "babble.wav")
	writeWAV(t, input, babble(random.New(11), 16))
	every := []string{"--checkpoint-every", "1s", "--resume"}
	once := newTrial(t, listeningVictim, input)
	if !once.run(t, forever, every...) {
		t.Fatal("killed without a kill")
	}
	want := folder(t, filepath.Join(once.dir, "kept"))
	total := int(once.summary(t).Detections.Total)
	if total < 8 || len(want) != 2*total {
		t.Fatalf("%d files of %d detections", len(want), total)
	}
	killUntilKept(t, listeningVictim, input, total, want, every...)
}

// watchingVictim keeps the events around what a camera sees.
const watchingVictim = `
name: victim
source:  {type: recording, path: INPUT, window: 2ms}
encoder: {type: events}
network: {model: motion, shards: 1}
readout: {type: motion}
keep:    {dir: DIR/kept, before: 30ms, after: 40ms, longest: 200ms, kinds: [motion_start, motion_end]}
sinks:
  - {type: jsonl, path: DIR/d.jsonl}
  - {type: jsonl, path: "-", queue: {detections: 1}}
`

// TestKilledRunsKeepTheEventsThatOneRunKeeps is the same for a camera.
func TestKilledRunsKeepTheEventsThatOneRunKeeps(t *testing.T) {
	input, err := filepath.Abs("../testdata/crossing.raw")
	if err != nil {
		t.Fatal(err)
	}
	once := newTrial(t, watchingVictim, input)
	if !once.run(t, forever, "--resume") {
		t.Fatal("killed without a kill")
	}
	want := folder(t, filepath.Join(once.dir, "kept"))
	if len(want) != 2*8 {
		t.Fatalf("%d files", len(want))
	}
	killUntilKept(t, watchingVictim, input, int(once.summary(t).Detections.Total), want, "--resume")
}

// killUntilKept kills a victim some times and compares what it keeps in the end.
func killUntilKept(t *testing.T, victim, input string, total int, want map[string]string, every ...string) {
	t.Helper()
	kills := 3
	if os.Getenv("GANGLION_LONG") != "" {
		kills = 40
	}
	r := rand.New(rand.NewPCG(uint64(kills), 2))
	killed, resumed := 0, 0
	for killed < kills {
		tr := newTrial(t, victim, input)
		for !tr.run(t, r.IntN(total), every...) {
			killed++
		}
		if tr.summary(t).Checkpoints.Resumed {
			resumed++
		}
		if d := cmp.Diff(want, finished(folder(t, filepath.Join(tr.dir, "kept")))); d != "" {
			t.Error("other files or bytes than without a kill")
		}
	}
	if t.Logf("%d kills, %d trials ended in a resumed run", killed, resumed); resumed == 0 {
		t.Error("no run was resumed: the test shows nothing")
	}
}

// finished leaves out files that a kill left half-written.
func finished(files map[string]string) map[string]string {
	for name := range files {
		if filepath.Ext(name) == ".tmp" {
			delete(files, name)
		}
	}
	return files
}
