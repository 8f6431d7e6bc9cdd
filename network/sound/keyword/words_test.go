package keyword

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Words are those of all models, each with the threshold of the model that knows it.
func TestWordsComeFromTheModelThatKnowsThem(t *testing.T) {
	t.Parallel()
	yes := Model{Labels: []string{"_other", "yes"}, Thresholds: []float64{0, .5}}
	no := Model{Labels: []string{"_other", "no"}, Thresholds: []float64{0, .7}}
	for name, c := range map[string]struct {
		config Config
		models []Model
		want   []Word
		err    string
	}{
		"one model":       {Config{}, []Model{yes}, []Word{{Label: "yes", Threshold: .5}}, ""},
		"two models":      {Config{}, []Model{yes, no}, []Word{{Label: "yes", Threshold: .5}, {Label: "no", Threshold: .7}}, ""},
		"one of them":     {Config{Words: []Word{{Label: "no"}}}, []Model{yes, no}, []Word{{Label: "no", Threshold: .7}}, ""},
		"another limit":   {Config{Words: []Word{{Label: "no", Threshold: .9}}}, []Model{yes, no}, []Word{{Label: "no", Threshold: .9}}, ""},
		"both know it":    {Config{}, []Model{no, yes, yes}, nil, `models: b and c both know "yes"`},
		"nobody knows it": {Config{Words: []Word{{Label: "maybe"}}}, []Model{yes}, nil, `words: there is no "maybe" among the labels`},
	} {
		c.config.Models = []string{"a", "b", "c"}[:len(c.models)]
		got, err := c.config.words(c.models)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, want %q", name, err, c.err)
			}
			continue
		}
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	// Several neurons may stand for one word.
	pair := Model{Labels: []string{"yes", "yes"}, Thresholds: []float64{.5, .5}}
	if _, err := (Config{}).words([]Model{pair}); err != nil {
		t.Errorf("one model that knows a word twice: %v", err)
	}
}
