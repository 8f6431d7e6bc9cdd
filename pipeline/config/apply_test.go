package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline/config"
)

type recipe struct {
	Rate  float64 `key:"rate" min:"0"`
	Sizes []int   `key:"sizes"`
	Ear   struct {
		Hop  time.Duration `key:"hop" min:"1ms"`
		Kind string        `key:"kind" enum:"agc,pcen"`
	} `key:"ear"`
}

func apply(t *testing.T, args ...string) (r recipe, err error) {
	t.Helper()
	r = recipe{Rate: 1, Sizes: []int{1, 2}}
	r.Ear.Hop, r.Ear.Kind = time.Second, "agc"
	var overrides []config.Override
	for _, a := range args {
		o, err := config.ParseSet(a)
		if err != nil {
			t.Fatal(err)
		}
		overrides = append(overrides, o)
	}
	err = config.Apply(&r, overrides)
	return r, err
}

func TestApplyReplacesValuesAndLeavesTheOthers(t *testing.T) {
	t.Parallel()
	got, err := apply(t, "sizes=[3]", "ear.hop=10ms")
	if err != nil {
		t.Fatal(err)
	}
	want := recipe{Rate: 1, Sizes: []int{3}}
	want.Ear.Hop, want.Ear.Kind = 10*time.Millisecond, "agc"
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestApplyRefusesWhatAFileMayNotSay(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"ear.kinds=agc": "kind", "ear.kind=loud": "pcen", "rate=-1": "rate", "sizes=3": "list", "ear.hop=1us": "1ms",
	} {
		if _, err := apply(t, arg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", arg, err, want)
		}
	}
}
