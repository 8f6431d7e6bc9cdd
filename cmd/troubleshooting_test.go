package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheErrorsOfTroubleshootingAreTheProgramsOwn provokes what the page quotes.
func TestTheErrorsOfTroubleshootingAreTheProgramsOwn(t *testing.T) {
	page, err := os.ReadFile("../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	top, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(workspace(t, top))
	for name, text := range map[string]string{"a.csv": "1,2,3,1\n2,3,4,0\n", "a.txt": "not a recording\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{1, "no such file or directory", []string{"run", "configs/motion.yaml", "--input", "nowhere.raw"}},
		{1, "unknown recording format", []string{"inspect", "a.txt"}},
		{1, "does not state the sensor's size: set width and height", []string{"run", "configs/motion.yaml", "--input", "a.csv"}},
		{1, "neither WAV nor FLAC nor MP3 by its first bytes", []string{"run", "configs/keywords.yaml", "--input", "testdata/crossing.raw"}},
		{2, `no format is written to names ending in ".zip": give --to`, []string{"convert", "testdata/crossing.raw", "x.zip"}},
		{2, "want a name that ends in .png, .gif or .mp4", []string{"view", "testdata/crossing.raw", "-o", "x.bmp"}},
		{2, `unknown key, did you mean "shards"?`, []string{"run", "configs/motion.yaml", "--set", "network.shard=2"}},
		{2, `unknown readout "movement", know motion, dbscan,`, []string{"run", "configs/motion.yaml", "--set", "readout.type=movement"}},
		{2, "network.path: required", []string{"run", "configs/motion.yaml", "--set", "network.model=nir"}},
		{1, "is not among the networks that come with the program: computer, digits, shapes, trunk", []string{"nir", "info", "builtin:computr"}},
		{1, "no HDF5 signature", []string{"nir", "info", "testdata/speech.wav"}},
		{1, "connection refused", []string{"run", "configs/motion.yaml", "--set", `sinks=[{type: nats, url: "nats://127.0.0.1:1"}]`}},
		{0, "read no events: its input ends before source.start", []string{"run", "configs/motion.yaml",
			"--set", "sinks=[]", "--set", "source.start=5s"}},
		{3, "(readout.track.most: 1): raise the limit, or filter noise and flashes", []string{"run", "configs/motion.yaml",
			"--set", "sinks=[]", "--set", "readout.track.most=1"}},
		{1, "no pipeline answers", []string{"top", "--address", "127.0.0.1:1"}},
	} {
		if !strings.Contains(string(page), "`"+c.says+"`") {
			t.Errorf("the page does not quote %q", c.says)
		}
		if c.args[0] == "run" {
			c.args = append(c.args, "--log-level", "error")
		}
		if r := mustRun(t, c.code, c.args...); !strings.Contains(r.stderr, c.says) {
			t.Errorf("ganglion %s says %q, not %q", strings.Join(c.args, " "), r.stderr, c.says)
		}
	}
}
