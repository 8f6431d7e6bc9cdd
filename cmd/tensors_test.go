package cmd

import (
	"encoding/binary"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// A frame of a recording has its events, whole and behind filters; what is in no
// array is told.
func TestConvertWritesDenseArrays(t *testing.T) {
	t.Chdir(t.TempDir())
	var events []pipeline.Event
	for i := range 1000 {
		events = append(events, pipeline.Event{T: 5000 + 100*int64(i), X: uint16(i % 8), Y: uint16(i / 8 % 6), P: uint8(i % 2)})
	}
	record(t, "in.raw", "evt3", format.Info{Width: 8, Height: 6}, &format.Block{Events: events})
	for _, c := range []struct {
		args   string
		shape  string
		sum    float64
		arrays string
	}{
		{"f.npy --to frames --window 10ms", "(9, 2, 6, 8,)", 900, "9"},
		{"f.npy --to frames --count 300 --polarity merge", "(3, 1, 6, 8,)", 900, "3"},
		{"f.npy --to frames --bins 4", "(4, 2, 6, 8,)", 999, "4"},
		{"f.npy --to frames --bins 4 --by count --polarity signed", "(4, 1, 6, 8,)", 0, "4"},
		{"f.npy --to voxel --polarity split", "(1, 2, 5, 6, 8,)", 1000, "1"},
		{"f.npy --to voxel --bins 3 --count 100", "(9, 3, 6, 8,)", 0, "9"},
		{"f.npy --to voxel --start 50ms --polarity merge", "(1, 5, 6, 8,)", 500, "1"},
	} {
		r := mustRun(t, 0, append([]string{"convert", "in.raw"}, strings.Fields(c.args)...)...)
		b, err := os.ReadFile("f.npy")
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for body := b[192:]; len(body) > 0; {
			if strings.Contains(string(b[:192]), "<i2") {
				sum, body = sum+float64(int16(binary.LittleEndian.Uint16(body))), body[2:]
			} else {
				sum, body = sum+float64(math.Float32frombits(binary.LittleEndian.Uint32(body))), body[4:]
			}
		}
		if !strings.Contains(string(b[:192]), "'shape': "+c.shape) || math.Abs(sum-c.sum) > 1e-3 || !strings.Contains(r.out, c.arrays) {
			t.Errorf("%s: %.150s, sum %v, want %v: %s", c.args, b[10:150], sum, c.sum, r.out)
		}
	}
	for args, want := range map[string]string{
		"f.npy --to frames": "want a window", "f.csv --to frames --count 4": ".npy, .arrow",
		"f.npy --to frames --count 4 --time keep": "--time shift",
		"f.raw --count 4":                         "is for arrays", "f.npy --to voxel --by size": "want time or count",
	} {
		r := runCommand(t.Context(), append([]string{"convert", "in.raw"}, strings.Fields(args)...)...)
		if r.code != exitUsage || !strings.Contains(r.stderr, want) {
			t.Errorf("%s: exit code %d: %s", args, r.code, r.stderr)
		}
	}
}

// npyBoxes are labels as Prophesee's data sets have them.
func npyBoxes(name string, rows ...[]float64) {
	head := "{'descr': [('" + name + "', '<u8'), ('x', '<f4'), ('y', '<f4'), ('w', '<f4'), ('h', '<f4'), ('class_id', 'u1'), " +
		"('confidence', '<f4'), ('track_id', '<u4')], 'fortran_order': False, 'shape': (" + string(rune('0'+len(rows))) + ",), }"
	head += strings.Repeat(" ", 256-11-len(head)) + "\n"
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(head)), byte(len(head)>>8))
	b = append(b, head...)
	le := binary.LittleEndian
	for _, r := range rows {
		b = le.AppendUint64(b, uint64(r[0]))
		for _, v := range r[1:5] {
			b = le.AppendUint32(b, math.Float32bits(float32(v)))
		}
		b = append(b, byte(r[5]))
		b = le.AppendUint32(b, math.Float32bits(1))
		b = le.AppendUint32(b, uint32(r[6]))
	}
	if err := os.WriteFile("a_bbox.npy", b, 0o600); err != nil {
		panic(err)
	}
}

