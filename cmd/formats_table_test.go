package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/sources/format/formattest"
	"ganglion/sources/recording"
)

// every is all formats, with a sample of each that is only read.
var every = formattest.Kit{Formats: recording.Formats(), Samples: formattest.Samples()}

// TestEveryFormatThroughEveryCommand takes a recording of each format that is
// read through every command that takes one, and into each format that is
// written: done, done with loss, or an error in words; never anything else. What
// was written is recognised and read back.
func TestEveryFormatThroughEveryCommand(t *testing.T) {
	model, err := filepath.Abs("../configs/shapes.nir")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, from := range every.Formats {
		if _, ok := every.Samples[from.Name]; !ok && !from.Writable() {
			t.Errorf("%s: is only read, and has no sample", from.Name)
			continue
		}
		in := "in" + from.Extensions[0]
		if err := os.WriteFile(in, every.Sample(t, from, 300), 0o600); err != nil {
			t.Fatal(err)
		}
		size := []string{"--width", "240", "--height", "180"}
		if from.Name == "bs1" {
			size = []string{"--width", "65535", "--height", "1"}
		}
		mustRun(t, 0, "inspect", in)
		mustRun(t, 0, "inspect", in, "--json", "--digest")
		if from.Name != "bs1" {
			mustRun(t, 0, append([]string{"view", in, "-o", "p.png"}, size...)...)
			throughPipeline(t, from.Name, in)
		}
		// The network is of a smaller sensor: what lies outside is told.
		infer := runCommand(t.Context(), "infer", model, in, "--shards", "1", "--bin", "1ms")
		if infer.code != 0 && infer.code != exitDropped || !strings.Contains(infer.out, "output") {
			t.Errorf("infer %s: exit code %d: %.300s%s", in, infer.code, infer.out, infer.stderr)
		}
		frames := runCommand(t.Context(), append([]string{"convert", in, "frames.npy", "--to", "frames", "--window", "10ms"}, size...)...)
		if frames.code != 0 && frames.code != exitDropped || !strings.Contains(frames.out, "of 300 events") {
			t.Errorf("%s to frames: exit code %d: %s", from.Name, frames.code, frames.out+frames.stderr)
		}
		for _, to := range every.Formats {
			if !to.Writable() {
				continue
			}
			out := "out" + to.Extensions[0]
			r := runCommand(t.Context(), append([]string{"convert", in, out, "--to", to.Name}, size...)...)
			if r.code != 0 && r.code != exitDropped && r.code != exitFailed || strings.Contains(r.stderr, "panic") {
				t.Errorf("%s to %s: exit code %d: %s", from.Name, to.Name, r.code, r.stderr)
				continue
			}
			if r.code == exitFailed {
				if !strings.Contains(r.stderr, "can hold none of") {
					t.Errorf("%s to %s: %s", from.Name, to.Name, r.stderr)
				}
				continue
			}
			if back := runCommand(t.Context(), "inspect", out, "--json"); back.code != 0 || !strings.Contains(back.out, `"format":"`+to.Name+`"`) {
				t.Errorf("%s to %s, read back: exit code %d: %.300s%s", from.Name, to.Name, back.code, back.out, back.stderr)
			}
			if err := os.Remove(out); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// throughPipeline runs a pipeline on a recording: all of its events come in, and
// none are lost.
func throughPipeline(t *testing.T, name, in string) {
	t.Helper()
	const config = `name: every
source: {type: recording, path: %s, pace: max, width: 240, height: 180}
encoder: {type: events}
network: {model: pass}
readout: {type: dbscan}
sinks: [{type: jsonl, path: out.jsonl}]
`
	if err := os.WriteFile("every.yaml", fmt.Appendf(nil, config, in), 0o600); err != nil {
		t.Fatal(err)
	}
	mustRun(t, 0, "run", "every.yaml", "--summary", "summary.json")
	summary, err := os.ReadFile("summary.json")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(summary), `"events":300,`) {
		t.Errorf("run %s (%s): want 300 events: %.400s", in, name, summary)
	}
}
