package keyword

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// Config configures the readout.
type Config struct {
	Model    string        `key:"model" doc:"NIR file whose metadata has labels, thresholds and smoothing; empty: labels and words say it all." example:"configs/computer.nir"`
	Layer    string        `key:"layer" doc:"The layer with a logit for each class; empty takes the last graded one." example:"readout"`
	Labels   []string      `key:"labels" doc:"Names of the classes in order, those that are no words beginning with _; empty takes the model's."`
	Words    []Word        `key:"words" doc:"The words to hear; empty takes all of the model with its thresholds."`
	Smooth   time.Duration `key:"smooth" doc:"The posterior is the mean over this time; 0s takes the model's, or else 100ms." min:"0s" max:"10s"`
	Cooldown time.Duration `key:"cooldown" doc:"After a word it is not detected again for so long; each word has its own." min:"0s" max:"1h"`
	LockOut  time.Duration `key:"lock_out" doc:"Of several words within this time the best is detected, which waits so long; one word alone does not wait." min:"0s" max:"10s"`
	Longest  time.Duration `key:"longest" doc:"No word lasts longer." min:"100ms" max:"10s"`
	Tail     time.Duration `key:"tail" doc:"So much silence is played behind the end of a stream, so that a word that ends with it is heard." min:"0s" max:"10s"`
	Voice    Voice         `key:"voice" doc:"Voice as the input spikes tell it: where a word begins and ends, and a gate."`
}

// Word is a word to hear.
type Word struct {
	Label     string  `key:"label" doc:"Its label." required:"true" example:"computer"`
	Threshold float64 `key:"threshold" doc:"Smoothed posterior from which it is detected: higher gives fewer false alarms and more misses; 0 takes the model's." min:"0" max:"1"`
}

// Voice says what counts as voice.
type Voice struct {
	Spikes int           `key:"spikes" doc:"A step with this many input spikes holds voice." min:"1" max:"1000000"`
	Pause  time.Duration `key:"pause" doc:"So much silence parts two words." min:"10ms" max:"10s"`
	Gate   float64       `key:"gate" doc:"Least share of voiced steps in the time longest before a detection; 0 opens the gate." min:"0" max:"1"`
}

// Default is the default configuration.
var Default = Config{
	Cooldown: time.Second, LockOut: 500 * time.Millisecond, Longest: 1200 * time.Millisecond, Tail: 500 * time.Millisecond,
	Voice: Voice{Spikes: 8, Pause: 150 * time.Millisecond},
}

// defaultSmooth is the smoothing where neither config nor model say one.
const defaultSmooth = 100 * time.Millisecond

// Component declares the readout.
var Component = component.Readout("keyword", "spoken words from the logits of a network",
	Default, func(c Config, _ pipeline.StreamInfo, layers []pipeline.Layer) (pipeline.Readout, error) {
		return New(c, layers)
	})

// Validate checks what the field tags cannot say.
func (c Config) Validate() error {
	seen := map[string]bool{}
	for _, w := range c.Words {
		switch {
		case !IsWord(w.Label):
			return fmt.Errorf("words: %q is not a word", w.Label)
		case seen[w.Label]:
			return fmt.Errorf("words: %q stands twice", w.Label)
		case c.Model == "" && w.Threshold == 0:
			return fmt.Errorf("words: %q has no threshold, and there is no model to take it from", w.Label)
		}
		seen[w.Label] = true
	}
	return nil
}

// IsWord reports whether a label names a word.
func IsWord(label string) bool { return label != "" && !strings.HasPrefix(label, "_") }

// resolve fills in what the model says. hash is the model's, empty without.
func (c Config) resolve() (Config, string, error) {
	if err := c.Validate(); err != nil {
		return c, "", err
	}
	if c.Model == "" && (len(c.Labels) == 0 || len(c.Words) == 0) {
		return c, "", errors.New("model: without one, labels and words are needed")
	}
	var m Model
	if c.Model != "" {
		var err error
		if m, err = ReadModel(c.Model); err != nil {
			return c, "", err
		}
	}
	if len(c.Labels) == 0 {
		c.Labels = m.Labels
	}
	if c.Smooth == 0 {
		c.Smooth = m.Smooth
	}
	if c.Smooth == 0 {
		c.Smooth = defaultSmooth
	}
	words, err := c.words(m)
	c.Words = words
	return c, m.Hash, err
}

// words are the words with their thresholds.
func (c Config) words(m Model) ([]Word, error) {
	words := append([]Word(nil), c.Words...)
	if len(words) == 0 {
		for _, label := range c.Labels {
			if IsWord(label) {
				words = append(words, Word{Label: label})
			}
		}
	}
	for i := range words {
		if w := &words[i]; w.Threshold == 0 {
			w.Threshold = m.Threshold(w.Label)
		}
		if words[i].Threshold == 0 {
			return nil, fmt.Errorf("words: %q has no threshold, and %s has none for it", words[i].Label, c.Model)
		}
	}
	if len(words) == 0 {
		return nil, fmt.Errorf("no class of %q is a word", c.Labels)
	}
	return words, nil
}