// Labels are truth: between two of a track the box moves, and detections that
// agree with it are right.
func TestLabelsOfPropheseeAreTruth(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"ts", "t"} {
		npyBoxes(name, []float64{100_000, 10, 20, 30, 10, 0, 7}, []float64{200_000, 20, 20, 30, 10, 0, 7}, []float64{150_000, 60, 5, 8, 8, 1, 9})
		truth, err := readTruth("a_bbox.npy", 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(truth) != 12 {
			t.Fatalf("%d boxes", len(truth))
		}
		var lines []string
		for _, g := range truth {
			if g.T == 150_000 && g.ID == 1 && (g.X0 != 15 || g.Y1 != 30 || math.Abs(g.VX-100) > 1e-9) {
				t.Errorf("between two labels: %+v", g)
			}
			lines = append(lines, `{"kind":"motion_update","state":"confirmed","t_us":`+number(g.T)+`,"track_id":`+number(int64(g.ID))+
				`,"x0":`+number(int64(g.X0))+`,"y0":`+number(int64(g.Y0))+`,"x1":`+number(int64(g.X1))+`,"y1":`+number(int64(g.Y1))+`}`)
		}
		if err := os.WriteFile("d.jsonl", []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		r := mustRun(t, 0, "eval", "motion", "--truth", "a_bbox.npy", "--detections", "d.jsonl", "--json")
		if !strings.Contains(r.out, `"recall":1`) || !strings.Contains(r.out, `"precision":1`) {
			t.Errorf("%s", r.out)
		}
	}
	record(t, "a.raw", "evt3", format.Info{Width: 128, Height: 128}, &format.Block{Events: []pipeline.Event{{T: 100_000}, {T: 300_000, X: 5}}})
	r := mustRun(t, 0, "view", "a.raw", "-o", "p.png", "--truth", "a_bbox.npy", "--start", "40ms", "--window", "20ms")
	if !strings.Contains(r.out, "2 boxes") {
		t.Errorf("%s%s", r.out, r.stderr)
	}
	npyBoxes("when", []float64{1, 1, 1, 1, 1, 1, 1})
	if r := runCommand(t.Context(), "view", "a.raw", "-o", "p.png", "--truth", "a_bbox.npy"); !strings.Contains(r.stderr, "have no t or ts") {
		t.Errorf("%s", r.stderr)
	}
}

func TestConvertUndoesDistortion(t *testing.T) {
	t.Chdir(t.TempDir())
	calib := "cam0:\n  camera_model: pinhole\n  distortion_model: radtan\n  intrinsics: [40, 40, 32, 24]\n" +
		"  distortion_coeffs: [-0.2, 0, 0, 0]\n  resolution: [64, 48]\n"
	if err := os.WriteFile("camchain.yaml", []byte(calib+strings.ReplaceAll(calib, "cam0", "cam1")), 0o600); err != nil {
		t.Fatal(err)
	}
	record(t, "in.raw", "evt3", format.Info{Width: 64, Height: 48},
		&format.Block{Events: []pipeline.Event{{T: 1, X: 32, Y: 24}, {T: 2, X: 50, Y: 24}, {T: 3}}})
	mustRun(t, 0, "convert", "in.raw", "out.csv", "--undistort", "camchain.yaml#cam1")
	b, err := os.ReadFile("out.csv")
	if err != nil || string(b) != "t,x,y,p\n1,32,24,0\n2,51,24,0\n" {
		t.Errorf("%q, %v", b, err)
	}
	r := runCommand(t.Context(), "convert", "in.raw", "out.csv", "--undistort", "camchain.yaml")
	if !strings.Contains(r.stderr, "several cameras, name one: cam0, cam1") {
		t.Errorf("%s", r.stderr)
	}
}

func number(v int64) string { return strconv.FormatInt(v, 10) }
