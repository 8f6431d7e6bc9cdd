package keyword_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ganglion/network/sound/keyword"
	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const hop = 10_000 // µs

// labels are the classes of the tests: one that is not a word, and two words.
var labels = []string{"_other", "yes", "no"}

func layers() []pipeline.Layer {
	return []pipeline.Layer{
		{Name: "hidden", Shape: pipeline.Shape{8}, StepUS: hop},
		{Name: "readout", Shape: pipeline.Shape{3}, Graded: true, StepUS: hop},
	}
}

// config hears some words without smoothing at threshold .5.
func config(words ...string) keyword.Config {
	c := keyword.NewDefaultConfig()
	c.Labels, c.Smooth = labels, 10*time.Millisecond
	for _, w := range words {
		c.Words = append(c.Words, keyword.Word{Label: w, Threshold: .5})
	}
	return c
}

// stream is what a network says: a logit for each class in every step. voiced
// steps get input spikes.
type stream struct {
	pipeline.Activity
	at int64
}

func newStream() *stream {
	return &stream{Activity: pipeline.Activity{Input: &pipeline.Spikes{}, Layers: make([]pipeline.LayerActivity, 2)}}
}

// add appends n steps with the logits of the two words.
func (s *stream) add(n int, voiced bool, yes, no float32) *stream {
	for range n {
		for id, v := range []float32{0, yes, no} {
			s.Layers[1].Spikes.AppendGraded(s.at, uint32(id), v)
		}
		if voiced {
			for id := range 20 {
				s.Input.Append(s.at+3000, uint32(id))
			}
		}
		s.at += hop
	}
	s.End = s.at
	return s
}

func (s *stream) detect(t *testing.T, c keyword.Config) []pipeline.Detection {
	t.Helper()
	r, err := keyword.New(c, layers())
	if err != nil {
		t.Fatal(err)
	}
	return r.Flush(r.Read(&s.Activity, nil))
}

// heard are the words and the steps in which they were decided.
type heard struct {
	Label string
	Step  int64
}

func words(ds []pipeline.Detection) (all []heard) {
	for _, d := range ds {
		all = append(all, heard{d.Label, d.T/hop - 1})
	}
	return all
}

func expect(t *testing.T, got []pipeline.Detection, want ...heard) {
	t.Helper()
	if d := cmp.Diff(want, words(got)); d != "" {
		t.Errorf("heard (-want +got):\n%s", d)
	}
}

const (
	quiet = -5 // logits of the classes
	loud  = 5
)

func TestReadoutKeepsItsContract(t *testing.T) {
	t.Parallel()
	s := newStream()
	s.add(20, false, quiet, quiet).add(30, true, 0, quiet).add(5, true, loud, quiet)
	s.add(30, true, quiet, 1).add(7, false, quiet, loud).add(40, false, quiet, quiet)
	s.add(3, true, loud, quiet)
	pipelinetest.Readout(t, pipelinetest.ReadoutCase{
		New: func() (pipeline.Readout, error) {
			c := config("yes", "no")
			c.Smooth = 50 * time.Millisecond
			return keyword.New(c, layers())
		},
		Activity: s.Activity,
	})
}

func TestAWordSaidOnceIsDetectedOnce(t *testing.T) {
	t.Parallel()
	// It stays above its threshold for longer than the cooldown.
	s := newStream().add(10, true, quiet, quiet).add(300, true, loud, quiet).add(10, false, quiet, quiet)
	expect(t, s.detect(t, config("yes")), heard{"yes", 10})
}

func TestAWordIsNotDetectedWithinItsCooldown(t *testing.T) {
	t.Parallel()
	s := newStream()
	for range 4 { // one crossing every 400 ms
		s.add(10, true, loud, quiet).add(30, true, quiet, quiet)
	}
	expect(t, s.detect(t, config("yes")), heard{"yes", 0}, heard{"yes", 120})
	c := config("yes")
	c.Cooldown = 0
	if got := len(s.detect(t, c)); got != 4 {
		t.Errorf("%d detections without a cooldown, not 4", got)
	}
}

func TestEachWordHasACooldownOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newStream().add(10, true, loud, quiet).add(60, true, quiet, quiet).add(10, true, quiet, loud).add(60, true, quiet, quiet)
	expect(t, s.detect(t, config("yes", "no")), heard{"yes", 50}, heard{"no", 120})
}

func TestTheBestOfTwoWordsWithinTheLockOutWins(t *testing.T) {
	t.Parallel()
	s := newStream().add(5, true, 1, quiet).add(5, true, quiet, quiet).add(5, true, quiet, loud).add(80, true, quiet, quiet)
	expect(t, s.detect(t, config("yes", "no")), heard{"no", 50})
	c := config("yes", "no")
	c.LockOut = 0
	expect(t, s.detect(t, c), heard{"yes", 0}, heard{"no", 10})
	if got := s.detect(t, config("yes", "no"))[0].Score; !(got > .98) {
		t.Errorf("the score is %v, not that of the best", got)
	}
}

func TestOneWordDoesNotWait(t *testing.T) {
	t.Parallel()
	s := newStream().add(5, true, quiet, quiet).add(5, true, loud, quiet).add(5, true, quiet, quiet)
	expect(t, s.detect(t, config("yes")), heard{"yes", 5})
}

