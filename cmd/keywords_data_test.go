package cmd

import (
	"encoding/json"
	"strings"
	"testing"

	"ganglion/internal/shareddata"
	"ganglion/network/score"
	"ganglion/network/sound/hearing"
)

// wakeData is a path in the shared recordings.
func wakeData(t *testing.T, name string) string {
	t.Helper()
	return shareddata.Path(t, "audio", name)
}

// TestShippedKeywordOnRealVoices holds configs/computer.nir to its gates on the
// recordings that it was not trained on: at most 8 % of the words missed at 3
// false accepts per hour, at most 25 % with a kitchen's noise 10 dB below, and
// detected within 250 ms of their end. docs/keywords.md has the figures, and
// those of all five folds, which say more.
func TestShippedKeywordOnRealVoices(t *testing.T) {
	text := output(t, "eval", "keywords", "--model", "../configs/computer.nir", "--word", "computer", "--part", "test", "--json",
		"--positives", wakeData(t, "computer"), "--negatives", wakeData(t, "speech-without-keywords"), "--negatives", wakeData(t, "alexa"),
		"--noise", wakeData(t, "noise/kitchen.wav"), "--snr-db", "10")
	tables := make([]hearing.Table, 2)
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if err := json.Unmarshal([]byte(line), &tables[i]); err != nil {
			t.Fatal(err)
		}
	}
	for i, most := range []score.Figure{.08, .25} {
		r, ok := score.AtMost(tables[i].Thresholds, 3)
		if !ok || r.Said < 50 || r.FRR > most {
			t.Errorf("%s: missed %d of %d at %.1f false accepts per hour", tables[i].Condition(), r.Missed, r.Said, r.FAPerHour)
		}
	}
	for i, most := range []score.Figure{.1, .25} {
		c := tables[i].Chosen
		t.Logf("%s: missed %d of %d, %d false in %.2f h, latency %v ms", tables[i].Condition(), c.Missed, c.Said, c.False, c.Hours, c.Latency)
		if c.FRR > most || c.Latency.P90 > 250 || c.Duplicates > 0 {
			t.Errorf("%s, at the threshold in use: missed %.1f %%, detected %v ms after the end, %d twice", tables[i].Condition(), 100*c.FRR,
				c.Latency.P90, c.Duplicates)
		}
	}
}
