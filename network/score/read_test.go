package score

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

const truthLine = `{"t_us":10000,"id":1,"x0":3.0,"y0":4.0,"x1":13.0,"y1":14.0,"vx":100.0,"vy":0.0,"visible":1.0,"events_20ms":41}`

func TestTruths(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		count    int
		wrong    string // part of the error, empty for none
	}{
		{"nothing", "", 0, ""},
		{"two lines with an empty one between", truthLine + "\n\n" + truthLine + "\n", 2, ""},
		{"no line end at the end", truthLine, 1, ""},
		{"a cut line", truthLine + "\n" + truthLine[:40], 1, "truth line 2: unexpected end of JSON input"},
		{"another kind of record", truthLine + "\n\n" + `{"t_us":10000,"kind":"motion_start"}`, 1, "truth line 3: object 0"},
		{"an empty box", strings.Replace(truthLine, `"x1":13.0`, `"x1":3.0`, 1), 0, "truth line 1: object 1 with box (3, 4)-(3, 14)"},
		{"a wrong type", strings.Replace(truthLine, "41", `"many"`, 1), 0, "truth line 1: json: cannot unmarshal"},
		{"a line without end", truthLine + "\n" + strings.Repeat(" ", maxLine+1), 1, "truth line 2 is longer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := 0
			var failed error
			for g, err := range Truths(strings.NewReader(tt.in)) {
				if err != nil {
					failed = err
					continue
				}
				n++
				want := pipeline.Truth{T: 10000, ID: 1, X0: 3, Y0: 4, X1: 13, Y1: 14, VX: 100, Visible: 1, Events20ms: 41}
				if d := cmp.Diff(want, g); d != "" {
					t.Error(d)
				}
			}
			if n != tt.count {
				t.Errorf("%d entries, want %d", n, tt.count)
			}
			if (failed == nil) != (tt.wrong == "") || failed != nil && !strings.Contains(failed.Error(), tt.wrong) {
				t.Errorf("error %v, want %q", failed, tt.wrong)
			}
		})
	}
}

func TestTruthsReportsAReadError(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	for _, err := range Truths(iotest.ErrReader(broken)) {
		if !errors.Is(err, broken) {
			t.Errorf("error %v", err)
		}
	}
}

func TestDetectionsReadsWhatAppendJSONWrites(t *testing.T) {
	t.Parallel()
	want := box(3, 9, 4)
	want.EmitDelayUS = pipeline.NoDelay
	text := string(want.AppendJSON(nil)) + "\n"
	n := 0
	for got, err := range Detections(strings.NewReader(text + text)) {
		if err != nil {
			t.Fatal(err)
		}
		got.Score = 0 // unknown, because a motion record has none
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		n++
	}
	if n != 2 {
		t.Errorf("%d detections", n)
	}
	for _, err := range Detections(strings.NewReader(text + truthLine)) {
		if n++; err != nil && !strings.Contains(err.Error(), "detections line 2: a detection without a kind") {
			t.Errorf("error %v", err)
		}
	}
	if n != 4 {
		t.Errorf("truth passes for a detection")
	}
}

func FuzzTruths(f *testing.F) {
	f.Add([]byte(truthLine))
	f.Add([]byte(truthLine + "\n" + truthLine[:30]))
	f.Add([]byte(`{"id":1,"x1":1e999}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var truth []pipeline.Truth
		for g, err := range Truths(strings.NewReader(string(b))) {
			if err == nil {
				truth = append(truth, g)
			}
		}
		Motion(truth, nil)
	})
}
