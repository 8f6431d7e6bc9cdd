package format

import (
	"strings"
	"testing"
)

func TestTimesThatNoSensorHasAreDoubted(t *testing.T) {
	t.Parallel()
	const year = 365.25 * 86400e6
	for _, c := range []struct {
		name        string
		n           int
		first, last float64 // µs
		want        string  // "" for no doubt
	}{
		{"a camera's", 1000, 0, 10_000, ""},
		{"few events", 31, 0, 1e9, ""},
		{"enough of them", 32, 0, 1e9, "0.032 events/s"},
		{"at one time", 1000, 7, 7, ""},
		{"backwards", 1000, 9, 7, ""},
		{"the slowest", 300, 0, 10e6, ""},
		{"slower", 299, 0, 10e6, "29.9 events/s"},
		{"the fastest", 1000, 0, 10, ""},
		{"faster", 1001, 0, 10, "1e+08 events/s"},
		{"of today", 1, 56 * year, 56 * year, ""},
		{"of a far day", 1, 0, 131 * year, "131 years"},
		{"long ago", 1, 0, -131 * year, "131 years"},
		{"of nothing", 0, 0, 131 * year, ""},
	} {
		got := DoubtOfTimes(c.n, c.first, c.last, "ns")
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got != "" && !strings.HasPrefix(got, "times in ns ") {
			t.Errorf("%s: %q does not name the unit", c.name, got)
		}
	}
}

func TestASizeInAHeaderFitsASensor(t *testing.T) {
	t.Parallel()
	h := Header{{"width", "640"}, {"height", "65536"}, {"depth", "-3"}}
	for key, want := range map[string]int{"width": 640, "height": 0, "depth": 0, "none": 0} {
		if got := h.Pixels(key); got != want {
			t.Errorf("%s: %d, want %d", key, got, want)
		}
	}
}

// ends notes how a file was ended.
type ends struct{ how []string }

func (e *ends) Close() error   { e.how = append(e.how, "closed"); return nil }
func (e *ends) Discard() error { e.how = append(e.how, "dropped"); return nil }

func TestARecordingThatIsDroppedIsNotClosed(t *testing.T) {
	t.Parallel()
	for want, end := range map[string][]func(w *Writer) error{
		"dropped": {(*Writer).Discard, (*Writer).Close, (*Writer).Discard},
		"closed":  {(*Writer).Close, (*Writer).Discard},
	} {
		var out strings.Builder
		w, err := NewWriter(&out, "memory", toy(), Info{})
		if err != nil {
			t.Fatal(err)
		}
		var file ends
		w.Closes(&file)
		for i, f := range end {
			if err := f(w); err != nil {
				t.Errorf("%s, call %d: %v", want, i, err)
			}
		}
		if got := strings.Join(file.how, ", "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
