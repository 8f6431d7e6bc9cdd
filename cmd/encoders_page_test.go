package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestPicturesOfTheEncodersAreCurrent holds the pictures of docs/encoders.md
// to the commands that make them; -update runs them.
func TestPicturesOfTheEncodersAreCurrent(t *testing.T) {
	const folder = "../docs/images"
	target := t.TempDir()
	if *update {
		target = folder
	}
	spikes := func(code string, more ...string) []string {
		return append([]string{"--show", "spikes", "--code", code}, more...)
	}
	for name, args := range map[string][]string{
		"cochleagram":      {"--show", "cochleagram"},
		"code-gammatone":   {"--front", "gammatone", "--set", "encoder.gammatone.high=7000"},
		"code-level":       spikes("level"),
		"code-gaussian":    spikes("gaussian", "--set", "encoder.code.size=8"),
		"code-rate":        spikes("rate", "--set", "encoder.code.rate=500"),
		"code-poisson":     spikes("poisson", "--set", "encoder.code.rate=500"),
		"code-latency":     spikes("latency"),
		"code-log_latency": spikes("log_latency"),
		"code-ttfs":        spikes("ttfs"),
		"code-phase":       spikes("phase"),
		"code-burst":       spikes("burst"),
		"code-delta":       spikes("delta"),
	} {
		name += ".png"
		runQuietly(t, append([]string{"view", "../testdata/speech.wav", "-o", filepath.Join(target, name)}, args...)...)
		got, err := os.ReadFile(filepath.Join(target, name))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("docs/images/%s is not what view makes; go test ./cmd -update makes it", name)
		}
	}
}
