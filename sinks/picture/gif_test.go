package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"math"
	"math/rand/v2"
	"testing"

	"ganglion/pipeline"
)

// movie is a scene of noise and one moving track, as a GIF and as the frames
// that it was made of.
func movie(t *testing.T, style Style) (data []byte, frames []*image.RGBA) {
	t.Helper()
	c := Config{Width: 60, Height: 40, Style: style, Window: 10_000, Scale: 2}
	var ds []pipeline.Detection
	var es []pipeline.Event
	r := rand.New(rand.NewPCG(1, 2))
	for at := int64(0); at < 80_000; at += 100 {
		es = append(es, pipeline.Event{T: at, X: uint16(r.IntN(60)), Y: uint16(r.IntN(40)), P: uint8(r.IntN(2))})
		if at%10_000 == 0 {
			d := box(1, pipeline.MotionUpdate, at)
			d.X0, d.X1 = d.X0+float32(at)/10_000, d.X1+float32(at)/10_000
			ds = append(ds, d)
		}
	}
	p, err := New(c, newTracks(t, ds...))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	g, err := NewGIF(&b, p, 20)
	if err != nil {
		t.Fatal(err)
	}
	f := NewFilm(p, 0, math.MaxInt64, func(frame *image.RGBA) error {
		kept := image.NewRGBA(frame.Rect)
		copy(kept.Pix, frame.Pix)
		frames = append(frames, kept)
		return g.Add(frame)
	})
	if err := errors.Join(f.Add(es), f.Close(), g.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), frames
}

func TestAGIFShowsTheFramesInThePalettesColours(t *testing.T) {
	t.Parallel()
	for _, style := range styles() {
		data, frames := movie(t, style)
		film, err := gif.DecodeAll(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", style, err)
		}
		if len(film.Image) != len(frames) || len(frames) != 8 || film.LoopCount != 0 {
			t.Fatalf("%s: %d of %d frames, loop count %d", style, len(film.Image), len(frames), film.LoopCount)
		}
		palette := gifPalette(style)
		opaque := palette[:len(palette)-1]
		screen := image.NewRGBA(frames[0].Rect)
		for i, img := range film.Image {
			if film.Delay[i] != 5 {
				t.Errorf("%s: frame %d stays %d/100 s", style, i, film.Delay[i])
			}
			draw.Draw(screen, img.Rect, img, img.Rect.Min, draw.Over)
			compare(t, style, i, screen, frames[i], opaque)
		}
	}
}

// compare demands that a decoded frame has the palette's nearest colours, and
// that those are near.
func compare(t *testing.T, style Style, frame int, got, want *image.RGBA, palette color.Palette) {
	t.Helper()
	worst := 0
	for y := range want.Rect.Max.Y {
		for x := range want.Rect.Max.X {
			w := want.RGBAAt(x, y)
			near := palette.Convert(w).(color.RGBA)
			if g := got.RGBAAt(x, y); g != near {
				t.Fatalf("%s: frame %d at %d,%d: %v, want %v", style, frame, x, y, g, near)
			}
			for _, d := range []int{int(near.R) - int(w.R), int(near.G) - int(w.G), int(near.B) - int(w.B)} {
				worst = max(worst, d, -d)
			}
		}
	}
	if worst > 48 {
		t.Errorf("%s: frame %d: a colour is off by %d", style, frame, worst)
	}
}

func TestFramesAlikeCostLittle(t *testing.T) {
	t.Parallel()
	p, err := New(Config{Width: 100, Height: 100, Style: Polarity, Window: 1000, Scale: 4}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	g, err := NewGIF(&b, p, 20)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Add(p.paint(0)); err != nil {
		t.Fatal(err)
	}
	before := b.Len()
	if err := g.Add(p.paint(0)); err != nil {
		t.Fatal(err)
	}
	if n := b.Len() - before; n > 40 {
		t.Errorf("a frame like the one before takes %d bytes", n)
	}
}

func TestPalettesFit(t *testing.T) {
	t.Parallel()
	for _, s := range styles() {
		if n := len(gifPalette(s)); n > gifColors {
			t.Errorf("%s: %d colours", s, n)
		}
	}
}

func TestFrameRatesAreBounded(t *testing.T) {
	t.Parallel()
	p, err := New(small, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, fps := range []float64{0, 0.09, 51, math.NaN(), math.Inf(1), -1} {
		if _, err := NewGIF(nil, p, fps); err == nil {
			t.Errorf("%g frames a second are accepted", fps)
		}
	}
	g, err := NewGIF(nil, p, 30)
	if err != nil {
		t.Fatal(err)
	}
	if got := g.FPS(); math.Abs(got-100.0/3) > 1e-9 {
		t.Errorf("30 frames a second become %g", got)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestAFullDiskIsReported(t *testing.T) {
	t.Parallel()
	p, err := New(small, nil)
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewGIF(full{}, p, 20)
	if err != nil {
		t.Fatal(err)
	}
	if g.Add(p.paint(0)) == nil || g.Close() == nil {
		t.Error("no error")
	}
}
