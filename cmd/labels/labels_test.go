package labels

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/sources/format/table"
)

func detection(kind pipeline.Kind, t int64, track uint64, x float32) pipeline.Detection {
	d := pipeline.UnknownDetection()
	d.Kind, d.T, d.TrackID, d.X0, d.Y0, d.X1, d.Y1, d.Stream, d.Confidence = kind, t, track, x, 20, x+10, 25, "left, door", .5
	d.Complete()
	return d
}

var found = []pipeline.Detection{
	detection(pipeline.MotionStart, 20_000, 1, 4), detection(pipeline.MotionUpdate, 30_000, 1, 5.5),
	detection(pipeline.MotionStart, 30_000, 2, 50),
	detection(pipeline.MotionUpdate, 31_000, 2, 51), detection(pipeline.MotionEnd, 40_000, 1, 6), detection(pipeline.Keyword, 50_000, 0, 0),
}

func write(t *testing.T, format string, o Options, want int) string {
	t.Helper()
	var b bytes.Buffer
	n, err := Write(&b, format, o, found)
	if err != nil || n != want {
		t.Fatalf("%s: %d records, want %d: %v", format, n, want, err)
	}
	return b.String()
}

func TestMOTHoldsTheLastBoxOfATrackInEachFrame(t *testing.T) {
	t.Parallel()
	want := "2,1,5.00,21.00,10.00,5.00,0.5,-1,-1,-1\n3,1,6.50,21.00,10.00,5.00,0.5,-1,-1,-1\n3,2,52.00,21.00,10.00,5.00,0.5,-1,-1,-1\n"
	text := write(t, "mot", Options{Rate: 100}, 3)
	if d := cmp.Diff(want, text); d != "" {
		t.Error(d)
	}
	boxes, err := readMOT(strings.NewReader(text), 100)
	if err != nil {
		t.Fatal(err)
	}
	back := []table.Box{{T: 20_000, X: 4, Y: 20, W: 10, H: 5, Track: 1}, {T: 30_000, X: 5.5, Y: 20, W: 10, H: 5, Track: 1},
		{T: 30_000, X: 51, Y: 20, W: 10, H: 5, Track: 2}}
	if d := cmp.Diff(back, boxes); d != "" {
		t.Error(d)
	}
}

func TestCOCOHasAnImageForEachInstant(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {Width: 640, Height: 480}} {
		var doc struct {
			Images      []cocoImage
			Annotations []cocoBox
			Categories  []cocoCategory
		}
		if err := json.Unmarshal([]byte(write(t, "coco", o, 4)), &doc); err != nil {
			t.Fatal(err)
		}
		if len(doc.Images) != 3 || len(doc.Annotations) != 4 || len(doc.Categories) != 1 {
			t.Fatalf("%+v", doc)
		}
		w, h := 61, 25
		if o.Width > 0 {
			w, h = o.Width, o.Height
		}
		if m := doc.Images[1]; m != (cocoImage{ID: 2, Name: "left, door-30000", Width: w, Height: h, T: 30_000}) {
			t.Errorf("%+v", m)
		}
		if b := doc.Annotations[1]; b != (cocoBox{ID: 2, Image: 2, Category: 1, Box: [4]float32{5.5, 20, 10, 5}, Area: 50, Track: 1, Score: .5}) {
			t.Errorf("%+v", b)
		}
	}
}

func TestCSVHasAColumnForEachField(t *testing.T) {
	t.Parallel()
	rows, err := csv.NewReader(strings.NewReader(write(t, "csv", Options{}, len(found)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	fields := pipeline.Fields()
	if len(rows) != len(found)+1 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, f := range fields {
		for k := range found {
			if empty := rows[k+1][i] == ""; rows[0][i] != f.Name || empty != f.Null(&found[k]) && rows[k+1][i] != "" {
				t.Errorf("row %d, %s: %q", k, f.Name, rows[k+1][i])
			}
		}
	}
	if got := rows[2][:8]; got[0] != "left, door" || got[5] != "motion_update" || got[6] != "30000" {
		t.Errorf("%q", got)
	}
}

func TestWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{"mot": "not a rate", "xml": "not a format"} {
		if _, err := Write(&bytes.Buffer{}, format, Options{Rate: math.NaN()}, found); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestLabelsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1,2,3":                            "line 1: \"1,2,3\": want frame,id",
		"\n1,x,3,4,5,6":                    "line 2: \"x\" is not a number",
		"0,1,1,1,2,2":                      "frames count from 1",
		"1,1,1,1,0,2":                      "a box of 0x2 px",
		"1,1,1,1,NaN,2":                    "\"NaN\" is not a number",
		"1e12,1,1,1,2,2":                   "beyond all recordings",
		strings.Repeat("1", longestLine+1): "line 1 is longer",
	} {
		if _, err := readMOT(strings.NewReader(text), 30); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %s", text, err, want)
		}
	}
	if _, err := readMOT(strings.NewReader(""), 0); err == nil {
		t.Error("a rate of 0 is taken")
	}
	boxes, err := readMOT(strings.NewReader("1,1,1,1,2,2,0,1,1\n2,1,1,1,2,2,1,1,.5\n"), 1000)
	if err != nil || len(boxes) != 1 || boxes[0].T != 2000 {
		t.Errorf("%v, %v: a box that is not to be considered is left out", boxes, err)
	}
}

func TestTheRateStandsBesideTheLabels(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "gt", "gt.txt")
	wants := func(want string, rate float64) {
		t.Helper()
		got, err := sequenceRate(file)
		if got != rate || err == nil != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, %v; want %v, %q", got, err, rate, want)
		}
	}
	wants("no seqinfo.ini", 0)
	put := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, "seqinfo.ini"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("[Sequence]\nname=a\nframeRate=24\n")
	wants("", 24)
	put("[Sequence]\nframeRate=fast\n")
	wants("frameRate=fast is not a rate", 0)
	put("[Sequence]\n")
	wants("holds no frameRate", 0)
}

func FuzzReadMOT(f *testing.F) {
	f.Add("1,2,3,4,5,6,1,-1,-1\n")
	f.Fuzz(func(t *testing.T, text string) {
		boxes, err := readMOT(strings.NewReader(text), 30)
		for _, b := range boxes {
			if err != nil || b.T < 0 || !(b.W > 0 && b.H > 0) {
				t.Fatalf("%+v, %v", b, err)
			}
		}
	})
}
