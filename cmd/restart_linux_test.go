package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// restarting reads a recording that is not there yet, and begins again as POLICY says.
const restarting = `
name: again
source: {type: recording, path: DIR/late.raw, pace: max}
encoder: {type: events}
network: {model: motion}
readout: {type: motion}
sinks: [{type: jsonl, path: DIR/out.jsonl}]
restart: {policy: POLICY, pause: 20ms, longest: 100ms}
`

// TestAFailedPipelineBeginsAgain: one that cannot open its recording tries again
// until that is there, and ends well; under never it ends with its failure, and
// under always with a signal alone.
func TestAFailedPipelineBeginsAgain(t *testing.T) {
	program, err := exec.LookPath("ganglion")
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join("..", "testdata", "crossing.raw"))
	if err != nil {
		t.Fatal(err)
	}
	for _, policy := range []string{"never", "on-failure", "always"} {
		t.Run(policy, func(t *testing.T) {
			dir := t.TempDir()
			text := strings.NewReplacer("DIR", dir, "POLICY", policy).Replace(restarting)
			config := filepath.Join(dir, "c.yaml")
			if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			var l shared // its log
			count := func(s string) int { return strings.Count(l.String(), s) }
			c := exec.CommandContext(t.Context(), program, "run", config)
			c.Stderr = &l
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			if policy != "never" {
				waitFor(t, "a third try", func() bool { return count("the pipeline has failed") >= 3 })
				if err := os.WriteFile(filepath.Join(dir, "part"), whole, 0o644); err != nil {
					t.Fatal(err)
				}
				if err := os.Rename(filepath.Join(dir, "part"), filepath.Join(dir, "late.raw")); err != nil {
					t.Fatal(err)
				}
			}
			if policy == "always" { // it reads the recording again and again
				waitFor(t, "a run after one that ended well", func() bool {
					return count("the pipeline begins again") > count("the pipeline has failed")+1
				})
				if err := c.Process.Signal(syscall.SIGTERM); err != nil {
					t.Fatal(err)
				}
			}
			err := c.Wait()
			if code := c.ProcessState.ExitCode(); code != map[string]int{"never": exitFailed}[policy] {
				t.Errorf("exit code %d, %v: %s", code, err, l.String())
			}
			if failures := count("the pipeline has failed"); policy == "never" && failures != 1 {
				t.Errorf("%d failures are told: %s", failures, l.String())
			}
		})
	}
}
