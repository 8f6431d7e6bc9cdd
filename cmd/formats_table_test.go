package cmd

import (
	"os"
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
	t.Chdir(t.TempDir())
	for _, from := range every.Formats {
		if _, ok := every.Samples[from.Name]; !ok && !from.Writable() {
			t.Logf("%s: only its own folder makes recordings of it", from.Name)
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
