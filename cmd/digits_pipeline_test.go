package cmd

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/cmd/labels"
	"ganglion/encoders/cochlea"
	"ganglion/network/train/digits"
)

// TestShippedDigitsAreHeardInAStream runs configs/digits.yaml on synthesised
// speech, which the network never learned from: most digits are right.
func TestShippedDigitsAreHeardInAStream(t *testing.T) {
	t.Chdir("..")
	heard := t.TempDir() + "/heard.jsonl"
	runQuietly(t, "run", "configs/digits.yaml", "--log-level", "error", "--set", "sinks=[{type: jsonl, path: "+heard+"}]")
	ds, err := labels.ReadDetections(heard)
	if err != nil {
		t.Fatal(err)
	}
	// Where each digit ends, s, by ear.
	ends := []float64{0.9, 2.6, 4.4, 6.2, 8.1, 9.95, 11.85, 13.9, 15.7, 17.5}
	right, wrong := 0, 0
	for digit, end := range ends {
		for _, d := range ds {
			if at := float64(d.T)/1e6 - end; at < -.3 || at > .9 {
				continue
			}
			if d.Label == string(rune('0'+digit)) {
				right++
			} else {
				wrong++
			}
		}
	}
	if right < 7 || wrong > 3 || len(ds) != right+wrong {
		t.Errorf("%d right, %d wrong of %d detections: %v", right, wrong, len(ds), lines(ds))
	}
}

// TestTheDigitsPipelineHearsWithTheModelsEar holds configs/digits.yaml to what
// configs/digits.nir says of itself.
func TestTheDigitsPipelineHearsWithTheModelsEar(t *testing.T) {
	t.Chdir("..")
	h, err := digits.ReadModel("configs/digits.nir")
	if err != nil {
		t.Fatal(err)
	}
	pipelines, err := ganglion.loadPipelines([]string{"configs/digits.yaml"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&h.Encoder, pipelines[0].Encoder.Config.(*cochlea.Config)); d != "" || h.Rate != digits.Rate {
		t.Errorf("%d Hz, encoder: %s", h.Rate, d)
	}
}
