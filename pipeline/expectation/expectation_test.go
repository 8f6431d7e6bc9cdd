package expectation

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

// heard are three words and a track.
func heard() []pipeline.Detection {
	word := func(t int64, label string, score float32) pipeline.Detection {
		d := pipeline.UnknownDetection()
		d.Kind, d.T, d.Label, d.Score, d.Confidence, d.TStart, d.TEnd = pipeline.Keyword, t, label, score, score, t-100, t-50
		d.Stream, d.Run, d.Seq, d.ConfigHash, d.Model = "test", "run", uint64(t), "hash", "model"
		return d
	}
	track := pipeline.UnknownDetection()
	track.Kind, track.T, track.TrackID, track.NSpikes = pipeline.MotionUpdate, 4000, 1, 7
	track.CX, track.DirectionDeg, track.VX = 12.5, 359, 100
	return []pipeline.Detection{word(1000, "yes", .9), word(2000, "no", .8), word(3000, "yes", .7), track}
}

func compare(t *testing.T, c Case, lines string) (list []string) {
	t.Helper()
	c.Expect = filepath.Join(t.TempDir(), "want.jsonl")
	if err := os.WriteFile(c.Expect, []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	want, err := Read(c.Expect)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range c.Compare(heard(), want, func(path string) string { return path }) {
		list = append(list, strings.ReplaceAll(d.String(), c.Expect, "want"))
	}
	return list
}

const (
	yes1  = `{"kind":"keyword","t_us":1000,"label":"yes","score":0.9}` + "\n"
	no2   = `{"kind":"keyword","t_us":2000,"label":"no"}` + "\n"
	yes3  = `{"kind":"keyword","t_us":3000,"label":"yes"}` + "\n"
	track = `{"kind":"motion_update","t_us":4000,"cx":12.5,"direction_deg":359,"y0":null}` + "\n"
)

func TestDifferencesAreToldWithTheirPlace(t *testing.T) {
	t.Parallel()
	all := yes1 + no2 + yes3 + track
	with := func(old, new string) string { return strings.Replace(all, old, new, 1) }
	for name, test := range map[string]struct {
		lines     string
		tolerance Tolerance
		want      string // differences, joined by lines
	}{
		"what is left out may be anything":  {lines: "# a comment\n\n" + all},
		"what names a record is not asked":  {lines: with("{", `{"run":"other","seq":7,`)},
		"a field differs":                   {lines: with("0.9", "0.5"), want: "want:1: score: got 0.9, want 0.5"},
		"a field is unknown":                {lines: with("null", "1"), want: "want:4: y0: got null, want 1"},
		"a field of the other family":       {lines: with(`"y0":null`, `"score":1`), want: "want:4: score: got nothing, want 1"},
		"a time within its tolerance":       {lines: with("2000", "2010"), tolerance: Tolerance{Time: 10 * time.Microsecond}},
		"angles are compared round the end": {lines: with("359", "1"), tolerance: Tolerance{Angle: 2}},
		"a place within its tolerance":      {lines: with("12.5", "13"), tolerance: Tolerance{Position: .5}},
		"an angle beyond its tolerance": {
			lines: with("359", "2"), tolerance: Tolerance{Angle: 2}, want: "want:4: direction_deg: got 359, want 2 within 2 degrees",
		},
		"a tolerance of another unit": {
			lines: with("12.5", "13"), tolerance: Tolerance{Speed: .5}, want: "want:4: cx: got 12.5, want 13",
		},
		"one is missing": {
			lines: yes1 + no2 + strings.Replace(yes3, "3000", "2500", 1) + yes3 + track,
			want:  `want:3: got nothing, want keyword "yes" at 2500 µs`,
		},
		"one is not expected": {
			lines: yes1 + yes3 + track,
			want:  `want:1: got keyword "no" at 2000 µs, want nothing more here`,
		},
		"the order counts": {
			lines: no2 + yes1 + yes3 + track,
			want:  `want: got keyword "yes" at 1000 µs, want nothing more here` + "\n" + `want:2: got nothing, want keyword "yes" at 1000 µs`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := compare(t, Case{Tolerance: test.tolerance}, test.lines)
			if d := cmp.Diff(test.want, strings.Join(got, "\n")); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestConditionsCount(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		condition Count
		want      string
	}{
		"one or more":         {Count{Kind: "keyword"}, ""},
		"exactly":             {Count{Kind: "keyword", Label: "yes", Count: 2}, ""},
		"not exactly":         {Count{Kind: "keyword", Label: "yes", Count: 3}, `detections.0: got 2, want 3 of keyword "yes"`},
		"too few":             {Count{Least: 5}, "detections.0: got 4, want at least 5 of all detections"},
		"too many":            {Count{Kind: "keyword", Most: 2}, "detections.0: got 3, want 0 to 2 of keyword"},
		"none, and there are": {Count{Label: "no", None: true}, `detections.0: got 1, want 0 of all detections "no"`},
		"none, and no other":  {Count{Label: "maybe", None: true}, ""},
		"none is not some":    {Count{Label: "maybe"}, `detections.0: got 0, want at least 1 of all detections "maybe"`},
		"within a time":       {Count{From: time.Millisecond, To: 3 * time.Millisecond, Count: 2}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := Case{Detections: []Count{test.condition}}
			var got []string
			for _, d := range c.Compare(heard(), nil, func(path string) string { return path }) {
				got = append(got, d.String())
			}
			if text := strings.Join(got, "\n"); text != test.want {
				t.Errorf("got %q, want %q", text, test.want)
			}
		})
	}
}

func TestWhatIsWrittenIsExpected(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "want.jsonl")
	if err := Write(path, heard()); err != nil {
		t.Fatal(err)
	}
	want, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	c := Case{Expect: path}
	if list := c.Compare(heard(), want, nil); len(list) > 0 {
		t.Errorf("what was written differs: %v", list)
	}
	other := heard()
	other[1].Score = .25
	if list := c.Compare(other, want, nil); len(list) != 1 || list[0].Field != "score" {
		t.Errorf("another score gives %v", list)
	}
}

func TestFaultyFilesAreRefusedWithTheirLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		yes1 + "{":                       ":2: want one JSON object a line",
		"[]":                             ":1: want one JSON object a line",
		`{"kind":"keyword"} {}`:          ":1: want one JSON object a line, and nothing behind it",
		`{"kind":"keyword","scor":1}`:    `:1: a detection has no field "scor", did you mean "score"?`,
		`{"t_us":1}`:                     `:1: no "kind"`,
		"null":                           `:1: no "kind"`,
		"{" + strings.Repeat(" ", 1<<17): "token too long",
	} {
		path := filepath.Join(t.TempDir(), "want.jsonl")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got %v, want %q", text, err, want)
		}
	}
}
