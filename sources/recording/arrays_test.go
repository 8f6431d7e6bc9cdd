package recording

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ganglion/internal/shareddata"
)

// TestRealArraysAgreeWithTheirRecordings leaves out the times of the EVT3 ones,
// which the tool that made the arrays got wrong.
func TestRealArraysAgreeWithTheirRecordings(t *testing.T) {
	t.Parallel()
	events := filepath.Join(shareddata.Path(t), "events")
	for _, name := range []string{"evt3/dense", "evt3/pedestrians", "dat/ncars"} {
		array, err := Inspect(filepath.Join(events, name+".npy"), Options{}, true)
		if err != nil {
			t.Fatal(err)
		}
		ending := map[bool]string{true: ".dat", false: ".raw"}[strings.HasPrefix(name, "dat")]
		recorded, err := Inspect(filepath.Join(events, name+ending), Options{}, true)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{array.Digest.X, array.Digest.Y, array.Digest.On}
		want := []string{recorded.Digest.X, recorded.Digest.Y, recorded.Digest.On}
		if ending == ".dat" {
			got, want = append(got, array.Digest.T), append(want, recorded.Digest.T)
		}
		if !slices.Equal(got, want) || array.Events != recorded.Events {
			t.Errorf("%s: %d events %v, recorded %d %v", name, array.Events, got, recorded.Events, want)
		}
	}
}
