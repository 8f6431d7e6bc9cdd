package expectation

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ganglion/pipeline"
)

func TestCasesThatCannotHoldAreRefused(t *testing.T) {
	t.Parallel()
	fault := func(what string, err error, want string) {
		t.Helper()
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%s: error %v, want %q", what, err, want)
		}
	}
	fault("two names", Config{Cases: []Case{{Name: "a"}, {Name: "b"}}}.Validate(), "")
	fault("one name twice", Config{Cases: []Case{{Name: "a"}, {Name: "b"}, {Name: "a"}}}.Validate(), `cases: two tests are called "a"`)
	fault("nothing expected", Case{Name: "a"}.Validate(), "expects nothing and so cannot fail; give expect or detections")
	fault("a file", Case{Expect: "x"}.Validate(), "")
	fault("a condition", Case{Detections: []Count{{}}}.Validate(), "")
	const one = "give one of count, least and most, none"
	for _, c := range []struct {
		count Count
		want  string
	}{
		{Count{}, ""}, {Count{None: true}, ""}, {Count{Count: 2}, ""}, {Count{Least: 2, Most: 2}, ""}, {Count{Least: 2}, ""},
		{Count{None: true, Count: 1}, one}, {Count{Count: 1, Most: 1}, one}, {Count{None: true, Least: 1}, one},
		{Count{Least: 3, Most: 2}, "least: 3 is more than most, 2"},
		{Count{From: time.Second}, ""}, {Count{From: 1, To: 2}, ""},
		{Count{From: time.Second, To: time.Second}, "to: 1s is not after from, 1s"},
	} {
		fault(c.count.String(), c.count.Validate(), c.want)
	}
}

func TestAConditionIsToldAsItIsRead(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]Count{
		"all detections":                   {},
		`keyword "computer" from 1s to 2s`: {Kind: "keyword", Label: "computer", From: time.Second, To: 2 * time.Second},
		`all detections "yes" to 500ms`:    {Label: "yes", To: 500 * time.Millisecond},
	} {
		if got := c.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, c := range []struct {
		count       Count
		least, most int
	}{{Count{}, 1, -1}, {Count{None: true}, 0, 0}, {Count{Count: 3}, 3, 3}, {Count{Least: 2}, 2, -1}, {Count{Most: 4}, 0, 4},
		{Count{Least: 2, Most: 4}, 2, 4}} {
		if least, most := c.count.limits(); least != c.least || most != c.most {
			t.Errorf("%+v: %d to %d", c.count, least, most)
		}
	}
}

// The end of a time does not belong to it, its beginning does.
func TestATimeHoldsItsBeginningAndNotItsEnd(t *testing.T) {
	t.Parallel()
	c := Count{Kind: "keyword", From: time.Millisecond, To: 2 * time.Millisecond}
	for at, want := range map[int64]bool{999: false, 1000: true, 1999: true, 2000: false} {
		if d := (pipeline.Detection{Kind: pipeline.Keyword, T: at}); c.counts(&d) != want {
			t.Errorf("at %d µs: counted %t", at, !want)
		}
	}
	if d := (pipeline.Detection{Kind: pipeline.MotionEnd, T: 1500}); c.counts(&d) {
		t.Error("another kind is counted")
	}
}

// Each tolerance is that of its unit, up to its value and no further.
func TestEveryToleranceIsOfItsUnit(t *testing.T) {
	t.Parallel()
	all := Tolerance{Time: time.Microsecond, Position: 1, Speed: 1, Angle: 1, Score: .25, Count: 1}
	for field, apart := range map[string][2]string{
		"t_start_us": {"899", "898"}, "score": {"0.65", "0.6"}, "cx": {"13.5", "13.625"}, "vx": {"101", "101.5"},
		"direction_deg": {"0", "0.5"}, "n_spikes": {"8", "9"},
	} {
		track := strings.HasPrefix(field, "c") || strings.HasPrefix(field, "v") || strings.HasPrefix(field, "d") || strings.HasPrefix(field, "n")
		for i, value := range apart {
			line := `{"kind":"keyword","t_us":1000,"label":"yes","` + field + `":` + value + "}\n" + no2 + yes3 + `{"kind":"motion_update","t_us":4000}` + "\n"
			if track {
				line = yes1 + no2 + yes3 + `{"kind":"motion_update","t_us":4000,"` + field + `":` + value + "}\n"
			}
			got := compare(t, Case{Tolerance: all}, line)
			if (len(got) == 0) != (i == 0) || i == 1 && !strings.Contains(got[0], field+": got ") {
				t.Errorf("%s %s: %v", field, value, got)
			}
		}
	}
	// Numbers of tracks are names: no tolerance makes two of them one.
	got := compare(t, Case{Tolerance: all}, yes1+no2+yes3+`{"kind":"motion_update","t_us":4000,"track_id":2}`+"\n")
	if len(got) != 2 || !strings.Contains(got[0]+got[1], "of track 2 at 4000") {
		t.Errorf("another track: %v", got)
	}
}

// Sequences that part for longer than is searched are compared as they stand.
func TestSequencesThatPartAreComparedAsTheyStand(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	for range reach + 10 {
		lines.WriteString(`{"kind":"keyword","label":"maybe"}` + "\n")
	}
	got := compare(t, Case{}, lines.String())
	missing, extra, differ := 0, 0, 0
	for _, d := range got {
		switch {
		case strings.Contains(d, "got nothing, want keyword"):
			missing++
		case strings.Contains(d, "want nothing more here"):
			extra++
		default:
			differ++
		}
	}
	// Of the four that were detected every other one is compared: a word by its label,
	// the track by its kind as well.
	if missing != reach+10-2 || extra != 2 || differ != 3 {
		t.Errorf("%d missing, %d unexpected, %d fields: %q", missing, extra, differ, got)
	}
}

func TestFilesThatCannotBeAreTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Read(filepath.Join(dir, "absent")); !os.IsNotExist(err) {
		t.Errorf("error %v", err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(file, "want.jsonl"), nil); err == nil {
		t.Error("a file in the folder's place is written to")
	}
	if err := Write(dir, nil); err == nil {
		t.Error("a folder is written to")
	}
}
