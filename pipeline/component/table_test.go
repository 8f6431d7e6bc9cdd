package component_test

import (
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

func encoder[C any](name, summary string, defaults C) component.Spec {
	return component.Encoder(name, summary, defaults, func(C, pipeline.StreamInfo) (pipeline.Encoder, error) { return nil, nil })
}

func TestNearestFindsTypingMistakesOnly(t *testing.T) {
	t.Parallel()
	names := []string{"shards", "step", "threshold", "tau"}
	for word, want := range map[string]string{
		"shardz": "shards", "Shards": "shards", "treshold": "threshold", "ta": "tau", "tu": "tau",
		"frequency": "", "": "", strings.Repeat("x", 10000): "",
	} {
		if got := component.Nearest(word, names); got != want {
			t.Errorf("nearest to %.20q: got %q, want %q", word, got, want)
		}
	}
}

func TestFindSuggestsTheNearestOrListsAll(t *testing.T) {
	t.Parallel()
	table := component.Table{encoder("events", "address events", struct{}{}), encoder("rate", "rate code", struct{}{})}
	for name, want := range map[string]string{
		"event": `unknown encoder "event", did you mean "events"?`,
		"cnn":   `unknown encoder "cnn", know events, rate`,
	} {
		if _, err := table.Find(component.KindEncoder, name); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	if s, err := table.Find(component.KindEncoder, "rate"); err != nil || s.Name != "rate" {
		t.Errorf("rate: %v", err)
	}
	if _, err := table.Find(component.KindSink, "rate"); err == nil {
		t.Error("an encoder was found as a sink")
	}
}

func TestCheckComplainsOfFaultyDeclarations(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spec component.Spec
		want string // part of the message, empty for none
	}{
		"the sample is in order":     {sample, ""},
		"a summary with a full stop": {encoder("x", "Does x.", struct{}{}), "without a full stop"},
		"no key": {encoder("x", "does x", struct {
			A int `doc:"A."`
		}{}), `key "" is missing`},
		"an upper-case key": {encoder("x", "does x", struct {
			A int `key:"camLeft" doc:"A."`
		}{}), "malformed"},
		"a key that stands twice": {encoder("x", "does x", struct {
			A int `key:"a" doc:"A."`
			B int `key:"a" doc:"B."`
		}{}), "taken"},
		"a key that YAML 1.1 makes a boolean of": {encoder("x", "does x", struct {
			A int `key:"off" doc:"A."`
		}{}), "YAML 1.1"},
		"no doc": {encoder("x", "does x", struct {
			A int `key:"a"`
		}{}), "a: has no doc"},
		"a type that a config cannot have": {encoder("x", "does x", struct {
			A map[string]int `key:"a" doc:"A."`
		}{}), "Go type"},
		"a bound without its unit": {encoder("x", "does x", defaults), ""},
		"a bound that cannot be read": {encoder("x", "does x", struct {
			A int `key:"a" doc:"A." min:"1ms"`
		}{}), "bound cannot be read as integer"},
		"an enum of numbers": {encoder("x", "does x", struct {
			A int `key:"a" doc:"A." enum:"1,2"`
		}{}), "enum is for strings"},
		"a default outside the bounds": {encoder("x", "does x", struct {
			A int `key:"a" doc:"A." min:"1"`
		}{}), "default of a: 0 is below the minimum 1"},
		"a required field without an example": {encoder("x", "does x", struct {
			A string `key:"a" doc:"A." required:"true"`
		}{}), "no example"},
		"a fault inside a list of sections": {encoder("x", "does x", struct {
			A []struct {
				B int `key:"b"`
			} `key:"a" doc:"A."`
		}{}), "a.b: has no doc"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := test.spec.Check()
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	if err := (component.Table{sample, sample}).Check(); err == nil {
		t.Error("a name that is declared twice passed")
	}
	if _, err := (component.Table{sample, sample}).Find(sample.Kind, sample.Name); err == nil {
		t.Error("one of two components of a name was found")
	}
}
