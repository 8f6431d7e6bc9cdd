package keyword

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// Config configures the readout.
type Config struct {
	Model    string        `key:"model" file:"read" doc:"NIR file whose metadata has labels, thresholds and smoothing; empty: labels and words say it all." example:"builtin:computer"`
	Models   []string      `key:"models" file:"read" doc:"NIR files in its place, of words that were trained apart: those of network.models; all their words compete."`
	Layer    string        `key:"layer" doc:"The layer with a logit for each class; empty takes the last graded one." example:"readout"`
	Labels   []string      `key:"labels" doc:"Names of the classes in order, those that are not words beginning with _; empty takes the model's."`
	Words    []Word        `key:"words" doc:"The words to hear; empty takes all of the model with its thresholds."`
	Smooth   time.Duration `key:"smooth" doc:"The posterior is the mean over this time; 0s takes the model's, or else 100ms." min:"0s" max:"10s"`
	Cooldown time.Duration `key:"cooldown" live:"true" doc:"After a word it is not detected again for so long; each word has its own." min:"0s" max:"1h"`
	LockOut  time.Duration `key:"lock_out" doc:"Of several words within this time the best is detected, which waits so long; one word alone does not wait." min:"0s" max:"10s"`
	Longest  time.Duration `key:"longest" doc:"No word lasts longer." min:"100ms" max:"10s"`
	Tail     time.Duration `key:"tail" doc:"So much silence is played behind the end of a stream, so that a word that ends with it is heard." min:"0s" max:"10s"`
	Voice    Voice         `key:"voice" doc:"Voice as the input spikes tell it: where a word begins and ends, and a gate."`
}

// Word is a word to hear.
type Word struct {
	Label     string  `key:"label" doc:"Its label." required:"true" example:"computer"`
	Threshold float64 `key:"threshold" live:"true" doc:"Smoothed posterior from which it is detected: higher gives fewer false accepts and more misses; 0 takes the model's." min:"0" max:"1"`
}

// Voice describes what counts as voice.
type Voice struct {
	Spikes int           `key:"spikes" doc:"A step with this many input spikes holds voice." min:"1" max:"1000000"`
	Pause  time.Duration `key:"pause" doc:"So much silence parts two words." min:"10ms" max:"10s"`
	Gate   float64       `key:"gate" live:"true" doc:"Least share of voiced steps in the time longest before a detection; 0 opens the gate." min:"0" max:"1"`
}

// NewDefaultConfig is the default configuration.
func NewDefaultConfig() Config {
	return Config{
		Cooldown: time.Second, LockOut: 500 * time.Millisecond, Longest: 1200 * time.Millisecond, Tail: 500 * time.Millisecond,
		Voice: Voice{Spikes: 8, Pause: 150 * time.Millisecond},
	}
}

// defaultSmooth is the smoothing where neither config nor model say one.
const defaultSmooth = 100 * time.Millisecond

// Component declares the readout.
func Component() component.Spec {
	return component.Readout("keyword", "spoken words from the logits of a network",
		NewDefaultConfig(), func(c Config, _ pipeline.StreamInfo, layers []pipeline.Layer) (pipeline.Readout, error) {
			return New(c, layers)
		})
}

// Validate checks what the field tags cannot say.
func (c Config) Validate() error {
	if len(c.Models) > 0 && (c.Model != "" || c.Layer != "" || len(c.Labels) > 0) {
		return errors.New("models: they have layers and labels of their own, so there is no place for model, layer and labels")
	}
	seen := map[string]bool{}
	for _, w := range c.Words {
		switch {
		case !IsWord(w.Label):
			return fmt.Errorf("words: %q is not a word", w.Label)
		case seen[w.Label]:
			return fmt.Errorf("words: %q stands twice", w.Label)
		case c.Model == "" && len(c.Models) == 0 && w.Threshold == 0:
			return fmt.Errorf("words: %q has no threshold, and there is no model to take it from", w.Label)
		}
		seen[w.Label] = true
	}
	return nil
}

// IsWord reports whether a label names a word.
func IsWord(label string) bool { return label != "" && !strings.HasPrefix(label, "_") }

// resolve fills in what the models say. The models come with the smoothing and
// the labels that hold, one without a hash where there is not a file.
func (c Config) resolve() (Config, []Model, error) {
	if err := c.Validate(); err != nil {
		return c, nil, err
	}
	files := c.Models
	if c.Model != "" {
		files = []string{c.Model}
	}
	if len(files) == 0 && (len(c.Labels) == 0 || len(c.Words) == 0) {
		return c, nil, errors.New("model: without one, labels and words are needed")
	}
	var models []Model
	for _, f := range files {
		m, err := ReadModel(f)
		if err != nil {
			return c, nil, err
		}
		models = append(models, m)
	}
	if len(models) == 0 {
		models = []Model{{}}
	}
	for i := range models {
		m := &models[i]
		if len(c.Labels) > 0 {
			m.Labels = c.Labels
		}
		if c.Smooth > 0 {
			m.Smooth = c.Smooth
		}
		if m.Smooth == 0 {
			m.Smooth = defaultSmooth
		}
	}
	words, err := c.words(models)
	c.Words = words
	return c, models, err
}

// words are the words with their thresholds.
func (c Config) words(models []Model) ([]Word, error) {
	known := map[string]int{} // and the model of each
	var all []Word
	for i := range models {
		for _, label := range models[i].Labels {
			if !IsWord(label) {
				continue
			}
			if k, ok := known[label]; ok && len(models) > 1 {
				return nil, fmt.Errorf("models: %s and %s both know %q", c.Models[k], c.Models[i], label)
			}
			known[label], all = i, append(all, Word{Label: label})
		}
	}
	words := slices.Clone(c.Words)
	if len(words) == 0 {
		words = all
	}
	for i := range words {
		w := &words[i]
		k, ok := known[w.Label]
		if !ok {
			return nil, fmt.Errorf("words: there is no %q among the labels %q", w.Label, labelsOf(models))
		}
		if w.Threshold == 0 {
			w.Threshold = models[k].Threshold(w.Label)
		}
		if w.Threshold == 0 {
			return nil, fmt.Errorf("words: %q has no threshold, and its model has none for it", w.Label)
		}
	}
	if len(words) == 0 {
		return nil, fmt.Errorf("no class of %q is a word", labelsOf(models))
	}
	return words, nil
}

func labelsOf(models []Model) (all []string) {
	for _, m := range models {
		all = append(all, m.Labels...)
	}
	return all
}
