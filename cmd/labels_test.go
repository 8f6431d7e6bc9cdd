package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDetectionsBecomeLabelsAndPictures takes detections of the shipped recording the
// ways that help prints, and scores them against labels that are themselves.
func TestDetectionsBecomeLabelsAndPictures(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	var lines strings.Builder
	for i := range 50 {
		kind := "motion_update"
		if i == 0 {
			kind = "motion_start"
		}
		fmt.Fprintf(&lines, `{"stream":"a","kind":%q,"t_us":%d,"track_id":1,"x0":%d,"y0":10,"x1":%d,"y1":20,"state":"confirmed","speed_px_s":100,"confidence":0.9}`+"\n",
			kind, 10_000*(i+1), i, i+12)
	}
	if err := os.WriteFile("d.jsonl", []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, want string }{
		{"convert d.jsonl d.csv", "d.csv: 50 of 50 detections as csv"},
		{"convert d.jsonl d.txt --rate 100", "d.txt: 50 of 50 detections as mot"},
		{"convert d.jsonl d.json --width 128 --height 64", "d.json: 50 of 50 detections as coco"},
		{"view d.jsonl -o heat.png", "heat.png: "},
		{"view d.jsonl -o tracks.png --style tracks", "tracks.png: 960x"},
		{"eval motion --truth d.txt --rate 100 --detections d.jsonl --json", `"f1":1,`},
	} {
		if r := runCommand(t.Context(), strings.Fields(c.args)...); r.code != 0 || !strings.Contains(r.out, c.want) {
			t.Errorf("%s: %+v, want %s", c.args, r, c.want)
		}
	}
	for _, c := range []struct{ args, want string }{
		{"convert d.jsonl d.raw", "detections are written as csv, mot, coco"},
		{"convert d.jsonl d.jsonl --to csv", "the same file"},
		{"convert d.jsonl e.txt --rate NaN", "not a rate"},
		{"convert d.jsonl e.csv --start 1s", "--start is for recordings"},
		{"convert ../d.raw e.raw --rate 30", "--rate is for detections"},
		{"view d.jsonl -o heat.png --window 1s", "--window is for recordings"},
		{"view d.jsonl -o heat.gif", "ends in .png"},
		{"view d.jsonl -o heat.png --style decay", "detections are shown as heat or tracks"},
		{"eval motion --truth d.txt --detections d.jsonl", "give --rate"},
		{"convert none.jsonl d.csv", "no such file"},
	} {
		if r := runCommand(t.Context(), strings.Fields(c.args)...); r.code == 0 || !strings.Contains(r.stderr, c.want) {
			t.Errorf("%s: %+v, want %s", c.args, r, c.want)
		}
	}
	if left, err := filepath.Glob("e.*"); err != nil || len(left) > 0 {
		t.Errorf("after an error there are %q (%v)", left, err)
	}
}
