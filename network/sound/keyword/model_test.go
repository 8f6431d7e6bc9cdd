package keyword

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ganglion/network/nir"
)

// A model is read by what its metadata says in the right form; anything else under those
// names is not taken for it.
func TestAModelIsWhatItsMetadataSays(t *testing.T) {
	t.Parallel()
	labels := nir.Meta{Key: "labels", Value: nir.Text{Shape: []int{2}, Values: []string{"_other", "yes"}}}
	floats := func(key string, v ...float64) nir.Meta {
		return nir.Meta{Key: key, Value: nir.Float64([]int{len(v)}, v)}
	}
	for _, c := range []struct {
		name string
		md   nir.Metadata
		want string
	}{
		{"labels and thresholds", nir.Metadata{labels, floats("thresholds", 0, 1)}, ""},
		{"labels alone", nir.Metadata{labels}, ""},
		{"nothing", nil, "no labels"},
		{"labels that are numbers", nir.Metadata{floats("labels", 1, 2)}, "no labels"},
		{"a text of another name", nir.Metadata{{Key: "names", Value: labels.Value}}, "no labels"},
		{"too few thresholds", nir.Metadata{labels, floats("thresholds", .5)}, "1 thresholds for 2 labels"},
		{"a threshold above 1", nir.Metadata{labels, floats("thresholds", 0, 1.01)}, `threshold 1.01 of "yes" is outside 0 to 1`},
		{"a threshold below 0", nir.Metadata{labels, floats("thresholds", -.01, 0)}, `threshold -0.01 of "_other" is outside 0 to 1`},
	} {
		_, err := modelOf(c.md)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	m, err := modelOf(nir.Metadata{labels, floats("thresholds", 0, .25), {Key: "smooth_s", Value: nir.Number(.15)}, floats("unknown", 7)})
	if err != nil || len(m.Thresholds) != 2 || m.Thresholds[1] != .25 || m.Smooth != 150*time.Millisecond {
		t.Errorf("%+v (%v)", m, err)
	}
	m, err = modelOf(nir.Metadata{labels, floats("smooth_s", .15, .2), {Key: "thresholds", Value: labels.Value}})
	if err != nil || len(m.Thresholds) != 0 || m.Smooth != 0 {
		t.Errorf("%+v (%v)", m, err)
	}
}

func TestWordsOfAConfigurationAreChecked(t *testing.T) {
	t.Parallel()
	yes, sure := Word{Label: "yes"}, Word{Label: "yes", Threshold: .5}
	for _, c := range []struct {
		name   string
		config Config
		want   string
	}{
		{"a model", Config{Model: "a.nir", Words: []Word{yes}}, ""},
		{"models", Config{Models: []string{"a.nir", "b.nir"}, Words: []Word{yes}}, ""},
		{"a threshold", Config{Words: []Word{sure}}, ""},
		{"nothing to take it from", Config{Words: []Word{yes}}, `words: "yes" has no threshold, and there is no model to take it from`},
		{"twice", Config{Words: []Word{sure, sure}}, `words: "yes" stands twice`},
		{"no word", Config{Words: []Word{{Label: "_other", Threshold: .5}}}, `words: "_other" is not a word`},
		{"an empty one", Config{Words: []Word{{Threshold: .5}}}, `words: "" is not a word`},
		{"models and a model", Config{Models: []string{"a.nir"}, Model: "b.nir"}, "models: they have layers and labels of their own"},
		{"models and a layer", Config{Models: []string{"a.nir"}, Layer: "out"}, "models: they have layers and labels of their own"},
		{"models and labels", Config{Models: []string{"a.nir"}, Labels: []string{"yes"}}, "models: they have layers and labels of their own"},
	} {
		if err := c.config.Validate(); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

func TestWithoutAModelLabelsAndWordsAreNeeded(t *testing.T) {
	t.Parallel()
	labels, words := []string{"_other", "yes"}, []Word{{Label: "yes", Threshold: .5}}
	for name, c := range map[string]Config{"neither": {}, "labels alone": {Labels: labels}, "words alone": {Words: words}} {
		if _, _, err := c.resolve(); err == nil || !strings.Contains(err.Error(), "labels and words are needed") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := (Config{Labels: labels, Words: words}).resolve(); err != nil {
		t.Errorf("both: %v", err)
	}
}

// A file of the largest size is looked into. One byte more is too long, and is
// refused before it is read. Both are holes and take no room on the disk.
func TestAModelFileThatIsTooLongIsNotRead(t *testing.T) {
	t.Parallel()
	for size, want := range map[int64]string{maxModel: "no HDF5 signature", maxModel + 1: "268435457 bytes are more than 268435456"} {
		path := filepath.Join(t.TempDir(), "a.nir")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadModel(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d bytes: error %v, want %s", size, err, want)
		}
	}
}
