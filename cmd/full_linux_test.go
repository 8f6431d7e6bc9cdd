package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A file that does not fit leaves none under its name, and what was there as it was.
// What does not fit is what is over the limit of a process, which writes as to a
// full disk.
func TestAFullDiskLeavesNoPartOfAFile(t *testing.T) {
	program, err := exec.LookPath("ganglion") // testscript puts this binary there
	if err != nil {
		t.Fatal(err)
	}
	source, err := filepath.Abs("../testdata/crossing.raw")
	if err != nil {
		t.Fatal(err)
	}
	commands := map[string]string{
		"simulate.raw": "simulate crossing -o simulate.raw --truth truth.jsonl",
		"side.raw":     "convert IN side.raw --side side.csv",
		"voxel.npy":    "convert IN voxel.npy --to voxel --window 10ms",
		"frames.arrow": "convert IN frames.arrow --to frames --window 10ms",
		"film.gif":     "view IN -o film.gif",
		"clicks.wav":   "simulate clicks -o clicks.wav",
	}
	for _, f := range strings.Fields("evt2 evt3 dat es aedat4 hdf5 hdf5-ecf hdf5-prophesee mcap csv npy npz arrow") {
		commands[f] = "convert IN " + f + " --to " + f
	}
	for name, command := range commands {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			old := name != "simulate.raw" // one of them was not there
			if old {
				if err := os.WriteFile(filepath.Join(dir, name), []byte("old"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			c := exec.CommandContext(t.Context(), "sh", "-c", "ulimit -f 16; exec "+program+" "+strings.Replace(command, "IN", source, 1))
			c.Dir = dir
			text, err := c.CombinedOutput()
			if err == nil || c.ProcessState.ExitCode() != exitFailed || !strings.Contains(string(text), "; nothing of it is kept") ||
				strings.Contains(string(text), "panic") {
				t.Errorf("%v: %s", err, text)
			}
			files, err := os.ReadDir(dir)
			if err != nil || old && len(files) != 1 || !old && len(files) > 0 {
				t.Errorf("left behind: %v, %v", files, err)
			}
			if b, err := os.ReadFile(filepath.Join(dir, name)); old && (err != nil || string(b) != "old") {
				t.Errorf("what was there is %d bytes: %v", len(b), err)
			}
		})
	}
}
