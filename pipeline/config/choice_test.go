package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type shape struct {
	Type string        `key:"type" doc:"what." enum:"disk,bar" required:"true"`
	Size int           `key:"size" doc:"how large." unit:"px" min:"0"`
	For  time.Duration `key:"for" doc:"how long." min:"0s"`
}

func TestAChoiceIsANameWithOrWithoutParameters(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]shape{
		"disk":                         {Type: "disk"},
		"disk:":                        {Type: "disk"},
		"bar: {}":                      {Type: "bar"},
		"bar: {size: 3, for: 20ms}":    {Type: "bar", Size: 3, For: 20 * time.Millisecond},
		"bar:\n  size: 4\n  for: 1s\n": {Type: "bar", Size: 4, For: time.Second},
	} {
		var got shape
		if err := ParseChoice("--shape", text, "type", &got); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestAFaultyChoiceIsToldAtItsFlag(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                         `--shape: is empty`,
		"{":                        `--shape: not YAML: line 1: did not find expected node content`,
		"3":                        `--shape: want NAME or 'NAME: {key: value}', got "3"`,
		"[disk]":                   `--shape: want NAME or 'NAME: {key: value}', got "[disk]"`,
		"disk: 3":                  `--shape: want NAME or 'NAME: {key: value}', got "disk: 3"`,
		"{disk: {}, bar: {}}":      `--shape: want NAME or 'NAME: {key: value}', got "{disk: {}, bar: {}}"`,
		"dsik":                     `--shape: dsik.type: "dsik" is not one of disk, bar, did you mean "disk"?`,
		"disk: {sise: 3}":          `--shape: disk.sise: unknown key, did you mean "size"?`,
		"disk: {size: 3, size: 4}": `--shape: disk.size: stands twice, first at --shape`,
		"disk: {size: -3, for: 2}": `--shape: disk.for: want a number with its unit such as 10ms (ns, us, ms, s, m, h), got "2"`,
		"disk: {size: -3}":         `--shape: disk.size: -3 is below the minimum 0 px`,
		"disk: {type: bar}":        `--shape: disk.type: unknown key, know size, for`,
	} {
		var got shape
		err := ParseChoice("--shape", text, "type", &got)
		if err == nil {
			t.Errorf("%q is taken for %+v", text, got)
		} else if err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

func FuzzAChoiceIsReadOrRefused(f *testing.F) {
	for _, text := range []string{"disk", "bar: {size: 3, for: 20ms}", "{", "[disk]", "a: &a [*a]", "disk: {type: bar}", "? {a: b}\n: c"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var s shape
		err := ParseChoice("--shape", text, "type", &s)
		if known := s.Type == "disk" || s.Type == "bar"; err == nil && (!known || s.Size < 0 || s.For < 0) {
			t.Errorf("%q is taken for %+v", text, s)
		}
	})
}
