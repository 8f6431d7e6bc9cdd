package expectation

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"ganglion/pipeline"
)

// Difference is one way in which what was detected is not what was expected.
type Difference struct {
	At    string `json:"at"`              // where the expectation stands
	Field string `json:"field,omitempty"` // of a detection
	Got   string `json:"got"`
	Want  string `json:"want"`
}

// String reads "motion.jsonl:12: cx: got 13.5, want 12.5 within 0.5 px".
func (d Difference) String() string {
	field := d.Field
	if field != "" {
		field += ": "
	}
	return fmt.Sprintf("%s: %sgot %s, want %s", d.At, field, d.Got, d.Want)
}

// fields are those of a detection; they are read only.
var fields = pipeline.Fields()

// Compare lists the differences between detections, in the order of the stream,
// and what a case expects of them. expected is the content of its file, in the
// same order; at is where the case stands, for messages.
func (c *Case) Compare(got []pipeline.Detection, expected []Expected, at func(path string) string) (list []Difference) {
	for i := range c.Detections {
		n := &c.Detections[i]
		least, most := n.limits()
		found := 0
		for j := range got {
			if n.counts(&got[j]) {
				found++
			}
		}
		if found < least || most >= 0 && found > most {
			list = append(list, Difference{At: at(fmt.Sprintf("detections.%d", i)), Got: fmt.Sprint(found),
				Want: wanted(least, most) + " of " + n.String()})
		}
	}
	if c.Expect == "" {
		return list
	}
	records := make([]record, len(got))
	for i := range got {
		records[i] = recordOf(&got[i])
	}
	return append(list, c.align(records, expected)...)
}

func wanted(least, most int) string {
	switch {
	case most < 0:
		return fmt.Sprintf("at least %d", least)
	case least == most:
		return fmt.Sprint(least)
	}
	return fmt.Sprintf("%d to %d", least, most)
}

// reach is how many detections may be missing or too many at one place before the
// two sequences are compared as they stand.
const reach = 64

// align walks through both sequences. Where the next two do not go together it
// resumes at the nearest two that do: what lies before is missing or unexpected.
func (c *Case) align(got []record, want []Expected) (list []Difference) {
	last := c.Expect
	for i, j := 0, 0; i < len(got) || j < len(want); {
		extra, missing := c.skip(got[i:], want[j:])
		for range missing {
			list = append(list, Difference{At: want[j].At, Got: "nothing", Want: want[j].record.brief()})
			last = want[j].At
			j++
		}
		for range extra {
			list = append(list, Difference{At: last, Got: got[i].brief(), Want: "nothing more here"})
			i++
		}
		if i < len(got) && j < len(want) {
			list = append(list, c.differ(got[i], want[j])...)
			last = want[j].At
			i, j = i+1, j+1
		}
	}
	return list
}

// skip is how many of each sequence lie before the nearest two that go together.
func (c *Case) skip(got []record, want []Expected) (extra, missing int) {
	if len(got) == 0 || len(want) == 0 {
		return len(got), len(want)
	}
	for sum := range reach {
		for missing := range sum + 1 {
			extra := sum - missing
			if extra < len(got) && missing < len(want) && c.together(got[extra], want[missing].record) {
				return extra, missing
			}
		}
	}
	return 1, 1
}

// together reports whether two records tell of the same: their kind, label and
// track agree, and their time within the tolerance.
func (c *Case) together(got, want record) bool {
	for _, name := range []string{"kind", "label", "track_id", "t_us"} {
		if w, ok := want[name]; ok && !c.equal(name, got[name], w) {
			return false
		}
	}
	return true
}

// differ compares what the expectation states.
func (c *Case) differ(got record, want Expected) (list []Difference) {
	for _, f := range fields {
		w, ok := want.record[f.Name]
		if !ok || c.equal(f.Name, got[f.Name], w) {
			continue
		}
		g, there := got[f.Name]
		d := Difference{At: want.At, Field: f.Name, Got: text(g), Want: text(w)}
		if !there {
			d.Got = "nothing"
		}
		if limit := c.Tolerance.of(f); limit > 0 {
			d.Want += strings.TrimSuffix(fmt.Sprintf(" within %v %s", limit, f.Unit), " ")
		}
		list = append(list, d)
	}
	return list
}

// equal compares two values of a field.
func (c *Case) equal(name string, got, want any) bool {
	g, isNumber := number(got)
	w, wantsNumber := number(want)
	if !isNumber || !wantsNumber {
		return got == want
	}
	f := fields[slices.IndexFunc(fields, func(f pipeline.Field) bool { return f.Name == name })]
	apart := math.Abs(g - w)
	if f.Unit == "degrees" && apart > 180 {
		apart = 360 - apart
	}
	return got == want || apart <= c.Tolerance.of(f)
}

// of is the tolerance of a field, in its unit.
func (t *Tolerance) of(f pipeline.Field) float64 {
	var d pipeline.Detection
	switch _, measured := f.At(&d).(*float32); {
	case f.Unit == "µs":
		return float64(t.Time.Microseconds())
	case f.Unit == "px":
		return t.Position
	case f.Unit == "px/s":
		return t.Speed
	case f.Unit == "degrees":
		return t.Angle
	case measured:
		return t.Score
	case f.Name == "track_id":
		return 0
	}
	return float64(t.Count)
}

func number(v any) (float64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	x, err := n.Float64()
	return x, err == nil
}

func text(v any) string {
	b, _ := json.Marshal(v) // strings, numbers and null: never fails
	return string(b)
}
