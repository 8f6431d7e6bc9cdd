package cmd

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestPicturesOfTheLiveView takes the pictures of the page that stand in docs, with
// -update; without, it holds that they are there.
//
//	go test ./cmd -run PicturesOfTheLiveView -update
func TestPicturesOfTheLiveView(t *testing.T) {
	const folder = "../docs/images"
	if !*update {
		for _, name := range []string{
			"page.gif", "page-dark.png", "page-light.png", "page-phone-dark.png", "page-phone-light.png", "page-sound.png",
		} {
			if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
				t.Error(err)
			}
		}
		return
	}
	to, err := filepath.Abs(folder)
	if err != nil {
		t.Fatal(err)
	}
	ctx := browser(t)
	t.Chdir("..")
	address := freeAddress(t)
	startRun(t, "run", "configs/motion.yaml", "configs/keywords.yaml", "--view="+address, "--log-level", "error", "--dry-run")
	answers(t, address)
	shots := camera{t: t, folder: to, run: func(actions ...chromedp.Action) {
		t.Helper()
		if err := chromedp.Run(ctx, actions...); err != nil {
			t.Fatal(err)
		}
	}}
	page := func(stream, theme string) chromedp.Action {
		return chromedp.Navigate(fmt.Sprintf("http://%s/?stream=%s&theme=%s", address, stream, theme))
	}
	for _, theme := range []string{"dark", "light"} {
		shots.run(chromedp.EmulateViewport(1280, 1000), page("motion", theme), until(`document.getElementById("mode").textContent !== ""`),
			choose("layer", "0"), choose("speed", "0.25"))
		shots.run(chromedp.Click("#raster"))
		shots.at(.7, .86) // where both disks have met
		shots.take("page-" + theme + ".png")
		shots.run(chromedp.EmulateViewport(390, 844))
		shots.at(.7, .86)
		shots.take("page-phone-" + theme + ".png")
	}
	shots.run(chromedp.EmulateViewport(900, 620), page("motion", "dark"), until(`document.getElementById("mode").textContent !== ""`))
	shots.film("page.gif", 20, .2, .06)
	shots.run(choose("speed", "1"))
	shots.run(chromedp.EmulateViewport(1100, 760), page("keywords", "dark"),
		until(`document.getElementById("clock").textContent > "5.0" && document.getElementById("detections").textContent.includes("computer")`))
	shots.take("page-sound.png")
}

// camera takes pictures of the page.
type camera struct {
	t      *testing.T
	folder string
	run    func(...chromedp.Action)
}

// choose picks an option of a menu.
func choose(id, value string) chromedp.Action {
	return chromedp.Evaluate(fmt.Sprintf(`document.getElementById(%q).onchange({target: {value: %q}})`, id, value), nil)
}

// at plays a replay of two seconds from a time, and waits until the clock shows a
// later one, so that rates have settled.
func (c camera) at(from, clock float64) {
	c.run(chromedp.Evaluate(fmt.Sprintf(`document.getElementById("seek").onchange({target: {value: %v}})`, from/2*1000), nil),
		chromedp.Sleep(300*time.Millisecond), reached(clock))
}

// reached waits for the clock of a replay that repeats.
func reached(clock float64) chromedp.Action {
	return until(fmt.Sprintf(`(x => x >= %v && x < %[1]v + .1)(parseFloat(document.getElementById("clock").textContent))`, clock))
}

func (c camera) shot() []byte {
	var picture []byte
	c.run(chromedp.CaptureScreenshot(&picture))
	return picture
}

func (c camera) take(name string) {
	c.run(chromedp.Evaluate(`scrollTo(0, 0)`, nil))
	if err := os.WriteFile(filepath.Join(c.folder, name), c.shot(), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// film writes a GIF of frames of a replay from a time, s, with a distance.
func (c camera) film(name string, frames int, from, distance float64) {
	var film gif.GIF
	var colours color.Palette
	var shown []uint8 // what stands there, in colours
	c.at(from, from)
	for i := range frames {
		c.run(reached(from + float64(i)*distance))
		picture, err := png.Decode(bytes.NewReader(c.shot()))
		if err != nil {
			c.t.Fatal(err)
		}
		if colours == nil {
			colours = append(commonest(picture), color.RGBA{}) // what stays is transparent, and takes few bytes
		}
		frame := image.NewPaletted(picture.Bounds(), colours)
		draw.Draw(frame, frame.Bounds(), picture, image.Point{}, draw.Src)
		whole := slices.Clone(frame.Pix)
		for i, v := range shown {
			if v == whole[i] {
				frame.Pix[i] = uint8(len(colours) - 1)
			}
		}
		shown = whole
		film.Image, film.Delay = append(film.Image, frame), append(film.Delay, 10)
	}
	var out bytes.Buffer
	if err := gif.EncodeAll(&out, &film); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.folder, name), out.Bytes(), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// commonest are up to 128 colours that a picture has most of.
func commonest(m image.Image) color.Palette {
	counts := map[color.RGBA]int{}
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
			c := color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)
			counts[c]++
		}
	}
	var all []color.RGBA
	for c := range counts {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int { return counts[b] - counts[a] })
	var p color.Palette
	for _, c := range all[:min(len(all), 128)] {
		p = append(p, c)
	}
	return p
}
