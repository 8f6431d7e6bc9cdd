package cmd

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What moves to the right at 0 degrees has a flow to the right: red above all, as the wheel
// has it.
func TestAFlowIsPainted(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "bar.raw"), filepath.Join(dir, "flow.png")
	runQuietly(t, "simulate", "bar-0", "-o", in, "--noise", "0", "--duration", "700ms")
	said := output(t, "view", in, "-o", out, "--style", "flow", "--start", "400ms", "--window", "50ms", "--scale", "2", "--plain")
	if !strings.Contains(said, "flows in 0.050 s") {
		t.Error(said)
	}
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	red, other := 0, 0
	for y := range img.Bounds().Dy() - 30 { // without the caption
		for x := range img.Bounds().Dx() * 4 / 5 { // and the wheel
			switch r, g, b, _ := img.At(x, y).RGBA(); {
			case r > 0x8000 && r > 3*g/2 && r > 3*b/2:
				red++
			case r > 0x4000 || g > 0x4000 || b > 0x4000:
				other++
			}
		}
	}
	if red < 400 || other > red/4 {
		t.Errorf("%d pixels move to the right, %d elsewhere", red, other)
	}
	for _, wrong := range [][]string{
		{"view", in, "-o", filepath.Join(dir, "flow.gif"), "--style", "flow"},
		{"view", in, "-o", out, "--style", "flow", "--detections", in},
		{"view", in, "-o", out, "--style", "flow", "--window", "0s"},
		{"view", in, "-o", filepath.Join(dir, "none.png"), "--style", "flow", "--start", "0", "--window", "1us"},
	} {
		root := ganglion.newRoot()
		root.SetOut(new(strings.Builder))
		root.SetErr(new(strings.Builder))
		root.SetArgs(wrong)
		if err := root.Execute(); err == nil {
			t.Errorf("%v is taken", wrong)
		}
	}
}
