package labels

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func put(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Labels of frames are truth at every 10 ms between them, unless there is none for too long.
func TestBetweenLabelsOfATrackTheBoxMoves(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := put(t, filepath.Join(dir, "gt.txt"), "1,4,1,1,10,20\n3,4,5,1,10,20\n30,4,9,1,10,20\n3,9,50,60,5,5\n")
	truth, err := ReadTruth(file, 20)
	if err != nil {
		t.Fatal(err)
	}
	var first, second int
	for _, g := range truth {
		switch {
		case g.ID == 1 && g.T == 100_000:
			if g.X0 != 2 || g.X1 != 12 || g.Y0 != 0 || g.Y1 != 20 || g.VX != 40 || g.VY != 0 || g.Visible != 1 {
				t.Errorf("half-way: %+v", g)
			}
		case g.T > 150_000 && g.T < 1_500_000:
			t.Errorf("a box where there is no label for 1.35 s: %+v", g)
		}
		if g.ID == 1 {
			first++
		} else {
			second++
		}
	}
	if first != 12 || second != 1 {
		t.Errorf("%d and %d boxes, want 12 (50 to 150 ms, and 1.5 s) and 1", first, second)
	}
	if _, err := ReadTruth(file, 0); !errors.Is(err, ErrNoRate) {
		t.Errorf("without a rate: %v", err)
	}
	put(t, filepath.Join(dir, "seqinfo.ini"), "[Sequence]\nframeRate=20\n")
	if again, err := ReadTruth(file, 0); err != nil || len(again) != len(truth) {
		t.Errorf("with seqinfo.ini: %d boxes, %v", len(again), err)
	}
}

func TestTruthLiesBesideItsRecording(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	recording := filepath.Join(dir, "drive_td.dat")
	for _, want := range []string{"drive_td.jsonl", "drive_td.txt", "drive_bbox.npy", "drive_td.jsonl"} {
		if got := filepath.Base(Beside(recording)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		next := map[string]string{"drive_td.jsonl": "drive_td.txt", "drive_td.txt": "drive_bbox.npy", "drive_bbox.npy": "drive_td.jsonl"}
		put(t, filepath.Join(dir, next[want]), "x")
	}
}

func TestWhatIsReadNamesItsFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := put(t, filepath.Join(dir, "good.jsonl"), `{"t_us":1,"id":1,"x0":1,"y0":1,"x1":2,"y1":2}`)
	if truth, err := ReadTruth(good, 0); err != nil || len(truth) != 1 {
		t.Errorf("%v, %v", truth, err)
	}
	found := put(t, filepath.Join(dir, "found.jsonl"), `{"kind":"keyword","t_us":1}`)
	if ds, err := ReadDetections(found); err != nil || len(ds) != 1 {
		t.Errorf("%v, %v", ds, err)
	}
	broken := put(t, filepath.Join(dir, "broken.jsonl"), "{\"kind\":\"keyword\"}\n{")
	for _, read := range []func(string) error{
		func(f string) error { _, err := ReadDetections(f); return err },
		func(f string) error { _, err := ReadTruth(f, 0); return err },
	} {
		if err := read(broken); err == nil || !strings.HasPrefix(err.Error(), broken+": ") {
			t.Errorf("%v", err)
		}
		if err := read(filepath.Join(dir, "none.jsonl")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%v", err)
		}
	}
	for _, name := range []string{"a.arrow", "a.npy"} {
		if _, err := ReadTruth(put(t, filepath.Join(dir, name), "no labels"), 0); err == nil {
			t.Errorf("%s is read", name)
		}
	}
	if _, err := ReadDetections(filepath.Join(dir, "a.csv")); err == nil || !strings.Contains(err.Error(), "JSON lines, not from csv") {
		t.Errorf("detections of a table: %v", err)
	}
	if _, err := ReadDetections(filepath.Join(dir, "a.arrow")); err == nil {
		t.Error("text is read as Arrow")
	}
}
