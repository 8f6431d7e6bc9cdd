package cmd

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

// keepMotion runs configs/motion.yaml, keeps what it sees, and returns the folder.
func keepMotion(t *testing.T, keep string, args ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "kept")
	runQuietly(t, append([]string{"run", "configs/motion.yaml", "--log-level", "error", "--set", "sinks=[]", "--set",
		"keep={dir: " + dir + ", " + keep + "}"}, args...)...)
	return dir
}

// eventsIn are those of a recording.
func eventsIn(t *testing.T, path string) (all []pipeline.Event) {
	t.Helper()
	r, err := recording.Open(path, recording.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b := format.NewBlock(4096)
	for ; err == nil; err = r.Read(b) {
		all = append(all, b.Events...)
		b.Reset()
	}
	if d := r.Damage(); len(d) > 0 {
		t.Errorf("%s: %v", path, d)
	}
	return all
}

func TestKeptEventsAreThoseAroundTheDetection(t *testing.T) {
	t.Chdir("..")
	all := eventsIn(t, "testdata/crossing.raw")
	for _, c := range []struct{ keep, ending string }{
		{"before: 20ms, after: 35ms", ".raw"},
		{"before: 0s, after: 50ms, format: aedat4, kinds: [motion_end]", ".aedat4"},
	} {
		files := folder(t, keepMotion(t, c.keep))
		if len(files) != 8 {
			t.Fatalf("%s: %v", c.keep, slices.Sorted(maps.Keys(files)))
		}
		for name, text := range files {
			base, json1 := strings.CutSuffix(name, ".json")
			if !json1 {
				continue
			}
			var a struct {
				From      int64              `json:"from_us"`
				To        int64              `json:"to_us"`
				Events    int                `json:"events"`
				Detection pipeline.Detection `json:"detection"`
			}
			if err := json.Unmarshal([]byte(text), &a); err != nil {
				t.Fatal(err)
			}
			from, to := a.Detection.TFirst-20_000, a.Detection.T+35_000
			if c.ending != ".raw" {
				from, to = a.Detection.TFirst, a.Detection.T+50_000
			}
			var want []pipeline.Event
			for _, e := range all {
				if e.T >= from && e.T < to {
					want = append(want, e)
				}
			}
			path := filepath.Join(t.TempDir(), "clip"+c.ending)
			if err := os.WriteFile(path, []byte(files[base+c.ending]), 0o644); err != nil {
				t.Fatal(err)
			}
			got := eventsIn(t, path)
			if !slices.Equal(want, got) || a.From != from || a.To != to || a.Events != len(got) || len(got) == 0 {
				t.Errorf("%s: %d events of %d, from %d to %d", name, len(got), len(want), a.From, a.To)
			}
		}
	}
}

func TestWhatACameraKeepsIsTheSameHoweverItIsPlayed(t *testing.T) {
	t.Chdir("..")
	const keep = "before: 20ms, after: 35ms"
	run := regexp.MustCompile(`"run":"[^"]*"`) // whose identity has the window
	kept := func(args ...string) map[string]string {
		files := folder(t, keepMotion(t, keep, args...))
		for name, text := range files {
			files[name] = run.ReplaceAllString(text, "")
		}
		return files
	}
	want := kept()
	for name, args := range map[string][]string{
		"short windows":  {"--set", "source.window=1ms"},
		"long windows":   {"--set", "source.window=1s"},
		"several shards": {"--set", "network.shards=3"},
	} {
		if d := cmp.Diff(want, kept(args...)); d != "" {
			t.Errorf("%s: other files or bytes", name)
		}
	}
}
