package picture

import (
	"image/color"
	"strings"
	"testing"
)

func TestAFlowIsColouredByItsDirection(t *testing.T) {
	t.Parallel()
	f := Flow{Width: 40, Height: 20, Scale: 4, Note: "flow"}
	img, err := f.Paint([]FlowVector{
		{1, 1, 100, 0}, {3, 1, -100, 0}, {5, 1, 0, 100}, {7, 1, 0, -100}, {9, 1, 10, 0}, {9, 1, 100, 0}, {500, 1, 1, 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	if size := img.Rect.Size(); size.X != 160 || size.Y != 80+captionHeight {
		t.Errorf("%v", size)
	}
	at := func(x, y int) color.RGBA { return img.RGBAAt(x*4+2, y*4+2) }
	right := at(1, 1)
	if right != wheelTints[0] || at(9, 1) != right {
		t.Errorf("to the right it is %v, the last flow of a pixel %v", right, at(9, 1))
	}
	seen := map[color.RGBA]bool{}
	for x := 1; x <= 7; x += 2 {
		seen[at(x, 1)] = true
	}
	if len(seen) != 4 || at(20, 10) != ground {
		t.Errorf("%d colours for 4 directions, %v where nothing moves", len(seen), at(20, 10))
	}
	slow, err := f.Paint([]FlowVector{{1, 1, 10, 0}, {2, 1, 100, 0}, {3, 1, 100, 0}})
	if err != nil {
		t.Fatal(err)
	}
	if c := slow.RGBAAt(6, 6); c.R >= right.R {
		t.Errorf("a slow flow is as bright as a fast one: %v", c)
	}
}

func TestFlowsThatCannotBePaintedAreRefused(t *testing.T) {
	t.Parallel()
	if _, err := (Flow{Width: 40, Height: 20}).Paint(nil); err == nil || !strings.Contains(err.Error(), "no flow") {
		t.Errorf("%v", err)
	}
	if _, err := (Flow{Width: 0, Height: 20}).Paint([]FlowVector{{}}); err == nil {
		t.Error("a sensor without pixels is painted")
	}
}
