package hearing

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ganglion/internal/random"
	"ganglion/internal/shareddata"
	"ganglion/network/nir"
	"ganglion/network/score"
	"ganglion/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shipped is the listener that the project ships.
func shipped(t *testing.T) *Listener {
	t.Helper()
	l, err := ReadListener(shareddata.Project(t, "configs", "computer.nir"))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// hiss is noise, in the middle louder, as long as asked.
func hiss(samples int, seed uint64) []float32 {
	key := random.New(seed)
	pcm := make([]float32, samples)
	for i := range pcm {
		level := .001
		if i > samples/3 && i < samples/2 {
			level = .1
		}
		pcm[i] = float32(level * key.Normal(uint64(i)))
	}
	return pcm
}

func TestAnEarIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	want := shipped(t).Ear
	got, err := ReadEar(want.Metadata())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want.Encoder, got.Encoder); d != "" || got.Rate != want.Rate || got.Step != want.Step ||
		got.Profile.Name != want.Profile.Name || got.Profile.DT != want.Step.Seconds() {
		t.Errorf("rate %d, step %v, profile %v; encoder %s", got.Rate, got.Step, got.Profile, d)
	}
	for name, c := range map[string]struct {
		change func(nir.Metadata) nir.Metadata
		want   string
	}{
		"without a rate":  {without("rate_hz"), "rate_hz, step_s or profile is missing"},
		"without a step":  {without("step_s"), "rate_hz, step_s or profile is missing"},
		"without profile": {without("profile"), "rate_hz, step_s or profile is missing"},
		"another profile": {func(m nir.Metadata) nir.Metadata {
			return append(without("profile")(m), nir.Meta{Key: "profile", Value: nir.String("abacus")})
		}, "abacus"},
		"a setting that there is not": {func(m nir.Metadata) nir.Metadata {
			return append(without("encoder")(m), nir.Meta{Key: "encoder", Value: nir.Metadata{{Key: "ears", Value: nir.String("2")}}})
		}, "ears"},
		"a setting that is a number": {func(m nir.Metadata) nir.Metadata {
			return append(without("encoder")(m), nir.Meta{Key: "encoder", Value: nir.Metadata{{Key: "front", Value: nir.Number(2)}}})
		}, "front is not a text"},
	} {
		if _, err := ReadEar(c.change(want.Metadata())); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// without takes a key out.
func without(key string) func(nir.Metadata) nir.Metadata {
	return func(m nir.Metadata) nir.Metadata {
		return slices.DeleteFunc(m, func(e nir.Meta) bool { return e.Key == key })
	}
}

func TestTheWordIsNamedWhereThereIsAChoice(t *testing.T) {
	t.Parallel()
	l := &Listener{}
	l.Words.Labels = []string{"_silence", "yes", "no"}
	for _, c := range []struct{ name, want, err string }{
		{"yes", "yes", ""}, {"no", "no", ""}, {"", "", "--word is required: the model hears yes, no"},
		{"maybe", "", "--word maybe: the model hears yes, no"}, {"_silence", "", "--word _silence"},
	} {
		got, err := l.Word(c.name)
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q: %q, %v", c.name, got, err)
		}
	}
	l.Words.Labels = l.Words.Labels[:2]
	if got, err := l.Word(""); got != "yes" || err != nil {
		t.Errorf("the only word: %q, %v", got, err)
	}
}

