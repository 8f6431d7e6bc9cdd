//go:build unix

package cmd

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ganglion/pipeline/runner"
	"ganglion/sinks/arrow"
)

// victim is a pipeline of real components that tells its progress on standard
// output. Its queues are short, so that it keeps pace with whoever reads.
const victim = `
name: victim
source:  {type: recording, path: INPUT}
encoder: {type: events, filters: [{type: stcf}]}
network: {model: motion, shards: 2, step: 1ms}
readout: {type: motion}
sinks:
  - {type: jsonl, path: DIR/d.jsonl}
  - {type: arrow, path: DIR/d.arrow, batch_rows: 64}
  - {type: jsonl, path: "-", queue: {detections: 1}}
`

// trial is a victim with a folder for its outputs and snapshots.
type trial struct{ dir, config string }

func newTrial(t *testing.T, victim, input string) *trial {
	t.Helper()
	dir := t.TempDir()
	tr := &trial{dir, filepath.Join(dir, "c.yaml")}
	text := strings.NewReplacer("DIR", dir, "INPUT", input).Replace(victim)
	if err := os.WriteFile(tr.config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return tr
}

// run lets the victim print n lines and kills it. It reports whether the victim
// came to its end before that.
func (tr *trial) run(t *testing.T, n int, args ...string) (done bool) {
	t.Helper()
	program, err := exec.LookPath("ganglion") // testscript puts this binary there
	if err != nil {
		t.Fatal(err)
	}
	args = append([]string{"run", tr.config, "--summary", filepath.Join(tr.dir, "s.json"), "--log-level", "error",
		"--checkpoint", filepath.Join(tr.dir, "state"), "--checkpoint-every", "50ms"}, args...)
	cmd := exec.CommandContext(t.Context(), program, args...)
	var failure bytes.Buffer
	cmd.Stderr = &failure
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for ; n > 0 && err == nil; n-- {
		_, err = lines.ReadSlice('\n')
	}
	if err == nil {
		_ = cmd.Process.Kill() // it may just have ended
	}
	_, _ = io.Copy(io.Discard, lines)
	err = cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return false
	}
	if err != nil {
		t.Fatalf("%v: %s", err, failure.Bytes())
	}
	return true
}

// summary is what the last victim that came to its end tells.
func (tr *trial) summary(t *testing.T) (s runner.Summary) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(tr.dir, "s.json"))
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (tr *trial) file(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(tr.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const forever = 1 << 30 // lines

func TestARunThatIsKilledAndResumedIsNeverHavingStopped(t *testing.T) {
	kills := 3
	if os.Getenv("GANGLION_LONG") != "" {
		kills = 40
	}
	input := simulated(t, "crossing", "3s")
	once := newTrial(t, victim, input)
	if !once.run(t, forever) {
		t.Fatal("killed without a kill")
	}
	total := int(once.summary(t).Detections.Total)
	r := rand.New(rand.NewPCG(uint64(kills), 1))
	resumed, killed := 0, 0
	for killed < kills {
		tr := newTrial(t, victim, input)
		for {
			// Other shards each time; and again and again until one gets through.
			args := []string{"--resume", "--set", fmt.Sprintf("network.shards=%d", 1+killed%3)}
			if tr.run(t, r.IntN(total), args...) {
				break
			}
			killed++
		}
		if tr.summary(t).Checkpoints.Resumed {
			resumed++
		}
		if err := tr.compare(t, once); err != nil {
			t.Error(err)
		}
	}
	if t.Logf("%d kills, %d trials ended in a resumed run", killed, resumed); resumed == 0 {
		t.Error("no run was resumed: the test shows nothing")
	}
}

// compare demands the same bytes of both files.
func (tr *trial) compare(t *testing.T, once *trial) error {
	t.Helper()
	for _, name := range []string{"d.jsonl", "d.arrow"} {
		if a, b := once.file(t, name), tr.file(t, name); !bytes.Equal(a, b) {
			return fmt.Errorf("%s: %d bytes, without a kill %d", name, len(b), len(a))
		}
	}
	rows, err := arrow.ReadDetections(filepath.Join(tr.dir, "d.arrow"))
	for i := range rows {
		if rows[i].Seq != uint64(i) {
			return fmt.Errorf("row %d has seq %d", i, rows[i].Seq)
		}
	}
	return err
}

// A snapshot must not be older than the lines before it: here they are lost.
func TestTheKillTestSeesDetectionsThatASnapshotOutlived(t *testing.T) {
	input := simulated(t, "crossing", "3s")
	once, tr := newTrial(t, victim, input), newTrial(t, victim, input)
	once.run(t, forever)
	if tr.run(t, 200) {
		t.Fatal("the victim ended before it was killed")
	}
	if err := os.Truncate(filepath.Join(tr.dir, "d.jsonl"), 0); err != nil {
		t.Fatal(err)
	}
	tr.run(t, forever, "--resume")
	if !tr.summary(t).Checkpoints.Resumed || tr.compare(t, once) == nil {
		t.Error("the lines are lost and the comparison found them")
	}
}
