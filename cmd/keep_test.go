package cmd

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/random"
	"ganglion/network/sound/hearing"
	"ganglion/sources/audio"
	"ganglion/sources/recording"
)

// keepKeywords runs configs/keywords.yaml, keeps what it hears, and returns
// the files by their names.
func keepKeywords(t *testing.T, args ...string) map[string]string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "kept")
	runQuietly(t, append([]string{"run", "configs/keywords.yaml", "--log-level", "error", "--set", "sinks=[]", "--set", "keep={dir: " + dir +
		"}"}, args...)...)
	return folder(t, dir)
}

// folder is what the files of a folder hold.
func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(b)
	}
	return files
}

func TestKeptSoundIsCutFromTheStreamToTheSample(t *testing.T) {
	t.Chdir("..")
	dir := filepath.Join(t.TempDir(), "kept")
	ds := runKeywords(t, "--set", "keep={dir: "+dir+", before: 1234567us, after: 250ms}")
	all, _, _, err := audio.Load(t.Context(), "testdata/computer.flac", 16_000)
	if err != nil {
		t.Fatal(err)
	}
	if files := folder(t, dir); len(files) != 2*len(said) || len(ds) != len(said) {
		t.Fatalf("%d files of %d detections", len(files), len(ds))
	}
	for _, d := range ds {
		base := filepath.Join(dir, fmt.Sprintf("computer-%d", d.T))
		pcm, rate, damage, err := audio.Load(t.Context(), base+".wav", 0)
		from, to := frameAt(d.TStart-1_234_567), frameAt(d.TEnd+250_000)
		if err != nil || rate != 16_000 || len(damage) > 0 || !slices.Equal(pcm, all[from:to]) {
			t.Errorf("%s: %d frames at %d Hz are not those from %d to %d: %v, %v", base, len(pcm), rate, from, to, damage, err)
		}
		r, err := recording.Open(base+".arrow", recording.Options{})
		if err != nil {
			t.Fatal(err)
		}
		header := map[string]string{}
		for _, f := range r.Info.Header {
			header[f.Key] = f.Value
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		for key, want := range map[string]string{
			"label": d.Label, "model": d.Model, "score": strconv.FormatFloat(float64(d.Score), 'g', -1, 32),
			"t_us": fmt.Sprint(d.T), "t_start_us": fmt.Sprint(d.TStart), "t_end_us": fmt.Sprint(d.TEnd), "from_us": fmt.Sprint(d.TStart - 1_234_567),
		} {
			if header[key] != want {
				t.Errorf("%s: %s is %q, want %q", base, key, header[key], want)
			}
		}
	}
}

// frameAt is the first frame at 16 kHz at or after a time.
func frameAt(us int64) int64 { return (us*16 + 999) / 1000 }

func TestWhatIsKeptIsTheSameHoweverItIsPlayed(t *testing.T) {
	t.Chdir("..")
	want := keepKeywords(t)
	if len(want) != 2*len(said) {
		t.Fatalf("%d files", len(want))
	}
	pcm, _, _, err := audio.Load(t.Context(), "testdata/computer.flac", 16_000)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "computer.wav")
	writeWAV(t, file, pcm)
	for name, args := range map[string][]string{
		"a pipe":         {"--input", "-"},
		"paced":          {"--input", file, "--set", "source.pace=40x"},
		"short windows":  {"--set", "source.window=10ms"},
		"long windows":   {"--set", "source.window=10s"},
		"several shards": {"--set", "network.shards=3"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "a pipe" {
				pipeToStdin(t, file)
			}
			got := keepKeywords(t, args...)
			if d := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); d != "" {
				t.Fatal(d)
			}
			for name := range want {
				if want[name] != got[name] {
					t.Errorf("%s: other bytes", name)
				}
			}
		})
	}
}

// TestWhatIsKeptIsTheSameAfterAResume resumes from the snapshots that a whole
// run left on its way.
func TestWhatIsKeptIsTheSameAfterAResume(t *testing.T) {
	t.Chdir("..")
	want := keepKeywords(t, "--set", "source.end=11s")
	dir := t.TempDir()
	kept, state := filepath.Join(dir, "kept"), filepath.Join(dir, "state")
	run := func(ctx context.Context, args ...string) error {
		root := ganglion.newRoot()
		root.SetOut(new(strings.Builder))
		root.SetErr(new(strings.Builder))
		root.SetArgs(append([]string{
			"run", "configs/keywords.yaml", "--log-level", "error", "--set", "sinks=[]", "--set", "keep={dir: " + kept + "}",
			"--set", "source.end=11s", "--checkpoint", state, "--checkpoint-every", "700ms",
		}, args...))
		return root.ExecuteContext(ctx)
	}
	if err := run(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The snapshots that the run left are of 9.8 s and 10.5 s, where the second
	// word is being said, and where its clip waits or is still to come.
	snapshots, _ := filepath.Glob(filepath.Join(state, "*.snapshot"))
	if len(snapshots) != 2 {
		t.Fatalf("%v", snapshots)
	}
	for range 2 {
		for name := range folder(t, kept) {
			if name > "computer-1" && name < "computer-2" { // the word at 10 s
				if err := os.Remove(filepath.Join(kept, name)); err != nil {
					t.Fatal(err)
				}
			}
		}
		before := saved(t, state)
		if err := run(t.Context(), "--resume"); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, folder(t, kept)); d != "" {
			t.Errorf("resumed from %v: other files or bytes", before)
		}
		if err := os.Remove(before[len(before)-1]); err != nil {
			t.Fatal(err)
		}
	}
}

