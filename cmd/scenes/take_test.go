package scenes

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/recording"
	"ganglion/sources/simulator"
)

// store writes a scene as a recording with its truth beside it.
func store(t *testing.T, file string, c simulator.Config) {
	t.Helper()
	r, err := simulator.Record(c)
	if err != nil {
		t.Fatal(err)
	}
	var raw, truth bytes.Buffer
	w, err := recording.NewWriter(&raw, file, "evt3", format.Info{Width: c.Width, Height: c.Height})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(r.Events); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	lines := json.NewEncoder(&truth)
	for _, g := range r.Truth {
		if err := lines.Encode(g); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range map[string][]byte{file: raw.Bytes(), strings.TrimSuffix(file, ".raw") + ".jsonl": truth.Bytes()} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestARecordingIsScoredAgainstTheTruthBesideIt scores one scene simulated and
// the same scene as a file.
func TestARecordingIsScoredAgainstTheTruthBesideIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "disk-7.raw")
	store(t, file, simulator.Config{Scene: "disk", Seed: 7, Noise: 5, Width: 128, Height: 128})
	pipelines := load(t, "motion.yaml")
	scene, _ := scored(t, Options{Scenes: "disk", Seeds: "7", Noise: 5, Width: 128, Height: 128}, pipelines)
	asFile, _ := scored(t, Options{Recordings: []string{filepath.Join(dir, "*.raw")}}, pipelines)
	a, b := scene[0].Scenes["disk"], asFile[0].Scenes["disk"]
	if a.F1 != b.F1 || a.IDF1 != b.IDF1 || !a.F1.Defined() {
		t.Errorf("the scene scores %v, its file %v", a, b)
	}
	if err := os.Remove(filepath.Join(dir, "disk-7.jsonl")); err != nil {
		t.Fatal(err)
	}
	takes, err := Options{Recordings: []string{file}}.Takes()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Score(t.Context(), pipelines, takes); err == nil {
		t.Error("no error without a truth")
	}
	if _, err := play(t.Context(), filepath.Join(dir, "none.raw")); err == nil {
		t.Error("a recording that is not there is played")
	}
}

func TestTakesThatThereAreNot(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]Options{
		`"dusk"`:        {Scenes: "dusk", Seeds: "1", Width: 64, Height: 64},
		`"x" is neithe`: {Scenes: "disk", Seeds: "x", Width: 64, Height: 64},
		`scene "disk"`:  {Scenes: "disk", Seeds: "1", Width: -4, Height: 64},
		`"none-*.raw"`:  {Recordings: []string{"none-*.raw"}},
	} {
		if takes, err := o.Takes(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v gives %v, %v: want %s", o, takes, err, want)
		}
	}
}

// A window has the events of its own time and no others.
func TestReplayCutsWindows(t *testing.T) {
	t.Parallel()
	f := footage{start: simulator.FrameUS, end: 3 * simulator.FrameUS}
	for _, at := range []int64{simulator.FrameUS, 2*simulator.FrameUS - 1, 2 * simulator.FrameUS} {
		f.events = append(f.events, pipeline.Event{T: at})
	}
	s := replay{footage: &f}
	if _, err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	var b pipeline.Batch
	for _, want := range []int{2, 1} {
		b.Reset()
		if err := s.Read(t.Context(), &b); err != nil || len(b.Events) != want || b.End-b.Start != simulator.FrameUS {
			t.Errorf("%d events in %+v, want %d: %v", len(b.Events), b.Window, want, err)
		}
	}
}
