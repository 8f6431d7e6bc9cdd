package picture

import (
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// inked are the columns (or rows) at which a line of a picture has a colour.
func inked(img *image.RGBA, from, to image.Point, c color.RGBA) []int {
	at := []int{}
	for p := from; p != to; {
		if img.RGBAAt(p.X, p.Y) == c {
			at = append(at, p.X-from.X+p.Y-from.Y)
		}
		if from.X != to.X {
			p.X++
		} else {
			p.Y++
		}
	}
	return at
}

func TestAxesCountPixels(t *testing.T) {
	t.Parallel()
	c := Config{Width: 40, Height: 24, Style: Polarity, Window: 1000, Scale: 8, Title: "crossing.raw"}
	_, frames := reel(t, c, nil, 0, 1000, events([3]int64{0, 0, 1}, [3]int64{39, 23, 2}, [3]int64{10, 20, 3}))
	f := frames[0]
	s, err := newSheet(c.Title, "", c.Width, c.Height, c.Scale)
	if err != nil {
		t.Fatal(err)
	}
	if want := image.Pt(s.origin.X+40*8+sheetRight, sheetTop+24*8+sheetBottom+captionHeight); f.Rect.Max != want {
		t.Fatalf("frame of %v, want %v", f.Rect.Max, want)
	}
	bottom := s.origin.Y + 24*8
	right := s.origin.X + 40*8
	// Marks are at the middle of pixels: all two of a ruler of ten, and the longer tens.
	all, tens := []int{}, []int{}
	for v := 0; v < 40; v += 2 {
		all = append(all, 8*v+4)
		if v%10 == 0 {
			tens = append(tens, 8*v+4)
		}
	}
	across := func(y int) []int { return inked(f, image.Pt(s.origin.X, y), image.Pt(right, y), dimInk) }
	down := func(x int) []int { return inked(f, image.Pt(x, s.origin.Y), image.Pt(x, bottom), dimInk) }
	for name, diff := range map[string]string{
		"marks below":        cmp.Diff(all, across(bottom+minorTick-1)),
		"long marks below":   cmp.Diff(tens, across(bottom+majorTick-1)),
		"marks at the left":  cmp.Diff(all[:12], down(s.origin.X-minorTick)),
		"long marks at left": cmp.Diff(tens[:3], down(s.origin.X-majorTick)),
	} {
		if diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	// The pixels are where the axes say, and nothing covers any other.
	lone := polarityColor(1, 0, halfStrength(8))
	for y := range 24 * 8 {
		for x := range 40 * 8 {
			want := ground
			switch [2]int{x / 8, y / 8} {
			case [2]int{0, 0}, [2]int{39, 23}, [2]int{10, 20}:
				want = lone
			}
			if got := f.RGBAAt(s.origin.X+x, s.origin.Y+y); got != want {
				t.Fatalf("pixel %d,%d is %v, want %v", x/8, y/8, got, want)
			}
		}
	}
}

func TestTheTitleNamesTheFileAndTheRulerItsLength(t *testing.T) {
	t.Parallel()
	s, err := newSheet("crossing.raw", "", 128, 128, 8)
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(image.Rectangle{Max: s.size})
	s.paint(img)
	want := image.NewRGBA(img.Rect)
	fillRect(want, want.Rect, strip)
	s.bold.write(want, "crossing.raw", captionPad, sheetTop-10, ink)
	width := s.bold.width("crossing.raw")
	for y := range sheetTop {
		for x := range captionPad + width {
			if img.RGBAAt(x, y) != want.RGBAAt(x, y) {
				t.Fatalf("the title is not at its place: %d,%d", x, y)
			}
		}
	}
	if step, minor := s.steps(); step != 10 || minor != 2 {
		t.Errorf("labels every %d px, marks every %d", step, minor)
	}
	end := s.size.X - captionPad - s.text.width("10 px, scale 8") - 6
	line := inked(img, image.Pt(0, sheetTop-14), image.Pt(end+1, sheetTop-14), dimInk)
	if len(line) != 80 || line[0] != end-80 {
		t.Errorf("the ruler of 10 px is %d px long and begins at %v, not at %d", len(line), line[:min(1, len(line))], end-80)
	}
}

func TestStepsAreRoundAndApart(t *testing.T) {
	t.Parallel()
	for scale, want := range map[int][2]int{1: {100, 20}, 2: {50, 10}, 3: {20, 5}, 8: {10, 2}, 16: {5, 1}, 28: {2, 1}, 64: {1, 1}} {
		if step, minor := (&sheet{scale: scale}).steps(); step != want[0] || minor != want[1] {
			t.Errorf("scale %d: labels every %d px, marks every %d; want %v", scale, step, minor, want)
		}
	}
}

func TestALongNameIsCutInItsMiddle(t *testing.T) {
	t.Parallel()
	for _, size := range []image.Point{{1, 1}, {20, 300}, {128, 128}} {
		name := strings.Repeat("a very long name ", 20) + ".raw"
		s, err := newSheet(name, "note", size.X, size.Y, 1)
		if err != nil {
			t.Fatal(err)
		}
		img := image.NewRGBA(image.Rectangle{Max: s.size})
		s.paint(img)
		short := s.bold.fit(name, 150)
		if s.bold.width(short) > 150 || !strings.HasPrefix(short, "a very") || !strings.HasSuffix(short, ".raw") ||
			!strings.Contains(short, "…") {
			t.Errorf("%q", short)
		}
	}
	face, err := newTypeface(14, true)
	if err != nil {
		t.Fatal(err)
	}
	if got := face.fit("short", math.MaxInt); got != "short" {
		t.Error(got)
	}
	if got := face.fit("none", 0); got != "…" {
		t.Errorf("no room: %q", got)
	}
}

func TestFlowsAndHeatHaveAxesToo(t *testing.T) {
	t.Parallel()
	flow, err := Flow{Width: 40, Height: 20, Scale: 4, Title: "a.raw", Note: "flow"}.Paint([]FlowVector{{1, 1, 100, 0}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSheet("a.raw", "", 40, 20, 4)
	if err != nil {
		t.Fatal(err)
	}
	if got := flow.RGBAAt(s.origin.X+6, s.origin.Y+6); got != wheelTints[0] {
		t.Errorf("a flow to the right is %v", got)
	}
	if got := flow.RGBAAt(s.origin.X-1, s.origin.Y+2); got != dimInk {
		t.Errorf("the mark of the first row is %v", got)
	}
}
