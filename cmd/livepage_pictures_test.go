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
	// A replay is paused and stepped to where both disks have met, a word was heard.
	shots.run(chromedp.EmulateViewport(1280, 860), page("motion", "dark"), until(`document.getElementById("clock").textContent > "0.3"`),
		chromedp.KeyEvent(" "), until(`document.getElementById("play").textContent === "play"`))
	for _, theme := range []string{"dark", "light"} {
		shots.run(chromedp.EmulateViewport(1280, 1000), page("motion", theme), until(`document.getElementById("mode").textContent !== ""`))
		shots.run(chromedp.Evaluate(`document.getElementById("layer").onchange({target: {value: "0"}})`, nil))
		shots.step(20)
		shots.run(chromedp.Click("#raster"))
		shots.step(30)
		shots.take("page-" + theme + ".png")
		shots.run(chromedp.EmulateViewport(390, 844), chromedp.Sleep(time.Second))
		shots.step(5)
		shots.take("page-phone-" + theme + ".png")
	}
	shots.run(chromedp.EmulateViewport(900, 620), page("motion", "dark"), until(`document.getElementById("mode").textContent !== ""`))
	shots.film("page.gif", 20, 6)
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

// step lets windows of a paused replay through, and waits until they are painted.
func (c camera) step(windows int) {
	for range windows {
		c.run(chromedp.Evaluate(`document.body.dispatchEvent(new KeyboardEvent("keydown", {key: ".", bubbles: true}))`, nil))
	}
	c.run(chromedp.Sleep(700 * time.Millisecond))
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

// film writes a GIF of frames, each so many windows behind the one before.
func (c camera) film(name string, frames, windows int) {
	var film gif.GIF
	var colours color.Palette
	for range frames {
		c.step(windows)
		picture, err := png.Decode(bytes.NewReader(c.shot()))
		if err != nil {
			c.t.Fatal(err)
		}
		if colours == nil {
			colours = commonest(picture)
		}
		frame := image.NewPaletted(picture.Bounds(), colours)
		draw.Draw(frame, frame.Bounds(), picture, image.Point{}, draw.Src)
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

// commonest are up to 64 colours that a picture has most of, of 4 bits a channel.
func commonest(m image.Image) color.Palette {
	counts := map[color.RGBA]int{}
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
			c := color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)
			c.R, c.G, c.B = c.R&0xf0|c.R>>4, c.G&0xf0|c.G>>4, c.B&0xf0|c.B>>4
			counts[c]++
		}
	}
	var all []color.RGBA
	for c := range counts {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int { return counts[b] - counts[a] })
	var p color.Palette
	for _, c := range all[:min(len(all), 64)] {
		p = append(p, c)
	}
	return p
}
