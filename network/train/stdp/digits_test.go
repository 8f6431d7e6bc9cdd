package stdp

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"ganglion/internal/shareddata"
	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

// digits reads 1,000 N-MNIST digits.
func digits(t *testing.T) []Recording {
	t.Helper()
	if os.Getenv("GANGLION_LONG") == "" {
		t.Skip("half a minute: set GANGLION_LONG=1")
	}
	data := shareddata.Path(t)
	var all []Recording
	for label := range 10 {
		files, err := filepath.Glob(filepath.Join(data, "events", "nmnist", "train", strconv.Itoa(label), "*.bin"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			all = append(all, Recording{Name: file, Label: label, Events: readEvents(t, file)})
		}
	}
	if len(all) == 0 {
		t.Skip("the N-MNIST digits are not here")
	}
	return all
}

func readEvents(t *testing.T, file string) (events []pipeline.Event) {
	t.Helper()
	r, err := recording.Open(file, recording.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for block := format.NewBlock(1 << 14); ; {
		if err := r.Read(block); err == io.EOF {
			return events
		} else if err != nil {
			t.Fatal(err)
		}
		events = append(events, block.Events...)
	}
}

func TestFeaturesOfDigitsBeatThoseOfChance(t *testing.T) {
	t.Parallel()
	recordings := digits(t)
	for seed := range uint64(2) {
		c := NewDefaultConfig()
		c.Seed = 1 + seed
		learned := train(t, c, recordings)
		c.Rule.APlus, c.Rule.AMinus = 0, 0 // the control: thresholds balance, weights stay
		chance := train(t, c, recordings)
		t.Logf("seed %d: %.3f of %d digits, %.3f with weights by chance", c.Seed, learned.TestRate, learned.Test, chance.TestRate)
		if learned.TestRate < .88 {
			t.Errorf("seed %d: %.3f right", c.Seed, learned.TestRate)
		}
		if chance.TestRate > learned.TestRate-.02 {
			t.Errorf("seed %d: weights by chance reach %.3f, so that learning shows nothing", c.Seed, chance.TestRate)
		}
	}
}
