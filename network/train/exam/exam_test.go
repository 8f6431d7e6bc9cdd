package exam

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
	"ganglion/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tree writes files, by name, into a folder of the test.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestEveryLayoutIsFound(t *testing.T) {
	t.Parallel()
	gesture := "class,startTime_usec,endTime_usec\n1,10,20\n11,30,50\n"
	for name, c := range map[string]struct {
		files        map[string]string
		data, labels string
		want         []Sample
	}{
		"folders by class, at any depth": {
			files: map[string]string{"Train/0/a.bin": "", "Train/1/b.bin": "", "Train/1/.hidden": "", "readme.txt": "x"},
			want:  []Sample{{Path: "Train/0/a.bin", Label: "0"}, {Path: "Train/1/b.bin", Label: "1"}},
		},
		"packed recordings, by class": {
			files: map[string]string{"0/a.npy.gz": "", "0/b.bin.zst": "", "1/c.zip": "", "1/d.csv.gz": "", "1/notes.pdf.gz": "", "all.zip": "",
				"text/e.csv.gz": ""},
			want: []Sample{{Path: "0/a.npy.gz", Label: "0"}, {Path: "0/b.bin.zst", Label: "0"}, {Path: "1/c.zip", Label: "1"},
				{Path: "text/e.csv.gz", Label: "text"}},
		},
		"packed recordings that a file of labels names": {
			files:  map[string]string{"in/a.npy.gz": "", "in/b.zip": "", "l.csv": "a,x\nb,y\n"},
			data:   "in",
			labels: "l.csv",
			want:   []Sample{{Path: "in/a.npy.gz", Label: "x"}, {Path: "in/b.zip", Label: "y"}},
		},
		"text by class, where nothing else is": {
			files: map[string]string{"l/a.csv": "t,x,y,p\n1,2,3,1\n", "l/notes.txt": "of 4 takes, one\n", "r/b.txt": "# x\n0.5 1 2 0\n",
				"raw/c.raw": "", "raw/c.csv": "1,2,3,1\n", "all.csv": "1,2,3,1\n", "l/boxes.csv": "1,2,3,4,5,6\n"},
			want: []Sample{{Path: "l/a.csv", Label: "l"}, {Path: "r/b.txt", Label: "r"}, {Path: "raw/c.raw", Label: "raw"}},
		},
		"text that a file of labels names": {
			files:  map[string]string{"in/a.csv": "", "in/b.csv": "", "l.csv": "path,label\na.csv,x\n"},
			data:   "in",
			labels: "l.csv",
			want:   []Sample{{Path: "in/a.csv", Label: "x"}},
		},
		"DVS128 Gesture": {
			files: map[string]string{"user01_led.aedat": "", "user01_led_labels.csv": gesture, "gesture_mapping.csv": "action,label\nwave,1\n"},
			want:  []Sample{{Path: "user01_led.aedat", Label: "1", From: 10, To: 20}, {Path: "user01_led.aedat", Label: "11", From: 30, To: 50}},
		},
		"its list of trials": {
			files: map[string]string{"user01_led.aedat": "", "user01_led_labels.csv": gesture, "user02_led.aedat": "",
				"trials_to_test.txt": "user01_led.aedat\n\n"},
			data: "trials_to_test.txt",
			want: []Sample{{Path: "user01_led.aedat", Label: "1", From: 10, To: 20}, {Path: "user01_led.aedat", Label: "11", From: 30, To: 50}},
		},
		"a list with labels and without": {
			files: map[string]string{"l.txt": "# mine\na b.raw,left\nc.raw right\nup/d.raw\n", "a b.raw": "", "c.raw": "", "up/d.raw": ""},
			data:  "l.txt",
			want:  []Sample{{Path: "a b.raw", Label: "left"}, {Path: "c.raw", Label: "right"}, {Path: "up/d.raw", Label: "up"}},
		},
		"a file of labels": {
			files:  map[string]string{"in/a.raw": "", "in/b.raw": "", "in/c.raw": "", "l.csv": "path,label\na.raw,x\nb,y\n"},
			data:   "in",
			labels: "l.csv",
			want:   []Sample{{Path: "in/a.raw", Label: "x"}, {Path: "in/b.raw", Label: "y"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := tree(t, c.files)
			labels := ""
			if c.labels != "" {
				labels = filepath.Join(dir, c.labels)
			}
			got, err := Find(filepath.Join(dir, c.data), labels)
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				got[i].Path, _ = filepath.Rel(dir, got[i].Path)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestWhatHasNoLabelIsRefusedByName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files        map[string]string
		data, labels string
		want         string
	}{
		"no class":      {map[string]string{"a.raw": ""}, "", "", "a.raw: no label"},
		"nothing":       {map[string]string{"x/readme.txt": ""}, "", "", "no labelled recordings"},
		"labels":        {map[string]string{"a.raw": "", "l.csv": "a.raw\n"}, "", "l.csv", "line 1: 1 columns"},
		"gesture times": {map[string]string{"a.aedat": "", "a_labels.csv": "1,20,10\n"}, "", "", `a_labels.csv, line 1: from "20" to "10"`},
	} {
		dir := tree(t, c.files)
		labels := ""
		if c.labels != "" {
			labels = filepath.Join(dir, c.labels)
		}
		if _, err := Find(filepath.Join(dir, c.data), labels); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestLabelsStandForOutputs(t *testing.T) {
	t.Parallel()
	of := func(labels ...string) (all []Sample) {
		for _, l := range labels {
			all = append(all, Sample{Label: l})
		}
		return all
	}
	for name, c := range map[string]struct {
		samples []Sample
		names   []string
		stated  []string
		outputs int
		want    []string
	}{
		"digits, of which one is absent": {of("0", "2"), nil, nil, 3, []string{"0", "1", "2"}},
		"numbers from 1 on":              {of("1", "3"), nil, nil, 3, []string{"1", "2", "3"}},
		"digits without 0 and 9":         {of("3", "7"), nil, nil, 10, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}},
		"gestures, of which 3 is absent": {[]Sample{{Label: "1", To: 1}, {Label: "2", To: 1}}, nil, nil, 3, []string{"1", "2", "3"}},
		"names":                          {of("disk", "bar"), nil, nil, 2, []string{"bar", "disk"}},
		"more outputs than names":        {of("b", "a"), nil, nil, 3, []string{"a", "b", "output 2"}},
		"names in order":                 {of("a", "b"), []string{"b", "c", "a"}, []string{"a", "b"}, 3, []string{"b", "c", "a"}},
		"as the network states":          {of("disk", "cross"), nil, []string{"disk", "bar", "cross"}, 3, []string{"disk", "bar", "cross"}},
		"the network states others":      {of("a", "b"), nil, []string{"disk", "bar"}, 2, []string{"a", "b"}},
	} {
		got, err := Labels(c.samples, c.names, c.stated, c.outputs)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := Labels(of("a", "b", "c"), nil, nil, 2); err == nil || !strings.Contains(err.Error(), "3 labels") {
		t.Error(err)
	}
	if _, err := Labels(of("a"), []string{"b"}, nil, 2); err == nil || !strings.Contains(err.Error(), `no output stands for the label "a"`) {
		t.Error(err)
	}
}

// halves is a network that tells which half of a 2 x 2 picture fires.
func halves(t *testing.T) *nirnet.Lowered {
	t.Helper()
	one := func(n int, v float32) nir.Tensor { return nir.Float32([]int{n}, slices.Repeat([]float32{v}, n)) }
	weight := nir.Float32([]int{2, 8}, []float32{1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1})
	g := &nir.Graph{Nodes: []nir.Node{
		{Name: "in", Op: &nir.Input{Shape: []int{2, 2, 2}}}, {Name: "flat", Op: &nir.Flatten{EndDim: -1}},
		{Name: "w", Op: &nir.Linear{Weight: weight}},
		{Name: "n", Op: &nir.IF{R: one(2, 1), VThreshold: one(2, .5), VReset: one(2, 0)}}, {Name: "out", Op: &nir.Output{Shape: []int{2}}},
	}, Edges: []nir.Edge{{From: "in", To: "flat"}, {From: "flat", To: "w"}, {From: "w", To: "n"}, {From: "n", To: "out"}}}
	p, err := nirnet.ProfileByName("norse")
	if err != nil {
		t.Fatal(err)
	}
	l, err := nirnet.Lower(g, p, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestAReportCountsEverySample runs right, wrong, silent and broken recordings
// on several workers, and wants the same counts from all of them.
func TestAReportCountsEverySample(t *testing.T) {
	t.Parallel()
	read := func(path string) ([]pipeline.Event, error) {
		at := func(x uint16, times ...int64) (all []pipeline.Event) {
			for _, k := range times {
				all = append(all, pipeline.Event{T: k, X: x})
			}
			return all
		}
		switch {
		case strings.HasPrefix(path, "left"):
			return at(0, 0, 1000, 5000), nil
		case strings.HasPrefix(path, "right"):
			return at(1, 0, 1000, 5000), nil
		case strings.HasPrefix(path, "beside"):
			return at(7, 0, 1000, 5000), nil
		}
		return nil, os.ErrNotExist
	}
	var samples []Sample
	for range 20 {
		samples = append(samples, Sample{Path: "left", Label: "left"}, Sample{Path: "right", Label: "right"})
	}
	samples = append(samples, Sample{Path: "right wrongly", Label: "left"}, Sample{Path: "beside", Label: "right"},
		Sample{Path: "gone", Label: "left"})
	clock := func() time.Time { return time.Time{} }
	var want *Report
	for _, workers := range []int{1, 4} {
		seen := 0
		r, err := Run(t.Context(), halves(t), samples, []string{"left", "right"}, read,
			Config{Workers: workers, Now: clock, Progress: func(done, _ int) { seen = done }})
		if err != nil {
			t.Fatal(err)
		}
		if seen != len(samples) {
			t.Errorf("progress to %d of %d", seen, len(samples))
		}
		if d := cmp.Diff([][]int{{20, 1, 0}, {0, 20, 1}}, r.Confusion); d != "" {
			t.Error(d)
		}
		if r.N != 42 || r.Correct != 40 || r.Silent != 1 || r.Outside != 2 || len(r.Failed) != 1 || r.Failed[0].Path != "gone" {
			t.Errorf("%d of %d, %d silent, %d outside, failed %v", r.Correct, r.N, r.Silent, r.Outside, r.Failed)
		}
		// 41 samples of 5 steps fire twice each; each spike crosses 2 synapses.
		if l := r.Layers[0]; l.Spikes != 82 || r.SynOps != 82 || r.Steps != 210 || !(r.EnergyJ > 82*.9e-12*.999 && r.EnergyJ < 82*.9e-12*1.001) {
			t.Errorf("%+v, %d operations, %d steps, %v J", l, r.SynOps, r.Steps, r.EnergyJ)
		}
		text := r.String()
		for _, line := range []string{"40 of 42 correct: 95.2 %", "1 samples left all outputs silent", "not run: gone: "} {
			if !strings.Contains(text, line) {
				t.Errorf("no %q in\n%s", line, text)
			}
		}
		r.Workers = 0
		if want == nil {
			want = r
		} else if d := cmp.Diff(want, r); d != "" {
			t.Errorf("%d workers: %s", workers, d)
		}
	}
}

func TestNIRDataIsJudgedBySample(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "two.nird")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	grid := make([]float64, 2*4*8)
	grid[0], grid[4*8+1] = 1, 1 // sample 0 fires on the left, sample 1 on the right
	d := &nir.Data{Nodes: []nir.DataNode{{Name: "input", Observables: []nir.Observable{{Name: "values",
		Series: &nir.TimeGrid{DT: 1e-3, Data: nir.Float64([]int{2, 4, 8}, grid)}}}}}}
	if err := nir.WriteData(f, d); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	labels := filepath.Join(tree(t, map[string]string{"l.csv": "index,label\n0,left\n1,right\n"}), "l.csv")
	samples, err := Find(path, labels)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), halves(t), samples, []string{"left", "right"}, nil,
		Config{Workers: 2, Now: func() time.Time { return time.Time{} }})
	if err != nil || r.N != 2 || r.Correct != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := Find(path, ""); err == nil || !strings.Contains(err.Error(), "want a file of labels") {
		t.Error(err)
	}
}

// TestArraysAreSamples runs NumPy arrays of steps x neurons beside one that fits
// no network and is not a recording either; a label without a sample has no share.
func TestArraysAreSamples(t *testing.T) {
	array := func(columns int, v ...byte) string {
		head := fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%d, %d), }\n", len(v)/columns, columns)
		return "\x93NUMPY\x01\x00" + string([]byte{byte(len(head)), 0}) + head + string(v)
	}
	dir := tree(t, map[string]string{
		"left/a.npy":  array(8, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0),
		"right/b.npy": array(8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
		"right/c.npy": array(3, 0, 1, 0),
	})
	samples, err := Find(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	read := func(string) ([]pipeline.Event, error) { return nil, errors.New("no events") }
	c := Config{Workers: 1, Now: func() time.Time { return time.Time{} }}
	r, err := Run(t.Context(), halves(t), samples, []string{"left", "right"}, read, c)
	if err != nil || r.N != 2 || r.Correct != 2 || len(r.Failed) != 1 || !strings.Contains(r.Failed[0].Error, "has 3 values a step") {
		t.Fatalf("%+v, %v", r, err)
	}
	r, err = Run(t.Context(), halves(t), samples[:1], []string{"left", "right"}, read, c)
	if err != nil || strings.Contains(r.String(), "NaN") || !strings.Contains(r.String(), "right        0         - ") {
		t.Errorf("%v, %v", r, err)
	}
}