// TestReadoutsSideBySideHearWhatEachHearsAlone listens with three thresholds at
// one time, and with each alone.
func TestReadoutsSideBySideHearWhatEachHearsAlone(t *testing.T) {
	t.Parallel()
	l := shipped(t)
	word, err := l.Word("")
	if err != nil {
		t.Fatal(err)
	}
	pcm := hiss(l.Rate, 1)
	configs := l.Configs(word, []float64{1e-9, .5, .999})
	together, err := l.Listen(t.Context(), pcm, configs)
	if err != nil {
		t.Fatal(err)
	}
	if len(together) != 3 || len(together[0]) == 0 || len(together[2]) > 0 {
		t.Fatalf("at the thresholds %v detections: the test proves nothing", together)
	}
	for i := range configs {
		alone, err := l.Listen(t.Context(), pcm, configs[i:i+1])
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(together[i], alone[0]); d != "" {
			t.Errorf("threshold %d: %s", i, d)
		}
	}
	if d := together[0][0]; d.Kind != pipeline.Keyword || d.Label != word || d.TStart >= d.TEnd || d.T < d.TEnd-1_000_000 {
		t.Errorf("detected %+v", d)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Listen(ended, pcm, configs); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

// shown is what is compared of results, in which unknown figures are equal.
func shown(t *testing.T, r []score.WordResult) string {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestATrialCountsWhatIsHeardAndWhatIsNot(t *testing.T) {
	t.Parallel()
	l := shipped(t)
	word, err := l.Word("")
	if err != nil {
		t.Fatal(err)
	}
	trial := Trial{
		Word:      word,
		Positives: []Recording{{Path: "a", PCM: hiss(l.Rate, 1)}},
		Negatives: []Recording{{Path: "b", PCM: make([]float32, l.Rate)}, {Path: "c", PCM: hiss(l.Rate, 2)}},
	}
	thresholds := []float64{1e-9, .9999}
	counts, err := trial.Run(t.Context(), l, thresholds)
	if err != nil {
		t.Fatal(err)
	}
	results := Results(counts, thresholds)
	for i, r := range results {
		if r.Threshold != thresholds[i] || r.Said != 1 || math.Abs(r.Hours-2./3600) > 1e-9 {
			t.Errorf("threshold %v: %d said, %v h without", r.Threshold, r.Said, r.Hours)
		}
	}
	if results[0].False == 0 || results[1].False != 0 || results[1].Missed != 1 {
		t.Errorf("%d false at the lowest threshold; %d false and %d missed at the highest", results[0].False, results[1].False, results[1].Missed)
	}
	again, err := trial.Run(t.Context(), l, thresholds)
	if err != nil || shown(t, results) != shown(t, Results(again, thresholds)) {
		t.Errorf("a second time it gives other counts, %v", err)
	}
	trial.Noise, trial.SNR = hiss(l.Rate, 3), -10
	noisy, err := trial.Run(t.Context(), l, thresholds)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := trial.Run(t.Context(), l, thresholds)
	if err != nil || shown(t, Results(noisy, thresholds)) != shown(t, Results(twice, thresholds)) {
		t.Errorf("in noise it gives other counts the second time, %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := trial.Run(ended, l, thresholds); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

func TestARecordingHasItsWordWhereItWasDetected(t *testing.T) {
	t.Parallel()
	const rate = 1000
	whole := Recording{PCM: make([]float32, 3000)}
	if from, to := whole.Around(rate); from != 0 || to != 3000 {
		t.Errorf("without a detection it is looked for from %d to %d", from, to)
	}
	for _, c := range []struct {
		said     [2]int
		from, to int
	}{{[2]int{1000, 1500}, 850, 1700}, {[2]int{100, 500}, 0, 700}, {[2]int{2500, 2900}, 2350, 3000}, {[2]int{5000, 6000}, 3000, 3000}} {
		whole.Said = c.said
		if from, to := whole.Around(rate); from != c.from || to != c.to {
			t.Errorf("said from %d to %d: looked for from %d to %d, want %d to %d", c.said[0], c.said[1], from, to, c.from, c.to)
		}
	}
	loud := Recording{PCM: make([]float32, 3*rate), Said: [2]int{1000, 1500}}
	for i := 1100; i < 1400; i++ {
		loud.PCM[i] = .5
	}
	for i := range 200 { // louder, and not what was detected
		loud.PCM[i] = 1
	}
	if start, end := loud.Word(rate); start < 1080 || start > 1110 || end < 1390 || end > 1420 {
		t.Errorf("the word is from %d to %d, want 1100 to 1400", start, end)
	}
	if got := Micros(8000, 16_000); got != time.Second.Microseconds()/2 {
		t.Errorf("8000 frames at 16 kHz last %d µs", got)
	}
}

func TestATableShowsTheChosenThreshold(t *testing.T) {
	t.Parallel()
	table := Table{Model: "m", Word: "yes"}
	for i := range 9 {
		table.Thresholds = append(table.Thresholds, score.WordResult{Threshold: float64(i) / 10, False: 10 - i})
	}
	for want, th := range map[int]float64{0: -1, 3: .3, 4: .35, 8: .95} {
		if r, i := table.At(th); i != want || r.Threshold != float64(want)/10 {
			t.Errorf("at %v: line %d with %v, want line %d", th, i, r.Threshold, want)
		}
	}
	table.Chosen = table.Thresholds[3]
	var out strings.Builder
	if err := table.Write(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2+3+1 || !strings.HasPrefix(lines[0], `"yes", clean: 0 said`) { // every fourth, and the chosen one
		t.Errorf("%d lines: %s", len(lines), out.String())
	}
	if marked := strings.Count(out.String(), "<- in use"); marked != 1 || !strings.Contains(lines[3], "<- in use") {
		t.Errorf("%d lines are in use: %s", marked, out.String())
	}
	snr := 5.
	table.SNR = &snr
	if got := table.Condition(); got != "noise 5 dB below" {
		t.Errorf("condition %q", got)
	}
	if _, err := json.Marshal(table); err != nil {
		t.Error(err)
	}
}
