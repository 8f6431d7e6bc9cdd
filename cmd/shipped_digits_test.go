package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"ganglion/network/nir"
	"ganglion/network/score"
)

// dataDir is the folder of shared data, which may be absent.
func dataDir() string {
	if dir := os.Getenv("GANGLION_DATA"); dir != "" {
		return dir
	}
	return filepath.Join("..", "shared", "data")
}

// digitsCredit is what the shipped model says of its data.
const digitsCredit = "Free Spoken Digit Dataset, github.com/Jakobovski/free-spoken-digit-dataset, CC BY-SA 4.0"

// TestTheShippedDigitsModel holds configs/digits.nir to its own metadata: it
// is tested again, and with GANGLION_LONG made again, byte for byte.
func TestTheShippedDigitsModel(t *testing.T) {
	dir := filepath.Join(dataDir(), "audio", "digits")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("shared data is absent: ", err)
	}
	shipped := filepath.Join("..", "configs", "digits.nir")
	stdout, stderr, code := invoke(t, "eval", "digits", "--model", shipped, "--data", dir, "--recordings", "5-9", "--json")
	if code != 0 {
		t.Fatal(stderr)
	}
	var c score.Classes
	if err := json.Unmarshal([]byte(stdout), &c); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d right", c.Correct, c.N)
	if c.N != 300 || c.Accuracy < .98 {
		t.Errorf("accuracy %v on %d recordings", c.Accuracy, c.N)
	}
	if os.Getenv("GANGLION_LONG") == "" {
		return
	}
	m, err := nir.ReadFile(shipped, nir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	command := ""
	for _, e := range m.Graph.Metadata {
		if e.Key == "command" {
			command = e.Value.(nir.Text).Values[0]
		}
	}
	if command != "ganglion train digits --data DIR --out FILE.nir --seed 1 --credit '"+digitsCredit+"'" {
		t.Fatalf("the shipped model was made by %q", command)
	}
	out := filepath.Join(t.TempDir(), "digits.nir")
	if _, stderr, code := invoke(t, "train", "digits", "--data", dir, "--out", out, "--seed", "1", "--credit", digitsCredit); code != 0 {
		t.Fatal(stderr)
	}
	if !bytes.Equal(fileBytes(t, shipped), fileBytes(t, out)) {
		t.Error("the command makes another model than the one that ships")
	}
}
