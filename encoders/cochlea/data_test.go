package cochlea

import (
	"path/filepath"
	"testing"

	"ganglion/internal/shareddata"
	"ganglion/sources/audio"
)

// TestSpokenDigitsGiveSpikesAtEveryLoudness: the voices lie 20 dB apart, and
// each must be heard.
func TestSpokenDigitsGiveSpikesAtEveryLoudness(t *testing.T) {
	t.Parallel()
	dir := shareddata.Path(t, "audio", "digits")
	gammatone := NewDefaultConfig()
	gammatone.Front = "gammatone"
	for _, speaker := range []string{"george", "jackson", "lucas", "nicolas", "theo", "yweweler"} {
		x, rate, _, err := audio.Load(t.Context(), filepath.Join(dir, "7_"+speaker+"_20.wav"), 0)
		if err != nil {
			t.Fatal(err)
		}
		seconds := float64(len(x)) / float64(rate)
		mel := encode(t, build(t, NewDefaultConfig(), rate, 1), rate, x)
		cells := encode(t, build(t, gammatone, rate, 1), rate, x)
		t.Logf("%s: %.0f spikes/s of mel bands, %.0f spikes/s of bushy cells", speaker, float64(mel.Len())/seconds, float64(cells.Len())/seconds)
		if r := float64(mel.Len()) / seconds; r < 500 || r > 10_000 {
			t.Errorf("%s: %.0f spikes/s of mel bands", speaker, r)
		}
		if r := float64(cells.Len()) / seconds; r < 200 || r > 60_000 {
			t.Errorf("%s: %.0f spikes/s of bushy cells", speaker, r)
		}
	}
}