func TestAHigherThresholdHearsLess(t *testing.T) {
	t.Parallel()
	s := newStream().add(5, true, quiet, quiet).add(5, true, 2, quiet).add(5, true, quiet, quiet) // posterior .88
	for threshold, want := range map[float64]int{.1: 1, .87: 1, .89: 0} {
		c := config("yes")
		c.Words[0].Threshold = threshold
		if got := len(s.detect(t, c)); got != want {
			t.Errorf("%d detections at %v, want %d", got, threshold, want)
		}
	}
}

func TestAPosteriorIsTheMeanOverTheSmoothing(t *testing.T) {
	t.Parallel()
	s := newStream().add(20, true, quiet, quiet).add(20, true, 50, quiet)
	c := config("yes")
	c.Smooth = 100 * time.Millisecond
	expect(t, s.detect(t, c), heard{"yes", 24}) // 5 of 10 steps, and a little more
}

func TestAWordLastsFromPauseToVoice(t *testing.T) {
	t.Parallel()
	s := newStream()
	s.add(20, true, quiet, quiet).add(20, false, quiet, quiet) // another word, and a pause
	s.add(30, true, quiet, quiet).add(5, false, quiet, quiet)  // the word, with a short gap in it
	s.add(10, true, quiet, quiet).add(4, false, quiet, quiet)
	s.add(1, false, loud, quiet)
	d := s.detect(t, config("yes"))[0]
	if d.TStart != 40*hop || d.TEnd != 85*hop || d.T != 90*hop {
		t.Errorf("from %d to %d, decided at %d µs", d.TStart, d.TEnd, d.T)
	}
}

func TestAWordIsNoLongerThanTheLongest(t *testing.T) {
	t.Parallel()
	s := newStream().add(500, true, quiet, quiet).add(1, true, loud, quiet)
	c := config("yes")
	c.Longest = 700 * time.Millisecond
	d := s.detect(t, c)[0]
	if d.TEnd != 501*hop || d.TEnd-d.TStart != 700_000 {
		t.Errorf("from %d to %d µs", d.TStart, d.TEnd)
	}
}

func TestTheGateHearsNoWordWithoutVoice(t *testing.T) {
	t.Parallel()
	c := config("yes")
	c.Voice.Gate = .2 // of 120 steps
	silent := newStream().add(200, false, quiet, quiet).add(40, false, loud, quiet)
	expect(t, silent.detect(t, c))
	voiced := newStream().add(200, false, quiet, quiet).add(60, true, loud, quiet)
	expect(t, voiced.detect(t, c), heard{"yes", 223}) // the 24th voiced step
}

func TestAModelIsNeededOrWordsAre(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*keyword.Config){
		"no labels":                  func(c *keyword.Config) { c.Labels = nil },
		"no words":                   func(c *keyword.Config) { c.Words = nil },
		"a class that is not a word": func(c *keyword.Config) { c.Words[0].Label = "_other" },
		"a word twice":               func(c *keyword.Config) { c.Words = append(c.Words, c.Words[0]) },
		"no threshold":               func(c *keyword.Config) { c.Words[0].Threshold = 0 },
		"an unknown word":            func(c *keyword.Config) { c.Words[0].Label = "maybe" },
		"an unknown layer":           func(c *keyword.Config) { c.Layer = "nowhere" },
		"a spiking layer":            func(c *keyword.Config) { c.Layer = "hidden" },
		"too few labels":             func(c *keyword.Config) { c.Labels = labels[:2] },
		"no such model":              func(c *keyword.Config) { c.Model = "nowhere.nir" },
	} {
		c := config("yes")
		change(&c)
		if _, err := keyword.New(c, layers()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestReadoutAllocatesNothing(t *testing.T) {
	r, err := keyword.New(config("yes", "no"), layers())
	if err != nil {
		t.Fatal(err)
	}
	s := newStream().add(20, true, quiet, quiet).add(5, true, loud, quiet).add(200, true, quiet, quiet)
	length := s.End
	var ds []pipeline.Detection
	step := func() {
		ds = r.Read(&s.Activity, ds[:0])
		s.Start, s.End = s.Start+length, s.End+length
		for _, train := range []*pipeline.Spikes{s.Input, &s.Layers[1].Spikes} {
			for i := range train.T {
				train.T[i] += length
			}
		}
	}
	step()
	if n := testing.AllocsPerRun(20, step); n != 0 {
		t.Errorf("%v allocations a window", n)
	}
	if len(ds) == 0 {
		t.Error("nothing was detected, so nothing was tested")
	}
}

func TestTheTailEndsWithAStepAndNoneIsNone(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		tail      time.Duration
		end, want int64
	}{{0, 12_345, 12_345}, {500 * time.Millisecond, 20_000, 520_000}, {500 * time.Millisecond, 12_345, 520_000},
		{time.Millisecond, 19_001, 30_000}} {
		c := config("yes")
		c.Tail = tc.tail
		r, err := keyword.New(c, layers())
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Tail(tc.end); got != tc.want {
			t.Errorf("a tail of %v behind %d µs: to %d, want %d", tc.tail, tc.end, got, tc.want)
		}
	}
}
