package filter

import (
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/pipeline"
)

// drawing shows which pixels a filter keeps.
func drawing(t *testing.T, c Config, width, height int) string {
	t.Helper()
	chain, err := New([]Config{c}, width, height)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for y := range height {
		for x := range width {
			mark := "#"
			if len(chain.Filter([]pipeline.Event{{X: uint16(x), Y: uint16(y)}})) == 0 {
				mark = "."
			}
			b.WriteString(mark)
		}
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

func writePicture(t *testing.T, width, height int, bright func(x, y int) color.Color) string {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		m.Set(i%width, i/width, bright(i%width, i/width))
	}
	path := filepath.Join(t.TempDir(), "mask.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMasksByShape(t *testing.T) {
	t.Parallel()
	picture := writePicture(t, 5, 3, func(x, y int) color.Color {
		switch {
		case x == 0:
			return color.NRGBA{255, 255, 255, 0} // transparent
		case x == y:
			return color.NRGBA{100, 100, 100, 255}
		}
		return color.NRGBA{200, 200, 200, 255}
	})
	for name, c := range map[string]struct {
		config Config
		want   string
	}{
		"nothing":             {Config{}, "##### ##### #####"},
		"a rectangle":         {Config{X: 1, Y: 1, Width: 2}, "##### #..## #..##"},
		"a corner":            {Config{Width: 2, Height: 1}, "..### ##### #####"},
		"outside a rectangle": {Config{X: 1, Y: 1, Width: 2, Height: 1, Outside: true}, "..... .##.. ....."},
		"a polygon":           {Config{Polygon: "0,0 3,0 0,3"}, "..### .#### #####"},
		"a picture":           {Config{Picture: picture}, ".#### ..### .#.##"},
		"two shapes":          {Config{Pixels: []Pixel{{4, 0}}, Polygon: "0,2 5,2 5,3 0,3"}, "####. ##### ....."},
	} {
		c.config.Type = "mask"
		if got := drawing(t, c.config, 5, 3); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// A GIF may hold a part of its picture alone: the rest is dark, and the part stays
// where it is.
func TestAPartOfAPictureStaysInItsPlace(t *testing.T) {
	t.Parallel()
	part := image.NewPaletted(image.Rect(2, 1, 4, 3), color.Palette{color.White, color.Black})
	part.SetColorIndex(3, 2, 1)
	path := filepath.Join(t.TempDir(), "mask.gif")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	whole := image.Config{ColorModel: part.Palette, Width: 5, Height: 3}
	if err := gif.EncodeAll(f, &gif.GIF{Image: []*image.Paletted{part}, Delay: []int{0}, Config: whole}); err != nil {
		t.Fatal(err)
	}
	if got, want := drawing(t, Config{Type: "mask", Picture: path}, 5, 3), "..... ..##. ..#.."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestMasksThatCannotBe(t *testing.T) {
	t.Parallel()
	grey := func(int, int) color.Color { return color.Gray{200} }
	text := filepath.Join(t.TempDir(), "mask.png")
	if err := os.WriteFile(text, []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]Config{
		"the picture has 4x4 px, the sensor 5x3": {Picture: writePicture(t, 4, 4, grey)},
		"no such file":                           {Picture: filepath.Join(t.TempDir(), "none.png")},
		"unknown format":                         {Picture: text},
		"want 3 to 256 corners":                  {Polygon: "1,2 3,4"},
		"does not lie within 5x3 px":             {X: 3, Width: 9},
	} {
		c.Type = "mask"
		if _, err := New([]Config{c}, 5, 3); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