// saved is the snapshots in a folder, oldest first.
func saved(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	slices.Sort(files)
	return files
}

func TestAFolderThatIsFullIsToldByTheExitCode(t *testing.T) {
	t.Chdir("..")
	dir := t.TempDir()
	var out strings.Builder
	root := ganglion.newRoot()
	root.SetOut(&out)
	root.SetErr(new(strings.Builder))
	root.SetArgs([]string{"run", "configs/keywords.yaml", "--log-level", "error", "--set", "sinks=[]", "--set", "keep={dir: " + dir +
		", max_files: 3}"})
	err := root.Execute()
	if exitCode(err) != exitDropped || !strings.Contains(err.Error(), "2 clips of detections were not kept") {
		t.Errorf("%v", err)
	}
	if files := folder(t, dir); len(files) != 2 || !strings.Contains(out.String(), "1 clips written; 2 DROPPED") {
		t.Errorf("%d files; %s", len(files), out.String())
	}
}

// TestTheTrainerFindsTheWordInWhatWasKept keeps so much before each word that
// other speech is louder, and more of it: without the file of spikes that is
// what is found.
func TestTheTrainerFindsTheWordInWhatWasKept(t *testing.T) {
	t.Chdir("..")
	dir := t.TempDir()
	ds := runKeywords(t, "--set", "keep={dir: "+dir+", before: 3s}")
	for _, with := range []bool{true, false} {
		if !with {
			files, _ := filepath.Glob(filepath.Join(dir, "*.arrow"))
			for _, f := range files {
				if err := os.Remove(f); err != nil {
					t.Fatal(err)
				}
			}
		}
		found := 0
		for i, d := range ds {
			path := filepath.Join(dir, fmt.Sprintf("computer-%d.wav", d.T))
			sounds, err := readSounds(t.Context(), []string{path}, 8000, everything, io.Discard)
			if err != nil || len(sounds) != 1 {
				t.Fatal(err)
			}
			start, end := sounds[0].Word(8000)
			at := (d.TStart - 3_000_000 + hearing.Micros(end, 8000)) / 1000 // ms of the stream
			if length := hearing.Micros(end-start, 8000) / 1000; at > said[i]-150 && at < said[i]+150 && length > 300 && length < 1000 {
				found++
			}
		}
		if with != (found == len(said)) {
			t.Errorf("spikes beside the sounds %v: %d words of %d found", with, found, len(said))
		}
	}
}

func TestAKeptFolderTrainsAWord(t *testing.T) {
	t.Chdir("..")
	dir := t.TempDir()
	for _, before := range []string{"300ms", "1500ms"} {
		keepTo := filepath.Join(dir, "word", before)
		runQuietly(t, "run", "configs/keywords.yaml", "--log-level", "error", "--set", "sinks=[]", "--set",
			"keep={dir: "+keepTo+", before: "+before+"}")
	}
	for i := range 4 {
		if err := os.MkdirAll(filepath.Join(dir, "other"), 0o755); err != nil {
			t.Fatal(err)
		}
		writeWAV(t, filepath.Join(dir, "other", fmt.Sprintf("%d.wav", i)), babble(random.New(uint64(i)), 5))
	}
	out := filepath.Join(dir, "computer.nir")
	output(t, "train", "keyword", "--rounds", "1", "--word", "computer", "--positives", filepath.Join(dir, "word", "300ms"), "--positives",
		filepath.Join(dir, "word", "1500ms"),
		"--negatives", filepath.Join(dir, "other"), "--out", out, "--folds", "2", "--epochs", "2", "--threshold", "0.5",
		"--set", "training.hidden=[16]", "--set", "training.batch=4", "--set", "training.part=4")
	if st, err := os.Stat(out); err != nil || st.Size() < 1000 {
		t.Errorf("the model: %v", err)
	}
}
